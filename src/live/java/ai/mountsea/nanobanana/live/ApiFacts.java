package ai.mountsea.nanobanana.live;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.MissingNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * What an OpenAPI document says about one operation, place by place: the same for 3.0 and 3.1,
 * whatever its schemas are called and wherever they stand.
 */
final class ApiFacts {
  private static final Set<String> NOT_COMPARED =
      Set.of("$ref", "title", "description", "$comment", "example", "examples", "externalDocs");
  private static final Set<String> STRUCTURE =
      Set.of("type", "nullable", "enum", "required", "properties", "items", "allOf");

  private static final int DEEPEST = 6;

  private final JsonNode root;
  private final String operation;
  private final Map<String, Place> places = new LinkedHashMap<>();

  private ApiFacts(JsonNode root, String operation) {
    this.root = root;
    this.operation = operation;
  }

  /**
   * One place.
   *
   * @param parent the place that it is in, if any
   * @param keywords what limits the value there
   * @param values the values of its enum
   * @param rules the rules between its fields, by name or title
   * @param description the text
   */
  record Place(
      @Nullable String parent,
      Map<String, JsonNode> keywords,
      Set<String> values,
      Set<String> rules,
      String description) {}

  /** Returns what a document says about an operation, or nothing if it doesn't have it. */
  static Map<String, Place> of(JsonNode root, String method, String path) {
    JsonNode item = root.path("paths").path(path);
    JsonNode operation = item.path(method.toLowerCase(Locale.ROOT));
    if (operation.isMissingNode()) {
      return Map.of();
    }
    ApiFacts facts = new ApiFacts(root, method + " " + path);
    facts.operation(item, operation);
    return facts.places;
  }

  private void operation(JsonNode item, JsonNode node) {
    Map<String, JsonNode> keywords = new TreeMap<>();
    JsonNode servers = first("servers", node, item, root);
    keywords.put("server", text(String.join(", ", servers.findValuesAsString("url"))));
    keywords.put("security", text(security(first("security", node, root))));
    if (node.path("deprecated").asBoolean(false)) {
      keywords.put("deprecated", node.get("deprecated"));
    }
    place(operation, null, keywords, node);

    for (JsonNode owner : List.of(item, node)) {
      for (JsonNode each : owner.path("parameters")) {
        JsonNode parameter = resolve(each);
        String place =
            "%s, %s parameter `%s`"
                .formatted(
                    operation,
                    parameter.path("in").asString(""),
                    parameter.path("name").asString(""));
        schema(
            place,
            place,
            operation,
            parameter.path("schema"),
            parameter.path("required").asBoolean(false),
            "");
      }
    }
    JsonNode body = resolve(node.path("requestBody"));
    if (!body.isMissingNode()) {
      content(operation + ", body", operation, body, body.path("required").asBoolean(false));
    }
    for (Map.Entry<String, JsonNode> response : node.path("responses").properties()) {
      String place = operation + ", status " + response.getKey();
      content(place, place, resolve(response.getValue()), false);
    }
  }

  private void content(String place, String fields, JsonNode message, boolean required) {
    Map<String, JsonNode> keywords = new TreeMap<>();
    if (required) {
      keywords.put("required", JsonNodeFactory.instance.booleanNode(true));
    }
    place(place, operation, keywords, message);
    for (Map.Entry<String, JsonNode> media : message.path("content").properties()) {
      String type = ", " + media.getKey();
      JsonNode schema = media.getValue().path("schema");
      String where = type.equals(", application/json") ? fields : fields + type;
      schema(place + type, where, place, schema, false, "");
    }
  }

  /**
   * Adds a schema and all that is in it.
   *
   * @param place the place of the schema
   * @param fields how the places of its fields begin
   * @param field the path of the field, if it is one
   */
  private void schema(
      String place, String fields, String parent, JsonNode node, boolean required, String field) {
    if (field.split("\\.").length > DEEPEST) {
      return; // A schema that contains itself.
    }
    ObjectNode schema = merged(node, new ArrayList<>());
    Map<String, JsonNode> keywords = new TreeMap<>();
    if (required) {
      keywords.put("required", JsonNodeFactory.instance.booleanNode(true));
    }
    Set<String> types = new TreeSet<>();
    if (schema.path("type").isArray()) {
      schema.get("type").forEach(type -> types.add(type.asString()));
    } else if (schema.has("type")) {
      types.add(schema.get("type").asString());
    }
    if (types.remove("null") | schema.path("nullable").asBoolean(false)) {
      keywords.put("null", JsonNodeFactory.instance.booleanNode(true));
    }
    if (!types.isEmpty()) {
      keywords.put("type", text(String.join(" or ", types)));
    }
    Set<String> values = new LinkedHashSet<>();
    for (JsonNode value : schema.path("enum")) {
      if (!value.isNull()) {
        values.add(value.asString());
      }
    }
    Set<String> rules = new LinkedHashSet<>();
    for (JsonNode rule : schema.path("allOf")) {
      // Its name in RequestRules, which stays when its words change.
      String title = rule.path("title").asString(rule.toString());
      rules.add(rule.path("x-enforced-by").asString(title));
    }
    for (Map.Entry<String, JsonNode> each : schema.properties()) {
      String keyword = each.getKey();
      boolean isOpen = keyword.equals("x-open-enum");
      if (!NOT_COMPARED.contains(keyword)
          && !STRUCTURE.contains(keyword)
          && (isOpen || !keyword.startsWith("x-"))) {
        keywords.put(isOpen ? "open" : keyword, each.getValue());
      }
    }
    places.put(
        place, new Place(parent, keywords, values, rules, schema.path("description").asString("")));

    Set<String> needed = new TreeSet<>();
    schema.path("required").forEach(name -> needed.add(name.asString()));
    for (Map.Entry<String, JsonNode> each : schema.path("properties").properties()) {
      String name = field.isEmpty() ? each.getKey() : field + "." + each.getKey();
      boolean isNeeded = needed.contains(each.getKey());
      schema(fields + ", `" + name + "`", fields, place, each.getValue(), isNeeded, name);
    }
    if (schema.has("items")) {
      String name = field + "[]";
      schema(fields + ", `" + name + "`", fields, place, schema.get("items"), false, name);
    }
  }

  /** A schema with what it refers to, and with the parts of its allOf that are no rules. */
  private ObjectNode merged(JsonNode node, List<JsonNode> within) {
    ObjectNode merged = JsonNodeFactory.instance.objectNode();
    if (within.contains(node)) {
      return merged;
    }
    within.add(node);
    if (node.has("$ref")) {
      merged.setAll(merged(resolve(node), within));
    }
    List<JsonNode> rules = new ArrayList<>();
    merged.path("allOf").forEach(rules::add);
    for (JsonNode part : node.path("allOf")) {
      if (part.has("if")) {
        rules.add(part);
      } else {
        add(merged, merged(part, within));
      }
    }
    ObjectNode own = JsonNodeFactory.instance.objectNode();
    node.properties().forEach(each -> own.set(each.getKey(), each.getValue()));
    own.remove(List.of("$ref", "allOf"));
    // OpenAPI 3.0 says in two keywords what 3.1 says in one.
    for (String[] pair :
        new String[][] {{"exclusiveMinimum", "minimum"}, {"exclusiveMaximum", "maximum"}}) {
      if (own.path(pair[0]).isBoolean()) {
        boolean isExclusive = own.remove(pair[0]).asBoolean();
        if (isExclusive && own.has(pair[1])) {
          own.set(pair[0], own.remove(pair[1]));
        }
      }
    }
    add(merged, own);
    if (!rules.isEmpty()) {
      merged.putArray("allOf").addAll(rules);
    }
    return merged;
  }

  private static void add(ObjectNode merged, ObjectNode part) {
    for (Map.Entry<String, JsonNode> each : part.properties()) {
      String keyword = each.getKey();
      if (keyword.equals("properties") && merged.has(keyword)) {
        ObjectNode both = ((ObjectNode) merged.get(keyword)).deepCopy();
        each.getValue().forEachEntry(both::set);
        merged.set(keyword, both);
      } else if (keyword.equals("required") && merged.has(keyword)) {
        merged.withArray(keyword).addAll(List.copyOf(each.getValue().valueStream().toList()));
      } else {
        merged.set(keyword, each.getValue());
      }
    }
  }

  private void place(
      String place, @Nullable String parent, Map<String, JsonNode> keywords, JsonNode node) {
    String description = node.path("description").asString("");
    places.put(place, new Place(parent, keywords, Set.of(), Set.of(), description));
  }

  private String security(JsonNode alternatives) {
    Set<String> schemes = new TreeSet<>();
    for (JsonNode alternative : alternatives) {
      Set<String> together = new TreeSet<>();
      for (String name : alternative.propertyNames()) {
        JsonNode scheme = resolve(root.path("components").path("securitySchemes").path(name));
        together.add(
            String.join(
                    " ",
                    scheme.path("type").asString(name),
                    scheme.path("scheme").asString(""),
                    scheme.path("in").asString(""),
                    scheme.path("name").asString(""))
                .strip());
      }
      schemes.add(together.isEmpty() ? "none" : String.join(" and ", together));
    }
    return schemes.isEmpty() ? "none" : String.join(" or ", schemes);
  }

  private JsonNode resolve(JsonNode node) {
    if (!node.has("$ref")) {
      return node;
    }
    String reference = node.get("$ref").asString("");
    return reference.startsWith("#/")
        ? resolve(root.at(reference.substring(1)))
        : MissingNode.getInstance();
  }

  private static JsonNode first(String name, JsonNode... owners) {
    for (JsonNode owner : owners) {
      if (owner.has(name)) {
        return owner.get(name);
      }
    }
    return MissingNode.getInstance();
  }

  private static JsonNode text(String text) {
    return JsonNodeFactory.instance.stringNode(text);
  }
}
