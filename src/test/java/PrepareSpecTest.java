import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PrepareSpecTest {
  private static final YAMLMapper YAML = new YAMLMapper();

  @ParameterizedTest
  @ValueSource(strings = {"openapi/nano-banana.yaml", "src/test/resources/spec/nasty.yaml"})
  void theSpecsOfThisBuildAreSupported(File spec) throws IOException {
    assertThat(PrepareSpec.unsupported(YAML.readTree(spec))).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          {oneOf: [{type: string}, {type: integer}]}    | Schema Pet has oneOf, which is not supported: Java has no type for one of several; write one object with optional properties.
          {anyOf: [{type: string}]}                     | Schema Pet has anyOf, which is not supported: Java has no type for any of several; write one object with optional properties.
          {allOf: [{$ref: '#/components/schemas/Pet'}]} | Schema Pet has allOf, which is not supported: records can't be combined; write all properties into one object.
          {type: object, discriminator: {}}             | Schema Pet has discriminator, which is not supported: records have no subtypes; write one object with optional properties.
          {not: {type: string}}                         | Schema Pet has not, which is not supported: only the rules of an allOf may say what a value is not.
          {if: {}}                                      | Schema Pet has if, which is not supported: a rule is a branch of allOf, with a title that says it.
          {$comment: a}                                 | Schema Pet has $comment, which is not supported: the templates do not know it here.
          {type: string, enum: [a], x-open-enum: true} | Schema Pet has x-open-enum, which is not supported: an open enum is anyOf: [{type: string, enum: [...]}, {type: string}], which every validator understands.
          {anyOf: [{type: string, enum: [a]}, {type: integer}]} | Schema Pet has anyOf, which is not supported: Java has no type for any of several; write one object with optional properties.
          {type: string, x-open-enums: true}            | Schema Pet has x-open-enums, which is not supported: the templates do not know it here.
          {type: string, minItems: 1}                   | Schema Pet has minItems, which is not supported: the templates do not know it here.
          {type: string, readOnly: true}                | Schema Pet has readOnly, which is not supported: the templates do not know it here.
          {type: file}                                  | Schema Pet has the type file, which is not supported: Java has no type for it.
          {patternProperties: {}}                       | Schema Pet has patternProperties, which is not supported: the templates do not know it here.
          {type: array}                                 | Schema Pet, its items, has no schema, which is not supported: there is no Java type for it.
          {type: array, prefixItems: [], items: {}}     | Schema Pet has prefixItems, which is not supported: the templates do not know it here.
          {type: string, nullable: true}                | Schema Pet has nullable, which is not supported: OpenAPI 3.1 says type: [..., 'null'].
          {type: [string, integer]}                     | Schema Pet has the type string or integer, which is not supported: Java has no type for it.
          {type: string, format: binary}                | Schema Pet has format binary, which is not supported: the templates have no Java type for it.
          {type: integer, format: uint8}                | Schema Pet has format uint8, which is not supported: the templates have no Java type for it.
          {type: string, contentEncoding: base64}       | Schema Pet has contentEncoding, which is not supported: write format: byte instead.
          {type: integer, enum: [1, 2]}                 | Schema Pet has an enum of integer, which is not supported: the templates have enums of strings only.
          {type: string, enum: ['*/']}                  | Schema Pet has the value "*/", which is not supported: it can't be written into Java as it is.
          {type: string, enum: [中文]}                   | Schema Pet has the value "中文", which is not supported: it needs a name for Java in x-enum-varnames.
          {type: string, enum: [a], x-enum-varnames: [A, B]}    | Schema Pet has x-enum-varnames, which is not supported: there are not as many different names as values.
          {type: string, enum: [a, b], x-enum-varnames: [A, A]} | Schema Pet has x-enum-varnames, which is not supported: there are not as many different names as values.
          {type: string, enum: [a], x-enum-varnames: [a-b]}     | Schema Pet has the name "a-b", which is not supported: Java has no such names.
          {anyOf: [{type: string, enum: [Unrecognized]}, {type: string}]} | Schema Pet has the value "Unrecognized", which is not supported: that is what an open enum calls all others.
          {type: object, properties: {kind: {type: string, enum: [a]}}}    | Schema Pet, property kind, has an enum without a name, which is not supported: make it a schema of its own and refer to it.
          {type: object, properties: {a: {items: {oneOf: []}, type: array}}} | Schema Pet, property a, its items, has oneOf, which is not supported: Java has no type for one of several; write one object with optional properties.
          {type: object, additionalProperties: {anyOf: []}}               | Schema Pet, its values, has anyOf, which is not supported: Java has no type for any of several; write one object with optional properties.
          {type: object, properties: {a: {}}, additionalProperties: true} | Schema Pet has properties and additionalProperties, which is not supported: every record keeps unknown properties.
          {type: object, properties: {foo-bar: {}, foo_bar: {}}}          | Schema Pet has the properties foo-bar and foo_bar, which is not supported: both have the same Java name.
          {type: object, properties: {'a"b': {}}}                         | Schema Pet has the property a"b, which is not supported: its name can't be written into Java as it is.
          {type: object, properties: {a: {$ref: other.yaml}}}             | Schema Pet, property a, has $ref other.yaml, which is not supported: only schemas of the same file are found.
          {type: object, properties: {a: {$ref: '#/components/schemas/Pet', default: {}}}} | Schema Pet, property a, has default beside $ref, which is not supported: put it into the schema that is referred to.
          {type: string, format: byte, default: AA==}   | Schema Pet has a default of format byte, which is not supported: say it in the description instead.
          {type: string, default: "a\\nb"}              | Schema Pet has a default with a line break or /* in it, which is not supported: say it in the description.
          """)
  void aSchemaThatHasNoJavaTypeIsRefusedInOneSentence(String schema, String sentence)
      throws IOException {
    assertThat(PrepareSpec.unsupported(spec("Pet: " + schema, "{}"))).containsExactly(sentence);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          requestBody: {required: true, content: {multipart/form-data: {}}} | Operation feed has multipart/form-data, which is not supported: the library speaks JSON only.
          requestBody: {content: {}}                                        | Operation feed has an optional request body, which is not supported: Retrofit sends a body or has none.
          responses: {'200': {content: {application/json: {schema: {type: string}}}}} | The JSON of Operation feed has neither an object with properties nor a list of them, which is not supported: only these have an adapter.
          responses: {'200': {content: {application/json: {schema: {$ref: '#/components/schemas/Pet'}}}}, '201': {content: {application/json: {schema: {$ref: '#/components/schemas/Pet'}}}}} | Operation feed has several kinds of success, which is not supported: a Java method returns one type.
          parameters: [{name: a, in: cookie, schema: {type: string}}]       | Parameter a of feed has in: cookie, which is not supported: the templates send no such thing.
          parameters: [{name: a, in: query, style: deepObject, schema: {type: string}}] | Parameter a of feed has style, which is not supported: the templates do not know it here.
          parameters: [{name: a, in: query, schema: {type: object}}]        | Parameter a of feed has a value of type object, which is not supported: a parameter is text or a number.
          parameters: [{name: a, in: header, schema: {type: array, items: {type: string}}}] | Parameter a of feed has an array in the header, which is not supported: only a query has one.
          parameters: [{name: a, in: query, schema: {type: string, format: date-time}}]     | Parameter a of feed has format date-time, which is not supported: Retrofit would write it in Java's way.
          responses: {'200': {links: {}}}                                   | Response 200 of Operation feed has links, which is not supported: the templates do not know it here.
          callbacks: {}                                                     | Operation feed has callbacks, which is not supported: the templates do not know it here.
          """)
  void anOperationThatRetrofitCannotCallIsRefusedInOneSentence(String part, String sentence)
      throws IOException {
    JsonNode spec =
        spec("Pet: {type: object, properties: {a: {}}}", "{operationId: feed, " + part + "}");

    assertThat(PrepareSpec.unsupported(spec)).containsExactly(sentence);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          pet: {type: string} | Schema pet has this name, which is not supported: no Java type of the library can have it.
          List: {type: string} | Schema List has this name, which is not supported: no Java type of the library can have it.
          """)
  void aSchemaWhoseNameIsNoneForAJavaTypeIsRefused(String schema, String sentence)
      throws IOException {
    assertThat(PrepareSpec.unsupported(spec(schema, "{}"))).containsExactly(sentence);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          {type: string, maxLength: 4000}                  | Schema Pet has maxLength, but not what enforces it: add x-enforced-by: {maxLength: ...} with the rule of RequestRules, or with nothing.
          {type: object, properties: {a: {type: array, items: {type: string, pattern: a}, minItems: 1}}} | Schema Pet, property a, has minItems, but not what enforces it: add x-enforced-by: {minItems: ...} with the rule of RequestRules, or with nothing. Schema Pet, property a, its items, has pattern, but not what enforces it: add x-enforced-by: {pattern: ...} with the rule of RequestRules, or with nothing.
          {type: object, allOf: [{title: A., if: {}, then: {}}]} | The rule "A." of Schema Pet has no x-enforced-by: add it with the rule of RequestRules, or with nothing.
          {type: string, minLength: 1, maxLength: 2, x-enforced-by: {minLength: A}} | Schema Pet has maxLength, but not what enforces it: add x-enforced-by: {maxLength: ...} with the rule of RequestRules, or with nothing.
          {type: string, x-enforced-by: {minLength: A}}    | Schema Pet has x-enforced-by: {minLength: ...}, which is not supported: the schema has no minLength.
          {type: string, x-enforced-by: {length: A}}       | Schema Pet has x-enforced-by: {length: ...}, which is not supported: that is not a limit.
          {type: string, minLength: 1, x-enforced-by: {minLength: A}} | ''
          """)
  void aLimitOnARequestNeedsSomethingThatEnforcesIt(String schema, String sentences)
      throws IOException {
    assertThat(String.join(" ", PrepareSpec.unsupported(spec("Pet: " + schema, "{}"))))
        .isEqualTo(sentences);
  }

  @Test
  void aLimitInAResponseIsDocumentationOnly() throws IOException {
    String pet = "Pet: {type: object, properties: {a: {type: string, maxLength: 5}}}";
    String content = "content: {application/json: {schema: {$ref: '#/components/schemas/Pet'}}}";

    assertThat(PrepareSpec.unsupported(spec(pet, "{responses: {'200': {" + content + "}}}")))
        .isEmpty();
    assertThat(
            PrepareSpec.unsupported(spec(pet, "{requestBody: {required: true, " + content + "}}")))
        .hasSize(1);
  }

  @Test
  void anotherVersionOfOpenApiIsRefused() throws IOException {
    assertThat(PrepareSpec.unsupported(YAML.readTree("{openapi: 3.0.3}")))
        .containsExactly(
            "The spec has another version than OpenAPI 3.1, which is not supported: keywords mean"
                + " other things there.");
  }

  @Test
  void invalidYamlIsRefusedWithItsLine(@TempDir Path folder) throws IOException {
    Path spec = folder.resolve("spec.yaml");
    Files.writeString(spec, "openapi: 3.1.0\ninfo: a: b\n");

    assertThat(PrepareSpec.prepare(spec, folder))
        .containsExactly("Invalid YAML at line 2, column 8: mapping values are not allowed here.");
    assertThat(folder.resolve("spec.json")).doesNotExist();
  }

  @Test
  void onlyWhatJavadocWouldMisreadIsChangedInTexts(@TempDir Path folder) throws IOException {
    PrepareSpec.main(new String[] {folder.toString(), "src/test/resources/spec/nasty.yaml"});
    JsonNode prepared = new ObjectMapper().readTree(folder.resolve("nasty.json").toFile());

    assertThat(prepared.at("/components/schemas/Names/description").asText())
        .isEqualTo("Names that Java, or the generated code itself, has other uses for.");
    assertThat(prepared.at("/components/schemas/Keyword/x-enum-descriptions/0").asText())
        .isEqualTo("&#64;class is &quot;quoted&quot;, &lt;b&gt; &amp; *&#47;");
    assertThat(prepared.at("/info/description").asText())
        .isEqualTo(
            "&#64;author is no tag here, {&#64;link nowhere} no link and &#92;u002a&#92;u002f no"
                + " end of a comment. <p>A second paragraph, with &lt;T&gt; &amp; 中文.");
    assertThat(prepared.at("/components/schemas/Keyword/enum/6").asText()).isEqualTo("quo\"te\\");
  }

  private static ObjectNode spec(String schema, String operation) throws IOException {
    return (ObjectNode)
        YAML.readTree(
            """
            openapi: 3.1.0
            paths:
              /pets:
                get: %s
            components:
              schemas:
                %s
            """
                .formatted(operation, schema));
  }
}
