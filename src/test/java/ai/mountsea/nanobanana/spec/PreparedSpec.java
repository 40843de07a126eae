package ai.mountsea.nanobanana.spec;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * What the generator gets to read. The build runs this file before it generates:
 *
 * <pre>{@code
 * java PreparedSpec.java target/spec openapi/nano-banana.yaml
 * }</pre>
 *
 * <p>It refuses, with a sentence for each, what the templates make nothing sensible of; the
 * generator itself would drop it or emit junk. And it makes texts fit for Javadoc, since a mustache
 * template can't.
 */
public final class PreparedSpec {
  private static final Pattern TYPE_NAME = Pattern.compile("[A-Z][A-Za-z0-9]*");
  private static final Pattern JAVA_NAME = Pattern.compile("[A-Za-z_$][A-Za-z0-9_$]*");
  private static final Pattern NO_LITERAL = Pattern.compile("[\\n\\r\\t]|\\*/|/\\*|[{}]");
  private static final Pattern NO_NAME = Pattern.compile("[\"\\\\\\p{Cc}{}]|\\*/|/\\*");

  /** Types that the generated code itself uses by their short names. */
  private static final Set<String> TAKEN =
      words(
          "Annotation ApiJsonAdapters ArrayList Arrays BigDecimal Body Boolean Builder ByteString Call"
              + " Collections DateTimeException DateTimeFormatter Double Float Function Header"
              + " IOException IllegalArgumentException Integer Json JsonAdapter JsonDataException"
              + " JsonReader JsonWriter LinkedHashMap List LocalDate Long Map Moshi NullMarked"
              + " NullPointerException Nullable Object Objects OffsetDateTime Override Path Query"
              + " Record Set String SuppressWarnings Type UUID Void");

  private static final Set<String> OPERATION =
      words(
          "operationId tags summary description deprecated parameters requestBody responses security");

  private static final Set<String> PARAMETER =
      words("name in description required deprecated schema example examples");

  private static final Set<String> SCHEMA =
      words(
          "type format title description deprecated enum const default example examples properties"
              + " required additionalProperties items allOf minimum maximum exclusiveMinimum"
              + " exclusiveMaximum multipleOf minLength maxLength pattern minItems maxItems"
              + " uniqueItems minProperties maxProperties readOnly writeOnly");

  private static final Map<String, Set<String>> FORMATS =
      Map.of(
          "integer", words("int32 int64"),
          "number", words("float double"),
          "string", words("date date-time uuid byte uri email password"));

  private static final Map<String, String> REASONS =
      Map.of(
          "oneOf", "Java has no type for one of several; write one object with optional properties",
          "anyOf", "Java has no type for any of several; write one object with optional properties",
          "not", "only the rules of an allOf may say what a value is not",
          "discriminator", "records have no subtypes; write one object with optional properties",
          "if", "a rule is a branch of allOf, with a title that says it",
          "nullable", "OpenAPI 3.1 says type: [..., 'null']",
          "contentEncoding", "write format: byte instead");

  private final JsonNode spec;
  private final List<String> unsupported = new ArrayList<>();

  private PreparedSpec(JsonNode spec) {
    this.spec = spec;
  }

  /** Writes each spec, prepared, into a folder; ends with 1 if one of them can't be supported. */
  public static void main(String[] folderAndSpecs) throws IOException {
    Path folder = Files.createDirectories(Path.of(folderAndSpecs[0]));
    for (int i = 1; i < folderAndSpecs.length; i++) {
      Path file = Path.of(folderAndSpecs[i]);
      List<String> unsupported = prepare(file, folder);
      if (!unsupported.isEmpty()) {
        unsupported.forEach(sentence -> System.err.println(file.getFileName() + ": " + sentence));
        System.exit(1);
      }
    }
  }

  /** Writes a spec, prepared, into a folder, unless there is something to say against it. */
  static List<String> prepare(Path file, Path folder) throws IOException {
    JsonNode spec;
    try {
      spec = new YAMLMapper().readTree(file.toFile());
    } catch (JsonProcessingException e) {
      return List.of(
          "Line %d, column %d is no YAML: %s."
              .formatted(
                  e.getLocation().getLineNr(),
                  e.getLocation().getColumnNr(),
                  e.getOriginalMessage().lines().findFirst().orElse("it can't be read")));
    }
    List<String> unsupported = unsupported(spec);
    if (unsupported.isEmpty()) {
      new PreparedSpec(spec).markResponses();
      prepare(spec);
      String name = file.getFileName().toString().replaceFirst("\\.ya?ml$", ".json");
      Files.writeString(folder.resolve(name), new ObjectMapper().writeValueAsString(spec));
    }
    return unsupported;
  }

  /** What the templates can't do: a sentence for each, which names the place and the reason. */
  static List<String> unsupported(JsonNode spec) {
    PreparedSpec checked = new PreparedSpec(spec);
    checked.check();
    return checked.unsupported;
  }

  private void check() {
    if (!spec.path("openapi").asText().startsWith("3.1.")) {
      refuse(
          "The spec", "another version than OpenAPI 3.1", "the same words mean other things there");
    }
    if (spec.has("webhooks")) {
      refuse("The spec", "webhooks", "a client calls and is not called");
    }
    spec.path("paths").properties().forEach(path -> path(path.getKey(), path.getValue()));
    spec.path("components")
        .path("schemas")
        .properties()
        .forEach(
            schema -> {
              String name = schema.getKey();
              if (!TYPE_NAME.matcher(name).matches() || TAKEN.contains(name)) {
                refuse("Schema " + name, "this name", "no Java type of the library can have it");
              }
              schema("Schema " + name, schema.getValue(), true);
            });
  }

  private void path(String path, JsonNode item) {
    item.properties()
        .forEach(
            entry -> {
              switch (entry.getKey()) {
                case "parameters" -> entry.getValue().forEach(each -> parameter(path, each));
                case "get", "put", "post", "delete", "patch" ->
                    operation(
                        entry
                            .getValue()
                            .path("operationId")
                            .asText(entry.getKey().toUpperCase(Locale.ROOT) + " " + path),
                        entry.getValue());
                case "summary", "description" -> {}
                default -> refuse("Path " + path, entry.getKey(), "the templates do not know it");
              }
            });
  }

  private void operation(String name, JsonNode operation) {
    String where = "Operation " + name;
    operation
        .fieldNames()
        .forEachRemaining(
            key -> {
              if (!OPERATION.contains(key) && !key.startsWith("x-")) {
                refuse(where, key, "the templates do not know it");
              }
            });
    operation.path("parameters").forEach(each -> parameter(name, each));
    if (operation.has("requestBody")) {
      JsonNode body = resolved(operation.get("requestBody"));
      if (!body.path("required").asBoolean()) {
        refuse(where, "an optional request body", "Retrofit sends a body or has none");
      }
      content(where, body.path("content"));
    }
    int answers = 0;
    for (Map.Entry<String, JsonNode> response : operation.path("responses").properties()) {
      JsonNode content = resolved(response.getValue()).path("content");
      content(where, content);
      answers += response.getKey().startsWith("2") && !content.isEmpty() ? 1 : 0;
    }
    if (answers > 1) {
      refuse(where, "several kinds of success", "a Java method returns one type");
    }
  }

  private void parameter(String operation, JsonNode reference) {
    JsonNode parameter = resolved(reference);
    String where = "Parameter " + parameter.path("name").asText() + " of " + operation;
    if (!Set.of("path", "query", "header").contains(parameter.path("in").asText())) {
      refuse(where, "in: " + parameter.path("in").asText(), "the templates send no such thing");
    }
    if (NO_NAME.matcher(parameter.path("name").asText()).find()) {
      refuse(where, "this name", "it can't be written into Java as it is");
    }
    parameter
        .fieldNames()
        .forEachRemaining(
            key -> {
              if (!PARAMETER.contains(key) && !key.startsWith("x-")) {
                refuse(where, key, "Retrofit sends a parameter in one way only");
              }
            });
    JsonNode schema = parameter.path("schema");
    schema(where, schema, false);
    JsonNode value = resolved(schema);
    if (type(value).equals("array")) {
      if (!parameter.path("in").asText().equals("query")) {
        refuse(where, "an array in the " + parameter.path("in").asText(), "only a query has one");
      }
      value = resolved(value.path("items"));
    }
    if (!Set.of("string", "integer", "number", "boolean").contains(type(value))) {
      refuse(where, "a value of type " + type(value), "a parameter is text or a number");
    }
    if (Set.of("date-time", "byte").contains(value.path("format").asText())) {
      refuse(
          where,
          "format " + value.path("format").asText(),
          "Retrofit would write it in Java's way");
    }
  }

  private void content(String where, JsonNode content) {
    content
        .properties()
        .forEach(
            body -> {
              if (!body.getKey().equals("application/json")) {
                refuse(where, body.getKey(), "the library speaks JSON only");
                return;
              }
              schema("The JSON of " + where, body.getValue().path("schema"), false);
              JsonNode element = body.getValue().path("schema");
              while (Set.of("array", "object").contains(type(resolved(element)))
                  && !resolved(element).has("properties")) {
                JsonNode container = resolved(element);
                element = container.path(container.has("items") ? "items" : "additionalProperties");
              }
              element = resolved(element);
              if (!element.has("properties") && !element.has("enum")) {
                refuse(
                    "The JSON of " + where,
                    "neither an object with properties nor a list of them",
                    "only these have an adapter");
              }
            });
  }

  private void schema(String where, JsonNode schema, boolean named) {
    if (!schema.isObject()) {
      refuse(
          where,
          schema.isMissingNode() ? "no schema" : schema + " as a schema",
          "there is no Java type for it");
      return;
    }
    if (schema.has("$ref")) {
      reference(where, schema);
      return;
    }
    schema
        .fieldNames()
        .forEachRemaining(
            key -> {
              if (!SCHEMA.contains(key) && !key.startsWith("x-")) {
                refuse(where, key, REASONS.getOrDefault(key, "the templates do not know it"));
              }
            });
    for (JsonNode rule : schema.path("allOf")) {
      if (!rule.has("if") || !rule.has("then")) {
        refuse(where, "allOf", "records can't be combined; write all properties into one object");
      }
    }
    String type = type(schema);
    String format = schema.path("format").asText("");
    if (schema.path("type").isArray()
        && (schema.path("type").size() > 2 || type.contains(" or "))) {
      refuse(where, "several types", "Java has no type for one of several");
    } else if (!format.isEmpty() && !FORMATS.getOrDefault(type, Set.of()).contains(format)) {
      refuse(where, "format " + format, "the templates have no Java type for it");
    }
    enumeration(where, schema, named);
    if (schema.has("default")) {
      if (format.equals("byte")) {
        refuse(where, "a default of format byte", "say it in the description instead");
      } else if (NO_LITERAL.matcher(schema.get("default").asText()).find()) {
        refuse(where, "a default with a line break or /* in it", "say it in the description");
      }
    }
    if (type.equals("array")) {
      schema(where + ", its items", schema.path("items"), false);
    }
    object(where, schema);
  }

  private void reference(String where, JsonNode schema) {
    String target = schema.get("$ref").asText();
    if (!target.startsWith("#/components/schemas/") || resolved(schema).isMissingNode()) {
      refuse(where, "$ref " + target, "only schemas of the same file are found");
    }
    schema
        .fieldNames()
        .forEachRemaining(
            key -> {
              if (!Set.of("$ref", "description", "deprecated", "examples").contains(key)
                  && !key.startsWith("x-")) {
                refuse(where, key + " beside $ref", "put it into the schema that is referred to");
              }
            });
  }

  private void enumeration(String where, JsonNode schema, boolean named) {
    if (!schema.has("enum")) {
      return;
    }
    if (!named) {
      refuse(where, "an enum without a name", "make it a schema of its own and refer to it");
    }
    if (!type(schema).equals("string")) {
      refuse(where, "an enum of " + type(schema), "the templates have enums of strings only");
    }
    JsonNode names = schema.path("x-enum-varnames");
    int values = 0;
    for (JsonNode value : schema.get("enum")) {
      values += value.isNull() ? 0 : 1;
      if (NO_LITERAL.matcher(value.asText()).find()) {
        refuse(where, "the value " + value, "it can't be written into Java as it is");
      } else if (names.isMissingNode() && !value.asText().matches("[ -~]*")) {
        refuse(where, "the value " + value, "it needs a name for Java in x-enum-varnames");
      } else if (names.isMissingNode()
          && schema.has("x-open-enum")
          && value.asText().equalsIgnoreCase("unrecognized")) {
        refuse(where, "the value " + value, "that is what an open enum calls all others");
      }
    }
    Set<JsonNode> different = new HashSet<>();
    names.forEach(different::add);
    if (!names.isMissingNode() && (names.size() != values || different.size() != values)) {
      refuse(where, "x-enum-varnames", "there are not as many different names as values");
    }
    for (JsonNode name : names) {
      if (!JAVA_NAME.matcher(name.asText()).matches()) {
        refuse(where, "the name " + name, "it is no name in Java");
      }
    }
  }

  private void object(String where, JsonNode schema) {
    JsonNode additional = schema.path("additionalProperties");
    if (schema.path("properties").size() > 0
        && !additional.isMissingNode()
        && !(additional.isBoolean() && !additional.asBoolean())) {
      refuse(where, "properties and additionalProperties", "a record can't also be a map");
    } else if (additional.isObject()) {
      schema(where + ", its values", additional, false);
    }
    Map<String, String> names = new HashMap<>();
    for (Map.Entry<String, JsonNode> property : schema.path("properties").properties()) {
      String name = property.getKey();
      if (NO_NAME.matcher(name).find()) {
        refuse(where, "the property " + name, "its name can't be written into Java as it is");
      }
      String other = names.put(javaName(name), name);
      if (other != null) {
        refuse(where, "the properties " + other + " and " + name, "they are the same name in Java");
      }
      schema(where + ", property " + name, property.getValue(), false);
    }
  }

  /** About what the generator makes of a name; enough to see two that become the same. */
  private static String javaName(String name) {
    StringBuilder java = new StringBuilder();
    for (String word : name.split("[^\\p{L}\\p{N}$]+")) {
      if (!word.isEmpty()) {
        java.append(Character.toUpperCase(word.charAt(0))).append(word.substring(1));
      }
    }
    return java.toString();
  }

  /** The type without null; "any" when there is none. */
  private static String type(JsonNode schema) {
    JsonNode type = schema.path("type");
    if (!type.isArray()) {
      return type.asText("any");
    }
    List<String> types = new ArrayList<>();
    type.forEach(each -> types.add(each.asText()));
    types.remove("null");
    return String.join(" or ", types);
  }

  private static Set<String> words(String words) {
    return Set.of(words.split(" "));
  }

  private JsonNode resolved(JsonNode node) {
    return node.has("$ref") ? resolved(spec.at(node.get("$ref").asText().substring(1))) : node;
  }

  private void refuse(String where, String what, String why) {
    unsupported.add(
        where
            + (where.contains(",") ? ", has " : " has ")
            + what
            + ", which is not supported: "
            + why
            + ".");
  }

  /** Marks the objects that no request has: what only the service writes is read leniently. */
  private void markResponses() {
    Set<JsonNode> requests = Collections.newSetFromMap(new IdentityHashMap<>());
    Set<JsonNode> responses = Collections.newSetFromMap(new IdentityHashMap<>());
    for (JsonNode item : spec.path("paths")) {
      collect(item.path("parameters"), requests);
      for (JsonNode operation : item) {
        collect(operation.path("parameters"), requests);
        collect(operation.path("requestBody"), requests);
        collect(operation.path("responses"), responses);
      }
    }
    responses.removeAll(requests);
    for (JsonNode node : responses) {
      if (node.path("properties").isObject() && type(node).equals("object")) {
        ((ObjectNode) node).put("x-response-only", true);
      }
    }
  }

  private void collect(JsonNode node, Set<JsonNode> into) {
    if (node.path("$ref").isTextual()) {
      collect(resolved(node), into);
    } else if (node.isContainerNode() && into.add(node)) {
      node.properties()
          .forEach(
              entry -> {
                if (!Set.of("example", "examples", "default").contains(entry.getKey())) {
                  collect(entry.getValue(), into);
                }
              });
      if (node.isArray()) {
        node.forEach(each -> collect(each, into));
      }
    }
  }

  /** Makes texts fit for Javadoc, and drops the formats that are plain text to the library. */
  private static void prepare(JsonNode node) {
    if (!(node instanceof ObjectNode object)) {
      node.forEach(PreparedSpec::prepare);
      return;
    }
    if (Set.of("uri", "email", "password").contains(object.path("format").asText())) {
      object.remove("format");
    }
    if (object.path("const").isValueNode() && !object.path("const").isNull()) {
      object.put("x-const", object.get("const").toString());
    }
    for (Map.Entry<String, JsonNode> entry : object.properties()) {
      switch (entry.getKey()) {
        case "description", "summary", "title" -> {
          if (entry.getValue().isTextual()) {
            entry.setValue(new TextNode(javadoc(entry.getValue().asText())));
          } else {
            prepare(entry.getValue());
          }
        }
        case "x-enum-descriptions" -> {
          ArrayNode texts = (ArrayNode) entry.getValue();
          for (int i = 0; i < texts.size(); i++) {
            texts.set(i, new TextNode(javadoc(texts.get(i).asText())));
          }
        }
        case "enum", "const", "default", "example", "examples" -> {
          if (entry.getValue().isObject()) {
            prepare(entry.getValue());
          }
        }
        default -> prepare(entry.getValue());
      }
    }
  }

  private static String javadoc(String text) {
    return text.strip()
        .replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("\"", "&quot;")
        .replace("\\", "&#92;")
        .replace("@", "&#64;")
        .replace("*/", "*&#47;")
        .replace("/*", "&#47;*")
        .replaceAll("\\s*\\n\\s*\\n\\s*", " <p>")
        .replaceAll("\\s+", " ");
  }
}
