package ai.mountsea.nanobanana.spec;

import ai.mountsea.nanobanana.spec.SpecChanges.Change;
import ai.mountsea.nanobanana.spec.SpecChanges.Change.Kind;
import com.networknt.schema.Error;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.dataformat.yaml.YAMLMapper;

/**
 * Judges the rules between the fields of a request by trying: every combination of the values that
 * the specs name goes through both. One that was right and is refused now breaks the wire.
 */
final class RuleChanges {
  private static final Pattern RULE = Pattern.compile("/allOf/(\\d+)");
  private static final int MOST = 100_000;

  private RuleChanges() {}

  static List<Change> between(String releasedSpec, String currentSpec) {
    JsonNode released = new YAMLMapper().readTree(releasedSpec);
    JsonNode now = new YAMLMapper().readTree(currentSpec);
    Map<String, Change> changes = new LinkedHashMap<>();
    for (Map.Entry<String, JsonNode> path : released.path("paths").properties()) {
      for (Map.Entry<String, JsonNode> operation : path.getValue().properties()) {
        JsonNode before = body(operation.getValue());
        JsonNode after = body(now.path("paths").path(path.getKey()).path(operation.getKey()));
        if (!before.isMissingNode() && !after.isMissingNode()) {
          compare(new Side(released, before), new Side(now, after), changes);
        }
      }
    }
    return List.copyOf(changes.values());
  }

  private static void compare(Side released, Side now, Map<String, Change> changes) {
    if (released.rules().equals(now.rules())) {
      return;
    }
    for (ObjectNode request : requests(released, now)) {
      List<Error> before = released.validator.validate(request);
      List<Error> after = now.validator.validate(request);
      if (before.isEmpty()) {
        now.brokenRules(after)
            .forEach(
                rule ->
                    changes.putIfAbsent(
                        "refused " + rule,
                        new Change(Kind.WIRE, "`" + request + "` is refused now: " + rule)));
      } else if (after.isEmpty()) {
        released
            .brokenRules(before)
            .forEach(
                rule ->
                    changes.putIfAbsent(
                        "allowed " + rule,
                        new Change(
                            Kind.NEW, "`" + request + "` is allowed now, which was not: " + rule)));
      }
    }
  }

  /** The properties that rules speak of, in every combination, the shortest request first. */
  private static List<ObjectNode> requests(Side released, Side now) {
    List<ObjectNode> requests = new ArrayList<>(List.of(JsonNodeFactory.instance.objectNode()));
    for (Map.Entry<String, JsonNode> property : released.schema.path("properties").properties()) {
      String name = property.getKey();
      boolean isRequired = released.speaksOf("required", name);
      if (!isRequired && !released.speaksOf("allOf", name) && !now.speaksOf("allOf", name)) {
        continue;
      }
      List<JsonNode> values = released.values(property.getValue());
      now.values(now.schema.path("properties").path(name)).stream()
          .filter(value -> !values.contains(value))
          .forEach(values::add);
      List<ObjectNode> more = new ArrayList<>();
      for (JsonNode value : values) {
        for (ObjectNode request : requests) {
          more.add(request.deepCopy().<ObjectNode>set(name, value));
        }
      }
      if (isRequired) {
        requests.clear();
      }
      requests.addAll(more);
      if (requests.size() > MOST) {
        throw new IllegalStateException("Too many combinations to try, at property " + name);
      }
    }
    requests.sort(Comparator.comparing(ObjectNode::size));
    return requests;
  }

  private static JsonNode body(JsonNode operation) {
    return operation.at("/requestBody/content/application~1json/schema");
  }

  /** One of the two specs, with the schema of the request in it. */
  private static final class Side {
    private final JsonNode spec;
    private final JsonNode schema;
    private final Schema validator;

    Side(JsonNode spec, JsonNode body) {
      this.spec = spec;
      this.schema = resolved(body);
      ObjectNode root = (ObjectNode) body.deepCopy();
      root.set("components", spec.path("components"));
      this.validator =
          SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12).getSchema(root);
    }

    /** What the spec says of the rules among the errors; the rest is for others to judge. */
    List<String> brokenRules(List<Error> errors) {
      List<String> rules = new ArrayList<>();
      for (Error error : errors) {
        Matcher rule = RULE.matcher(error.getEvaluationPath().toString());
        if (rule.find()) {
          rules.add(schema.at(rule.group()).path("title").asString(error.toString()));
        }
      }
      return rules;
    }

    /** The rules, and the values that they may speak of. */
    List<Object> rules() {
      List<Object> rules = new ArrayList<>(List.of(schema.path("allOf")));
      schema.path("properties").forEach(property -> rules.add(values(property)));
      return rules;
    }

    boolean speaksOf(String keyword, String property) {
      return schema.path(keyword).toString().contains('"' + property + '"');
    }

    /** Values that tell the rules apart: all that are named, or one that is right. */
    List<JsonNode> values(JsonNode property) {
      JsonNode schema = resolved(property);
      List<JsonNode> values = new ArrayList<>();
      schema.path("enum").forEach(values::add);
      for (String name : List.of("const", "minimum", "maximum", "default")) {
        if (schema.has(name) && !values.contains(schema.get(name))) {
          values.add(schema.get(name));
        }
      }
      if (!property.isMissingNode() && values.isEmpty()) {
        schema.path("examples").forEach(values::add);
      }
      if (schema.path("type").asString("").equals("array")) {
        values.add(JsonNodeFactory.instance.arrayNode());
      }
      return values;
    }

    private JsonNode resolved(JsonNode node) {
      String reference = node.path("$ref").asString("");
      return reference.isEmpty() ? node : resolved(spec.at(reference.substring(1)));
    }
  }
}
