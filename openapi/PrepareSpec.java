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
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.regex.Pattern;

/**
 * Prepares a spec for the generator. The build runs this file before it generates:
 *
 * <pre>{@code
 * java openapi/PrepareSpec.java target/spec openapi/nano-banana.yaml
 * }</pre>
 *
 * <p>It accepts only the keywords listed here. Each other one is refused with a sentence, because
 * the generator would silently drop it or generate junk. A limit on what a request may contain is
 * accepted only if the spec says what enforces it. The output is JSON, with texts escaped for
 * Javadoc and marks for the templates.
 */
final class PrepareSpec {
  /** The keywords of each place. In a schema, its type adds more. */
  private static final Map<String, Set<String>> KEYWORDS =
      Map.ofEntries(
          keywords("spec", "openapi info servers security tags paths components"),
          keywords("components", "schemas responses parameters requestBodies securitySchemes"),
          keywords("path", "summary description parameters get put post delete patch"),
          keywords(
              "operation",
              "operationId tags summary description deprecated parameters requestBody responses"
                  + " security"),
          keywords("parameter", "name in description required deprecated schema example examples"),
          keywords("body", "description required content"),
          keywords("response", "description headers content"),
          keywords("media type", "schema example examples"),
          keywords("$ref", "$ref description deprecated examples"),
          keywords("rule", "title if then x-enforced-by"),
          keywords(
              "schema",
              "type title description deprecated enum const default example examples x-enforced-by"),
          keywords(
              "string",
              "format minLength maxLength pattern x-open-enum x-enum-varnames"
                  + " x-enum-descriptions"),
          keywords(
              "integer", "format minimum maximum exclusiveMinimum exclusiveMaximum multipleOf"),
          keywords("number", "format minimum maximum exclusiveMinimum exclusiveMaximum multipleOf"),
          keywords("boolean", ""),
          keywords("array", "items minItems maxItems uniqueItems"),
          keywords(
              "object",
              "properties required additionalProperties minProperties maxProperties allOf"
                  + " x-image-urls"),
          keywords("any", ""));

  /** Limits that no Java type expresses. In a request, something has to enforce them. */
  private static final List<String> LIMITS =
      List.of(
          "const",
          "minLength",
          "maxLength",
          "pattern",
          "minimum",
          "maximum",
          "exclusiveMinimum",
          "exclusiveMaximum",
          "multipleOf",
          "minItems",
          "maxItems",
          "uniqueItems",
          "minProperties",
          "maxProperties");

  private static final Map<String, Set<String>> FORMATS =
      Map.of(
          "integer", words("int32 int64"),
          "number", words("float double"),
          "string", words("date date-time uuid byte uri email password"));

  private static final Map<String, String> REASONS =
      Map.of(
          "allOf", "records can't be combined; write all properties into one object",
          "oneOf", "Java has no type for one of several; write one object with optional properties",
          "anyOf", "Java has no type for any of several; write one object with optional properties",
          "not", "only the rules of an allOf may say what a value is not",
          "discriminator", "records have no subtypes; write one object with optional properties",
          "if", "a rule is a branch of allOf, with a title that says it",
          "nullable", "OpenAPI 3.1 says type: [..., 'null']",
          "contentEncoding", "write format: byte instead");

  /** Types that the generated code itself uses by their short names. */
  private static final Set<String> TAKEN =
      words(
          "Annotation ApiJsonAdapters ArrayList Arrays BigDecimal Body Boolean Builder ByteString"
              + " Call Collections DELETE DateTimeException DateTimeFormatter Double Float Function GET"
              + " Header IOException IllegalArgumentException Integer Json JsonAdapter JsonDataException"
              + " JsonReader JsonWriter LinkedHashMap List LocalDate Long Map Moshi NullMarked"
              + " NullPointerException Nullable Object Objects OffsetDateTime Override PATCH POST"
              + " PUT Path Query Record Serializable Set String SuppressWarnings Type UUID Void");

  private static final Pattern TYPE_NAME = Pattern.compile("[A-Z][A-Za-z0-9]*");
  private static final Pattern JAVA_NAME = Pattern.compile("[A-Za-z_$][A-Za-z0-9_$]*");
  private static final Pattern NO_LITERAL = Pattern.compile("[\\n\\r\\t]|\\*/|/\\*|[{}]");
  private static final Pattern NO_NAME = Pattern.compile("[\"\\\\\\p{Cc}{}]|\\*/|/\\*");

  private final JsonNode spec;
  private final Set<JsonNode> onlyInResponses;
  private final List<String> unsupported = new ArrayList<>();

  private PrepareSpec(JsonNode spec) {
    this.spec = spec;
    this.onlyInResponses = onlyInResponses();
  }

  /** Writes each spec, prepared, into a folder. Exits with 1 if one of them isn't supported. */
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

  /**
   * Writes a spec, prepared, into a folder; returns what is not supported, and then writes none.
   */
  static List<String> prepare(Path file, Path folder) throws IOException {
    JsonNode spec;
    try {
      spec = new YAMLMapper().readTree(file.toFile());
    } catch (JsonProcessingException e) {
      return List.of(
          "Invalid YAML at line %d, column %d: %s."
              .formatted(
                  e.getLocation().getLineNr(),
                  e.getLocation().getColumnNr(),
                  e.getOriginalMessage().lines().findFirst().orElse("it can't be read")));
    }
    PrepareSpec prepared = new PrepareSpec(spec);
    prepared.check();
    if (prepared.unsupported.isEmpty()) {
      prepared.prepare(spec);
      String name = file.getFileName().toString().replaceFirst("\\.ya?ml$", ".json");
      Files.writeString(folder.resolve(name), new ObjectMapper().writeValueAsString(spec));
    }
    return prepared.unsupported;
  }

  /** Returns what is not supported: a sentence for each, which names the place and the reason. */
  static List<String> unsupported(JsonNode spec) {
    PrepareSpec checked = new PrepareSpec(spec);
    checked.check();
    return checked.unsupported;
  }

  private void check() {
    each(spec.path("components").path("schemas"), this::openEnum);
    if (!spec.path("openapi").asText().startsWith("3.1.")) {
      refuse("The spec", "another version than OpenAPI 3.1", "keywords mean other things there");
    }
    keywords("The spec", spec, "spec");
    keywords("components", spec.path("components"), "components");
    each(spec.path("paths"), this::path);
    each(
        spec.path("components").path("schemas"),
        (name, schema) -> {
          if (!TYPE_NAME.matcher(name).matches() || TAKEN.contains(name)) {
            refuse("Schema " + name, "this name", "no Java type of the library can have it");
          }
          schema("Schema " + name, schema, true);
        });
  }

  /** Writes an open enum as the templates take it: as an enum with a mark. */
  private void openEnum(String name, JsonNode schema) {
    if (schema.has("x-open-enum")) {
      refuse(
          "Schema " + name,
          "x-open-enum",
          "an open enum is anyOf: [{type: string, enum: [...]}, {type: string}], which every"
              + " validator understands");
    }
    JsonNode known = schema.at("/anyOf/0");
    JsonNode any = schema.at("/anyOf/1");
    if (schema instanceof ObjectNode open
        && !open.has("type")
        && open.path("anyOf").size() == 2
        && known.size() == 2
        && known.has("enum")
        && any.size() == 1
        && type(any).equals("string")
        && any.get("type").equals(known.get("type"))) {
      open.remove("anyOf");
      open.set("type", any.get("type"));
      open.set("enum", known.get("enum"));
      open.put("x-open-enum", true);
    }
  }

  private void path(String path, JsonNode item) {
    keywords("Path " + path, item, "path");
    each(
        item,
        (key, value) -> {
          switch (key) {
            case "parameters" -> value.forEach(parameter -> parameter(path, parameter));
            case "get", "put", "post", "delete", "patch" ->
                operation(value.path("operationId").asText(key + " " + path), value);
            default -> {}
          }
        });
  }

  private void operation(String name, JsonNode operation) {
    String where = "Operation " + name;
    keywords(where, operation, "operation");
    operation.path("parameters").forEach(parameter -> parameter(name, parameter));
    if (operation.has("requestBody")) {
      JsonNode body = resolved(operation.get("requestBody"));
      keywords("The request body of " + where, body, "body");
      if (!body.path("required").asBoolean()) {
        refuse(where, "an optional request body", "Retrofit sends a body or has none");
      }
      content(where, body.path("content"));
    }
    List<String> successes = new ArrayList<>();
    each(
        operation.path("responses"),
        (status, reference) -> {
          JsonNode response = resolved(reference);
          keywords("Response " + status + " of " + where, response, "response");
          content(where, response.path("content"));
          if (status.startsWith("2") && !response.path("content").isEmpty()) {
            successes.add(status);
          }
        });
    if (successes.size() > 1) {
      refuse(where, "several kinds of success", "a Java method returns one type");
    }
  }

  private void parameter(String operation, JsonNode reference) {
    JsonNode parameter = resolved(reference);
    String where = "Parameter " + parameter.path("name").asText() + " of " + operation;
    String in = parameter.path("in").asText();
    keywords(where, parameter, "parameter");
    if (!Set.of("path", "query", "header").contains(in)) {
      refuse(where, "in: " + in, "the templates send no such thing");
    }
    if (NO_NAME.matcher(parameter.path("name").asText()).find()) {
      refuse(where, "this name", "it can't be written into Java as it is");
    }
    schema(where, parameter.path("schema"), false);
    JsonNode value = resolved(parameter.path("schema"));
    if (type(value).equals("array")) {
      if (!in.equals("query")) {
        refuse(where, "an array in the " + in, "only a query has one");
      }
      value = resolved(value.path("items"));
    }
    if (!Set.of("string", "integer", "number", "boolean").contains(type(value))) {
      refuse(where, "a value of type " + type(value), "a parameter is text or a number");
    }
    String format = value.path("format").asText();
    if (Set.of("date-time", "byte").contains(format)) {
      refuse(where, "format " + format, "Retrofit would write it in Java's way");
    }
  }

  private void content(String operation, JsonNode content) {
    String where = "The JSON of " + operation;
    each(
        content,
        (type, body) -> {
          if (!type.equals("application/json")) {
            refuse(operation, type, "the library speaks JSON only");
            return;
          }
          keywords(where, body, "media type");
          schema(where, body.path("schema"), false);
          JsonNode element = resolved(body.path("schema"));
          while (element.has("items") || element.path("additionalProperties").isObject()) {
            element =
                resolved(element.path(element.has("items") ? "items" : "additionalProperties"));
          }
          if (!element.has("properties") && !element.has("enum")) {
            refuse(
                where,
                "neither an object with properties nor a list of them",
                "only these have an adapter");
          }
        });
  }

  private void schema(String where, JsonNode schema, boolean named) {
    if (!schema.isObject()) {
      String what = schema.isMissingNode() ? "no schema" : schema + " as a schema";
      refuse(where, what, "there is no Java type for it");
      return;
    }
    if (schema.has("$ref")) {
      String target = schema.get("$ref").asText();
      if (!target.startsWith("#/components/schemas/") || resolved(schema).isMissingNode()) {
        refuse(where, "$ref " + target, "only schemas of the same file are found");
      }
      for (String key : others(schema, KEYWORDS.get("$ref"))) {
        refuse(where, key + " beside $ref", "put it into the schema that is referred to");
      }
      return;
    }
    String type = type(schema);
    if (!KEYWORDS.containsKey(type)) {
      refuse(where, "the type " + type, "Java has no type for it");
      return;
    }
    keywords(where, schema, "schema", type);
    String format = schema.path("format").asText();
    if (!format.isEmpty() && FORMATS.containsKey(type) && !FORMATS.get(type).contains(format)) {
      refuse(where, "format " + format, "the templates have no Java type for it");
    }
    limits(where, schema, type);
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
    } else if (type.equals("object")) {
      object(where, schema);
    }
  }

  /**
   * What a request may contain is limited by what enforces it, or the spec says that nothing does.
   */
  private void limits(String where, JsonNode schema, String type) {
    JsonNode enforcedBy = schema.path("x-enforced-by");
    for (String limit : LIMITS) {
      if (schema.has(limit)
          && (limit.equals("const") || KEYWORDS.get(type).contains(limit))
          && !enforcedBy.has(limit)
          && !onlyInResponses.contains(schema)) {
        unsupported.add(
            "%s has %s, but not what enforces it: add x-enforced-by: {%s: ...} with the rule of"
                    .formatted(comma(where), limit, limit)
                + " RequestRules, or with nothing.");
      }
    }
    for (String limit : others(enforcedBy, Set.copyOf(LIMITS))) {
      refuse(where, "x-enforced-by: {" + limit + ": ...}", "that is not a limit");
    }
    for (String limit : LIMITS) {
      if (enforcedBy.has(limit) && !schema.has(limit)) {
        refuse(where, "x-enforced-by: {" + limit + ": ...}", "the schema has no " + limit);
      }
    }
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
        refuse(where, "the name " + name, "Java has no such names");
      }
    }
  }

  private void object(String where, JsonNode schema) {
    for (JsonNode rule : schema.path("allOf")) {
      if (!rule.has("if") || !rule.has("then")) {
        refuse(where, "allOf", REASONS.get("allOf"));
      } else {
        String title = "The rule \"" + rule.path("title").asText() + "\" of " + where;
        keywords(title, rule, "rule");
        if (!rule.has("x-enforced-by") && !onlyInResponses.contains(schema)) {
          unsupported.add(
              title
                  + " has no x-enforced-by: add it with the rule of RequestRules, or with"
                  + " nothing.");
        }
      }
    }
    JsonNode additional = schema.path("additionalProperties");
    if (!schema.path("properties").isEmpty() && !additional.isMissingNode()) {
      refuse(where, "properties and additionalProperties", "every record keeps unknown properties");
    } else if (additional.isObject()) {
      schema(where + ", its values", additional, false);
    }
    Map<String, String> names = new HashMap<>();
    each(
        schema.path("properties"),
        (name, property) -> {
          if (NO_NAME.matcher(name).find()) {
            refuse(where, "the property " + name, "its name can't be written into Java as it is");
          }
          String other = names.put(javaName(name), name);
          if (other != null) {
            refuse(
                where, "the properties " + other + " and " + name, "both have the same Java name");
          }
          schema(where + ", property " + name, property, false);
        });
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

  private JsonNode resolved(JsonNode node) {
    return node.has("$ref") ? resolved(spec.at(node.get("$ref").asText().substring(1))) : node;
  }

  private void keywords(String where, JsonNode node, String... places) {
    Set<String> allowed = new HashSet<>();
    for (String place : places) {
      allowed.addAll(KEYWORDS.get(place));
    }
    for (String key : others(node, allowed)) {
      refuse(where, key, REASONS.getOrDefault(key, "the templates do not know it here"));
    }
  }

  private void refuse(String where, String what, String why) {
    unsupported.add(comma(where) + " has " + what + ", which is not supported: " + why + ".");
  }

  private static String comma(String where) {
    return where.contains(",") ? where + "," : where;
  }

  private static List<String> others(JsonNode node, Set<String> names) {
    List<String> others = new ArrayList<>();
    node.fieldNames().forEachRemaining(others::add);
    others.removeAll(names);
    return others;
  }

  private static void each(JsonNode node, BiConsumer<String, JsonNode> action) {
    node.properties().forEach(entry -> action.accept(entry.getKey(), entry.getValue()));
  }

  private static Set<String> words(String words) {
    return Set.of(words.split(" "));
  }

  private static Map.Entry<String, Set<String>> keywords(String place, String words) {
    return Map.entry(place, words(words));
  }

  /** The nodes that no request has: what only the service writes is read leniently. */
  private Set<JsonNode> onlyInResponses() {
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
    return responses;
  }

  private void collect(JsonNode node, Set<JsonNode> into) {
    if (node.path("$ref").isTextual()) {
      collect(resolved(node), into);
    } else if (node.isContainerNode() && into.add(node)) {
      each(
          node,
          (key, value) -> {
            if (!Set.of("example", "examples", "default").contains(key)) {
              collect(value, into);
            }
          });
      if (node.isArray()) {
        node.forEach(each -> collect(each, into));
      }
    }
  }

  /** Marks what the templates ask for, escapes texts, and drops formats that are plain strings. */
  private void prepare(JsonNode node) {
    if (!(node instanceof ObjectNode object)) {
      node.forEach(this::prepare);
      return;
    }
    if (onlyInResponses.contains(node)
        && (node.has("enum") || node.path("properties").isObject())) {
      object.put("x-response-only", true);
    }
    if (Set.of("uri", "email", "password").contains(object.path("format").asText())) {
      object.remove("format");
    }
    if (object.path("const").isValueNode() && !object.path("const").isNull()) {
      object.put("x-const", object.get("const").toString());
    }
    for (Map.Entry<String, JsonNode> entry : object.properties()) {
      JsonNode value = entry.getValue();
      switch (entry.getKey()) {
        case "description", "summary", "title" -> {
          if (value.isTextual()) {
            entry.setValue(javadoc(value));
          } else {
            prepare(value);
          }
        }
        case "x-enum-descriptions" -> {
          ArrayNode texts = (ArrayNode) value;
          for (int i = 0; i < texts.size(); i++) {
            texts.set(i, javadoc(texts.get(i)));
          }
        }
        case "enum", "const", "default", "example", "examples" -> {
          if (value.isObject()) { // a property of this name
            prepare(value);
          }
        }
        default -> prepare(value);
      }
    }
  }

  private static TextNode javadoc(JsonNode text) {
    return new TextNode(
        text.asText()
            .strip()
            .replace("&", "&amp;")
            .replace("<", "&lt;")
            .replace(">", "&gt;")
            .replace("\"", "&quot;")
            .replace("\\", "&#92;")
            .replace("@", "&#64;")
            .replace("*/", "*&#47;")
            .replace("/*", "&#47;*")
            .replaceAll("\\s*\\n\\s*\\n\\s*", " <p>")
            .replaceAll("\\s+", " "));
  }
}
