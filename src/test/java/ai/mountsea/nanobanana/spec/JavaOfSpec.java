package ai.mountsea.nanobanana.spec;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.MissingNode;

/**
 * The types that are generated from a spec, as {@link PublicApi} would show them, without
 * generating them: records with their components, enums with their constants, the methods of the
 * Retrofit interfaces. A component comes with its name on the wire.
 */
final class JavaOfSpec {
  private final OpenApi spec;
  private final Map<String, List<String>> types = new TreeMap<>();

  private JavaOfSpec(OpenApi spec) {
    this.spec = spec;
  }

  static String of(OpenApi spec) {
    JavaOfSpec made = new JavaOfSpec(spec);
    spec.root().at("/components/schemas").forEachEntry(made::schema);
    spec.operations()
        .values()
        .forEach(
            each -> made.operation(each.name().split(" ")[0], each.name().split(" ")[1], each));
    return "package ai.mountsea.nanobanana.api @NullMarked\n\n"
        + made.types.entrySet().stream()
            .map(type -> type.getKey() + "\n  " + String.join("\n  ", type.getValue()))
            .collect(Collectors.joining("\n\n"))
        + "\n";
  }

  private void schema(String name, JsonNode schema) {
    if (schema.has("properties")) {
      List<String> components = new ArrayList<>();
      schema
          .get("properties")
          .forEachEntry(
              (wire, property) ->
                  components.add(
                      "component %s %s = \"%s\""
                          .formatted(
                              nullable(
                                      !OpenApi.required(schema).contains(wire)
                                          || isNullable(property))
                                  + type(property),
                              camel(wire),
                              wire)));
      types.put("record " + name, components);
    } else if (schema.path("x-open-enum").asBoolean(false)) {
      List<String> fields = new ArrayList<>(List.of("component String value"));
      constants(schema)
          .forEach(
              (constant, value) ->
                  fields.add("field static final %s %s = \"%s\"".formatted(name, constant, value)));
      types.put("record " + name, fields);
    } else if (schema.has("enum")) {
      types.put(
          "enum " + name,
          constants(schema).entrySet().stream()
              .map(each -> "constant %s = \"%s\"".formatted(each.getKey(), each.getValue()))
              .toList());
    }
  }

  private static Map<String, String> constants(JsonNode schema) {
    Map<String, String> constants = new LinkedHashMap<>();
    JsonNode names = schema.path("x-enum-varnames");
    int i = 0;
    for (JsonNode value : schema.path("enum")) {
      if (!value.isNull()) {
        String name = value.asString().replaceAll("[^A-Za-z0-9]+", "_").toUpperCase(Locale.ROOT);
        constants.put(names.path(i++).asString(name), value.asString());
      }
    }
    return constants;
  }

  private void operation(String method, String path, OpenApi.Operation operation) {
    JsonNode node = operation.node();
    List<String> parameters = new ArrayList<>();
    for (JsonNode parameter : spec.parameters(operation).values()) {
      String in = parameter.path("in").asString("query");
      String name = parameter.path("name").asString("");
      parameters.add(
          "@%s(\"%s\") %s"
              .formatted(
                  Character.toUpperCase(in.charAt(0)) + in.substring(1),
                  in.equals("header") ? name.toLowerCase(Locale.ROOT) : name,
                  nullable(!parameter.path("required").asBoolean(false))
                      + type(parameter.path("schema"))));
    }
    JsonNode body = spec.resolve(node.path("requestBody"));
    if (!body.isMissingNode()) {
      parameters.add("@Body " + (json(body).isMissingNode() ? "Object" : type(json(body))));
    }
    String answer =
        node.path("responses").properties().stream()
            .filter(each -> each.getKey().startsWith("2"))
            .map(each -> json(spec.resolve(each.getValue())))
            .filter(schema -> !schema.isMissingNode())
            .map(this::type)
            .findFirst()
            .orElse("Void");
    types
        .computeIfAbsent(
            "interface " + node.at("/tags/0").asString("Default") + "Api",
            name -> new ArrayList<>())
        .add(
            "method @%s(\"%s\") Call<%s> %s(%s)"
                .formatted(
                    method,
                    path.substring(1),
                    answer,
                    node.path("operationId").asString(""),
                    String.join(", ", parameters)));
  }

  private static JsonNode json(JsonNode message) {
    return message.path("content").properties().stream()
        .filter(each -> each.getKey().startsWith("application/json"))
        .map(each -> each.getValue().path("schema"))
        .findFirst()
        .orElse(MissingNode.getInstance());
  }

  private boolean isNullable(JsonNode schema) {
    return spec.resolve(schema).path("type").toString().contains("\"null\"");
  }

  private static String nullable(boolean nullable) {
    return nullable ? "@Nullable " : "";
  }

  private String type(JsonNode schema) {
    if (schema.has("$ref")) {
      return schema.get("$ref").asString().replaceFirst(".*/", "");
    }
    String type =
        schema.path("type").toString().replaceAll("[\\[\\]\"]", "").replaceAll(",?null,?", "");
    String format = schema.path("format").asString("");
    return switch (type) {
      case "string" ->
          switch (format) {
            case "date-time" -> "OffsetDateTime";
            case "date" -> "LocalDate";
            case "uuid" -> "UUID";
            case "byte" -> "ByteString";
            default -> "String";
          };
      case "integer" -> format.equals("int64") ? "Long" : "Integer";
      case "number" ->
          switch (format) {
            case "float" -> "Float";
            case "double" -> "Double";
            default -> "BigDecimal";
          };
      case "boolean" -> "Boolean";
      case "array" -> "List<" + element(schema.path("items")) + ">";
      case "object" ->
          schema.path("additionalProperties").isObject()
              ? "Map<String, " + element(schema.path("additionalProperties")) + ">"
              : "Map<String, Object>";
      default -> "Object";
    };
  }

  private String element(JsonNode schema) {
    return nullable(isNullable(schema)) + type(schema);
  }

  private static String camel(String name) {
    return Pattern.compile("[^A-Za-z0-9$]+(.)")
        .matcher(name)
        .replaceAll(match -> match.group(1).toUpperCase(Locale.ROOT));
  }
}
