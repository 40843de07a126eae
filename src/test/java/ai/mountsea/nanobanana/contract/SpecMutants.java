package ai.mountsea.nanobanana.contract;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
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

  /**
   * A limit of each keyword for each type: one that nearly every value breaks, or only a long one.
   */
  private static final Map<String, Map<String, Object>> ADDED =
      Map.of(
          "string",
          Map.of(
              "const", "changed",
              "minLength", 500,
              "maxLength", 1_500,
              "pattern", "^changed$",
              "format", "date-time"),
          "integer",
          Map.of(
              "const", 7,
              "minimum", 1_000,
              "maximum", -1,
              "exclusiveMinimum", 1,
              "exclusiveMaximum", 1,
              "multipleOf", 7),
          "array",
          Map.of("minItems", 2, "maxItems", 15, "uniqueItems", true),
          "object",
          Map.of("minProperties", 3, "maxProperties", 15));

  /** What only people read: changed, it is no mistake that a check may report. */
  private static final Set<String> TEXTS = Set.of("description", "summary", "title");

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
    made.each(
        "/components/responses",
        name -> {
          made.content("/components/responses/" + name);
          made.headers("/components/responses/" + name);
        });
    made.each("/components/schemas", name -> made.schema("/components/schemas/" + name));
    return made.mutants;
  }

  /** Makes changes that are no mistakes: of each text, and of each list of examples. */
  static List<Mutant> controlsOf(Spec spec) {
    SpecMutants made = new SpecMutants(spec.root());
    made.texts("", spec.root());
    return made.mutants;
  }

  private void texts(String at, JsonNode node) {
    if (node.isObject()) {
      node.forEachEntry(
          (key, value) -> {
            String name = key.replace("~", "~0").replace("/", "~1");
            if (TEXTS.contains(key) && value.isString()) {
              mutant("text changed", at, name, o -> o.put(key, "Changed."));
            } else if (key.equals("examples")) {
              mutant("examples removed", at, name, o -> o.remove(key));
            } else if (key.equals("x-enum-descriptions")) {
              mutant("text changed", at, name, o -> ((ArrayNode) o.get(key)).set(0, "Changed."));
            } else if (!key.equals("properties")) {
              texts(at + "/" + name, value);
            } else {
              value.forEachEntry((property, of) -> texts(at + "/properties/" + property, of));
            }
          });
    } else {
      for (int i = 0; i < node.size(); i++) {
        texts(at + "/" + i, node.get(i));
      }
    }
  }

  private void service() {
    mutant("server changed", "/servers/0", "url", server -> server.put("url", "https://x.example"));
    mutant(
        "server changed",
        "",
        "servers",
        spec -> spec.putArray("servers").addObject().put("url", "/"));
    mutant("security removed", "", "security", spec -> spec.remove("security"));
    mutant("security removed", "", "security/0", spec -> spec.putArray("security").addObject());
    mutant(
        "security doubled",
        "",
        "and another",
        spec -> {
          other(spec);
          ((ObjectNode) spec.at("/security/0")).putArray("other");
        });
    mutant(
        "security doubled",
        "",
        "or another",
        spec -> {
          other(spec);
          ((ArrayNode) spec.get("security")).addObject().putArray("other");
        });
    mutant(
        "security doubled", "", "or none", spec -> ((ArrayNode) spec.get("security")).addObject());
    String scheme = "/components/securitySchemes/bearer";
    mutant("security changed", scheme, "type", bearer -> bearer.put("type", "apiKey"));
    mutant("security changed", scheme, "scheme", bearer -> bearer.put("scheme", "basic"));
  }

  private static void other(ObjectNode spec) {
    ((ObjectNode) spec.at("/components/securitySchemes"))
        .putObject("other")
        .put("type", "apiKey")
        .put("in", "header")
        .put("name", "X-Other");
  }

  private void operation(String path, String method) {
    String methods = "/paths/" + path;
    String at = methods + "/" + method;
    mutant("path renamed", "/paths", path, o -> rename(o, unescape(path), unescape(path) + "s"));
    mutant("method changed", methods, method, o -> rename(o, method, "put"));
    mutant("operation renamed", at, "operationId", o -> o.put("operationId", "renamed"));
    mutant("operation removed", methods, method, o -> o.remove(method));
    mutant("security removed", at, "security", o -> o.putArray("security"));
    for (String in : List.of("query", "header")) {
      for (boolean required : new boolean[] {true, false}) {
        mutant(
            "parameter added",
            at,
            in + (required ? ", required" : ", optional"),
            o ->
                o.withArray("parameters")
                    .addObject()
                    .put("name", "added")
                    .put("in", in)
                    .put("required", required)
                    .putObject("schema")
                    .put("type", "string"));
      }
    }
    for (String status : List.of("202", "204", "404", "503")) {
      mutant(
          "status added",
          at + "/responses",
          status,
          o -> o.putObject(status).put("description", "Added."));
    }
    each(
        at + "/responses",
        status -> {
          mutant("status changed", at + "/responses", status, o -> rename(o, status, "299"));
          mutant("status removed", at + "/responses", status, o -> o.remove(status));
          if (root.at(at + "/responses/" + status).has("content")) {
            headers(at + "/responses/" + status);
          }
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

  private void headers(String response) {
    String headers = response + "/headers";
    each(
        headers,
        name -> {
          mutant("header removed", headers, name, o -> o.remove(name));
          mutant("header renamed", headers, name, o -> rename(o, name, name + "-Renamed"));
          mutant(
              "header retyped",
              headers + "/" + name,
              "schema",
              o -> o.putObject("schema").put("type", "string").put("pattern", "^changed$"));
        });
    mutant(
        "header added",
        response,
        "headers",
        o ->
            ((ObjectNode) (o.has("headers") ? o.get("headers") : o.putObject("headers")))
                .putObject("X-Added")
                .put("required", true)
                .putObject("schema")
                .put("type", "string"));
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
    int names = root.at(at + "/x-enum-varnames").size();
    for (int i = 1; i < names; i++) {
      int second = i;
      mutant(
          "names swapped",
          at,
          "x-enum-varnames/" + i,
          o -> {
            ArrayNode varnames = (ArrayNode) o.get("x-enum-varnames");
            JsonNode first = varnames.get(second - 1);
            varnames.set(second - 1, varnames.get(second));
            varnames.set(second, first);
          });
    }
    if (root.at(at + "/type").isArray()) {
      nullable(at);
    }
    if (root.at(at).has("properties")) {
      mutant("closed", at, "additionalProperties", o -> o.put("additionalProperties", false));
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
    JsonNode type = root.at(at + "/type");
    ADDED
        .getOrDefault((type.isArray() ? type.get(0) : type).asString(""), Map.of())
        .forEach(
            (limit, value) -> {
              if (!root.at(at).has(limit) && !root.at(at).has("enum")) {
                mutant(
                    "limit added",
                    at,
                    limit,
                    o -> o.set(limit, JsonMapper.shared().valueToTree(value)));
              }
            });
    for (String limit : LIMITS) {
      JsonNode value = root.at(at + "/" + limit);
      if (root.at(at + "/x-enforced-by/" + limit).asString("").equals("nothing")) {
        continue; // No check can tell what nothing enforces.
      }
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

  /**
   * A rule may vanish, ask less, ask something else, or apply where it did not, or not where it
   * did.
   */
  private void rule(String schema, int index) {
    String at = schema + "/allOf/" + index;
    each(
        schema + "/properties",
        third -> {
          if (!root.at(at + "/if/properties").has(third)) {
            mutant(
                "rule of another field, too",
                at + "/if",
                third,
                o -> o.withArray("required").add(third));
            if (!strings(root.at(at + "/then/required")).contains(third)) {
              mutant(
                  "rule of another field, too",
                  at + "/then",
                  third,
                  o -> o.withArray("required").add(third));
            }
          }
        });
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
