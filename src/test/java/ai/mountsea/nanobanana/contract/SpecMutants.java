package ai.mountsea.nanobanana.contract;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Makes each small mistake that there could be in the spec, one a mutant. */
final class SpecMutants {
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
          "maxProperties",
          "format",
          "default");

  private final JsonNode root;
  private final List<Mutant> mutants = new ArrayList<>();

  private SpecMutants(JsonNode root) {
    this.root = root;
  }

  static List<Mutant> of(Spec spec) {
    SpecMutants made = new SpecMutants(spec.root());
    made.service();
    made.each(
        "/paths", path -> made.each("/paths/" + path, method -> made.operation(path, method)));
    made.each("/components/responses", name -> made.content("/components/responses/" + name));
    made.each("/components/schemas", name -> made.schema("/components/schemas/" + name));
    return made.mutants;
  }

  private void service() {
    mutant("server changed", "/servers/0", "url", server -> server.put("url", "https://x.example"));
    mutant("security changed", "", "security", spec -> spec.remove("security"));
    String scheme = "/components/securitySchemes/bearer";
    mutant("security changed", scheme, "type", bearer -> bearer.put("type", "apiKey"));
    mutant("security changed", scheme, "scheme", bearer -> bearer.put("scheme", "basic"));
  }

  private void operation(String path, String method) {
    String methods = "/paths/" + path;
    String at = methods + "/" + method;
    mutant("path renamed", "/paths", path, o -> rename(o, unescape(path), unescape(path) + "s"));
    mutant("method changed", methods, method, o -> rename(o, method, "put"));
    mutant("operation renamed", at, "operationId", o -> o.put("operationId", "renamed"));
    mutant("operation removed", methods, method, o -> o.remove(method));
    each(
        at + "/responses",
        status -> {
          mutant("status changed", at + "/responses", status, o -> rename(o, status, "299"));
          mutant("status removed", at + "/responses", status, o -> o.remove(status));
          content(at + "/responses/" + status);
        });
    for (int i = 0; i < root.at(at + "/parameters").size(); i++) {
      String parameter = at + "/parameters/" + i;
      mutant("parameter renamed", parameter, "name", o -> o.put("name", "renamed"));
      mutant("parameter moved", parameter, "in", o -> o.put("in", "header"));
      mutant("parameter made optional", parameter, "required", o -> o.put("required", false));
      mutant("parameter removed", at, "parameters", o -> o.remove("parameters"));
      value(parameter, "schema");
    }
    if (root.at(at).has("requestBody")) {
      mutant("body removed", at, "requestBody", o -> o.remove("requestBody"));
      mutant("body made optional", at + "/requestBody", "required", o -> o.remove("required"));
      content(at + "/requestBody");
    }
  }

  private void content(String at) {
    each(
        at + "/content",
        type -> {
          String content = at + "/content";
          mutant(
              "content type changed", content, type, o -> rename(o, unescape(type), "text/plain"));
          mutant(
              "body changed",
              content + "/" + type,
              "schema",
              o -> o.putObject("schema").put("type", "array"));
        });
  }

  private void schema(String at) {
    each(at + "/properties", name -> property(at, name));
    for (int i = 0; i < root.at(at + "/enum").size(); i++) {
      int index = i;
      mutant("enum value removed", at, "enum/" + i, o -> remove(o, index));
    }
    if (root.at(at).has("enum")) {
      mutant("enum value added", at, "enum", SpecMutants::add);
      mutant("enum opened or closed", at, "x-open-enum", o -> toggle(o, "x-open-enum"));
    }
    if (root.at(at + "/type").isArray()) {
      nullable(at);
    }
    limits(at);
    for (int i = 0; i < root.at(at + "/allOf").size(); i++) {
      rule(at, i);
    }
  }

  private void property(String at, String name) {
    String required = strings(root.at(at + "/required")).contains(name) ? "optional" : "required";
    mutant(
        "property removed",
        at,
        name,
        o -> {
          ((ObjectNode) o.get("properties")).remove(name);
          require(o, name, null);
        });
    mutant(
        "property renamed",
        at,
        name,
        o -> {
          rename((ObjectNode) o.get("properties"), name, name + "Renamed");
          require(o, name, required.equals("optional") ? name + "Renamed" : null);
        });
    mutant(
        "property made " + required,
        at,
        name,
        o -> require(o, name, required.equals("required") ? name : null));
    value(at + "/properties", name);
  }

  /** Changes the type and the limits of a value, and of its elements. */
  private void value(String owner, String name) {
    String at = owner + "/" + name;
    JsonNode schema = root.at(at);
    String other =
        schema.isEmpty() || schema.path("type").toString().contains("integer")
            ? "string"
            : "integer";
    mutant("retyped", owner, name, o -> o.putObject(name).put("type", other));
    if (schema.has("type")) {
      nullable(at);
    }
    limits(at);
    if (schema.has("items")) {
      mutant("retyped", at, "items", o -> o.putObject("items").put("type", "integer"));
      limits(at + "/items");
    }
  }

  private void nullable(String at) {
    mutant(
        "made nullable or not",
        at,
        "type",
        o -> {
          JsonNode type = o.get("type");
          if (type.isArray()) {
            o.set("type", type.get(0));
          } else {
            o.putArray("type").add(type).add("null");
          }
        });
  }

  private void limits(String at) {
    for (String limit : LIMITS) {
      JsonNode value = root.at(at + "/" + limit);
      if (!value.isMissingNode()) {
        mutant("limit removed", at, limit, o -> o.remove(limit));
      }
      if (value.isInt()) {
        mutant("limit changed", at, limit + " + 1", o -> o.put(limit, value.asInt() + 1));
        mutant("limit changed", at, limit + " - 1", o -> o.put(limit, value.asInt() - 1));
      } else if (value.isString() && !limit.equals("format")) {
        mutant("limit changed", at, limit, o -> o.put(limit, "changed"));
      }
    }
  }

  /** A rule may vanish, ask less, ask something else, or apply where it did not. */
  private void rule(String schema, int index) {
    String at = schema + "/allOf/" + index;
    mutant(
        "rule removed", schema, "allOf/" + index, o -> ((ArrayNode) o.get("allOf")).remove(index));
    for (String part : List.of("if", "then")) {
      String kind = part.equals("then") ? "rule loosened" : "rule widened";
      mutant(kind, at, part, o -> o.remove(part));
      if (root.at(at + "/" + part).has("required")) {
        mutant(kind, at + "/" + part, "required", o -> o.remove("required"));
      }
      String properties = at + "/" + part + "/properties";
      each(
          properties,
          name -> {
            mutant(kind, properties, name, o -> o.remove(name));
            if (root.at(properties + "/" + name).has("minItems")) {
              mutant(kind, properties + "/" + name, "minItems", o -> o.put("minItems", 0));
            } else {
              String values = properties + "/" + name;
              otherValues(root.at(values).has("not") ? values + "/not" : values, name);
            }
          });
    }
  }

  /** Takes each value that a rule names away, and adds each that it does not name. */
  private void otherValues(String at, String name) {
    JsonNode named = root.at(at);
    List<String> values =
        named.has("const") ? List.of(named.get("const").asString()) : strings(named.get("enum"));
    String type =
        root.at("/components/schemas/GenerateImageRequest/properties/" + name + "/$ref").asString();
    for (String value : strings(root.at(type.substring(1) + "/enum"))) {
      List<String> others = new ArrayList<>(values);
      if (!others.remove(value)) {
        others.add(value);
      }
      mutant(
          "rule changed",
          at,
          values.contains(value) ? "less " + value : "and " + value,
          o -> {
            o.remove("const");
            others.forEach(o.putArray("enum")::add);
          });
    }
  }

  private void mutant(String kind, String at, String what, Consumer<ObjectNode> change) {
    JsonNode copy = root.deepCopy();
    change.accept((ObjectNode) copy.at(at));
    if (copy.equals(root)) {
      throw new IllegalStateException("Nothing is changed by " + kind + " " + at + "/" + what);
    }
    mutants.add(new Mutant(kind, at + "/" + what, new Spec(copy)));
  }

  /** Runs for each name in an object, escaped for a pointer. */
  private void each(String at, Consumer<String> action) {
    root.at(at).propertyNames().forEach(name -> action.accept(name.replace("/", "~1")));
  }

  private static String unescape(String name) {
    return name.replace("~1", "/");
  }

  private static List<String> strings(JsonNode array) {
    return array.valueStream().map(JsonNode::asString).toList();
  }

  /** Renames in place, for the order is that of the Java fields. */
  private static void rename(ObjectNode object, String from, String to) {
    ObjectNode copy = object.deepCopy();
    object.removeAll();
    copy.forEachEntry((name, value) -> object.set(name.equals(from) ? to : name, value));
  }

  private static void require(ObjectNode schema, String notThis, String butThis) {
    List<String> required = new ArrayList<>(strings(schema.path("required")));
    required.remove(notThis);
    if (butThis != null) {
      required.add(butThis);
    }
    required.forEach(schema.putArray("required")::add);
  }

  private static void remove(ObjectNode type, int value) {
    for (String list : List.of("enum", "x-enum-varnames", "x-enum-descriptions")) {
      if (type.get(list) instanceof ArrayNode values) {
        values.remove(value);
      }
    }
  }

  private static void add(ObjectNode type) {
    for (String list : List.of("enum", "x-enum-varnames", "x-enum-descriptions")) {
      if (type.get(list) instanceof ArrayNode values) {
        values.add("added");
      }
    }
  }

  private static void toggle(ObjectNode object, String flag) {
    object.put(flag, !object.path(flag).asBoolean(false));
  }

  /**
   * One mistake.
   *
   * @param kind what is done
   * @param where a JSON pointer, and perhaps what is done there
   * @param spec the spec with it
   */
  record Mutant(String kind, String where, Spec spec) {}
}
