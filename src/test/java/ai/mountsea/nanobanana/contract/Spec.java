package ai.mountsea.nanobanana.contract;

import ai.mountsea.nanobanana.spec.Enforced;
import ai.mountsea.nanobanana.spec.OpenEnums;
import com.networknt.schema.Error;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.dataformat.yaml.YAMLMapper;

/**
 * The spec as a tree, and what a JSON Schema 2020-12 validator makes of its schemas.
 *
 * <p>In that dialect {@code format} only remarks, so {@link #accepts} leaves it alone: the rules of
 * a request must hold without it. {@link #problems} asserts it, and takes no field that the spec
 * does not have: the examples of a contract must be right in every way.
 */
final class Spec {
  private static final SchemaRegistry SCHEMAS =
      SchemaRegistry.withDefaultDialect(
          SpecificationVersion.DRAFT_2020_12, builder -> builder.schemaCacheEnabled(false));

  private final JsonNode root;
  private final Map<JsonNode, Schema> lenient = new IdentityHashMap<>();
  private final Map<JsonNode, Schema> strict = new IdentityHashMap<>();

  Spec(JsonNode root) {
    this.root = root;
  }

  static Spec read() {
    return new Spec(
        OpenEnums.marked(
            YAMLMapper.shared().readTree(Path.of("openapi", "nano-banana.yaml").toFile())));
  }

  JsonNode root() {
    return root;
  }

  /** Returns the schema of a name. */
  JsonNode schema(String name) {
    return root.at("/components/schemas/" + name);
  }

  /**
   * Returns the first example of a request that is valid when it is completed: each property that
   * it lacks gets the property's own first example, its default, or the first value of its enum.
   */
  JsonNode requestWithEveryField(String name) {
    JsonNode schema = schema(name);
    for (JsonNode content : root.get("paths").findValues("application/json")) {
      if (content.at("/schema/$ref").asString("").endsWith("/" + name)) {
        for (JsonNode example : content.path("examples")) {
          ObjectNode completed = JsonNodeFactory.instance.objectNode();
          schema
              .get("properties")
              .forEachEntry(
                  (wire, property) ->
                      completed.set(
                          wire,
                          example.get("value").has(wire)
                              ? example.get("value").get(wire)
                              : exampleOf(wire, property)));
          if (problems(schema, completed).isEmpty()) {
            return completed;
          }
        }
      }
    }
    throw new IllegalStateException(
        "No example of "
            + name
            + " in the spec is valid when it is completed with every property;"
            + " give each new property an example that fits one of them");
  }

  private JsonNode exampleOf(String name, JsonNode property) {
    return Stream.of(
            property.at("/examples/0"),
            property.path("default"),
            resolve(property).path("default"),
            resolve(property).at("/enum/0"))
        .filter(example -> !example.isMissingNode())
        .findFirst()
        .orElseThrow(
            () -> new IllegalStateException("The spec needs an example for the property " + name));
  }

  /** Returns what a node refers to, or the node itself if it does not. */
  JsonNode resolve(JsonNode node) {
    return node.has("$ref") ? root.at(node.get("$ref").asString().substring(1)) : node;
  }

  /** Returns every operation, by its id. */
  Map<String, Operation> operations() {
    Map<String, Operation> operations = new TreeMap<>();
    root.get("paths")
        .forEachEntry(
            (path, methods) ->
                methods.forEachEntry(
                    (method, operation) ->
                        operations.put(
                            operation.path("operationId").asString(),
                            new Operation(method, path, operation))));
    return operations;
  }

  /** Returns whether a value is as a schema says. */
  boolean accepts(JsonNode schema, JsonNode value) {
    return lenient
        .computeIfAbsent(schema, s -> compile(Enforced.of(s), withOpenEnums()))
        .validate(value, context -> context.executionConfig(c -> c.failFast(true)))
        .isEmpty();
  }

  /** Returns what is wrong with an example. */
  List<String> problems(JsonNode schema, JsonNode example) {
    List<String> problems = new ArrayList<>();
    for (Error error :
        strict
            .computeIfAbsent(schema, s -> compile(s, withNoOtherFields()))
            .validate(
                example,
                context -> context.executionConfig(c -> c.formatAssertionsEnabled(true)))) {
      problems.add(error.toString());
    }
    return problems;
  }

  /** Returns what is wrong with the examples, and the defaults, that the spec itself has. */
  List<String> problemsOfExamples() {
    List<String> problems = new ArrayList<>();
    examples(root, problems);
    return problems;
  }

  private void examples(JsonNode node, List<String> problems) {
    if (node.has("schema")) {
      JsonNode schema = node.get("schema");
      node.path("examples").forEach(e -> problems.addAll(problems(schema, e.get("value"))));
      if (node.has("example")) {
        problems.addAll(problems(schema, node.get("example")));
      }
    } else {
      node.path("examples").forEach(example -> problems.addAll(problems(node, example)));
      if (node.has("default") && node.has("type")) {
        problems.addAll(problems(node, node.get("default")));
      }
    }
    node.forEach(child -> examples(child, problems));
  }

  private static Schema compile(JsonNode schema, JsonNode root) {
    ObjectNode whole = (ObjectNode) schema.deepCopy();
    whole.set("components", root.get("components"));
    return SCHEMAS.getSchema(whole);
  }

  /** Returns the document without the limits of which it says that nothing enforces them. */
  JsonNode enforced() {
    return Enforced.of(root);
  }

  private JsonNode withOpenEnums() {
    JsonNode copy = enforced();
    for (JsonNode schema : copy.at("/components/schemas")) {
      if (schema.path("x-open-enum").asBoolean(false)) {
        ((ObjectNode) schema).remove("enum");
      }
    }
    return copy;
  }

  private JsonNode withNoOtherFields() {
    JsonNode copy = root.deepCopy();
    for (JsonNode schema : copy.at("/components/schemas")) {
      if (schema.has("properties")) {
        ((ObjectNode) schema).put("additionalProperties", false);
      }
    }
    return copy;
  }

  /** One operation. */
  record Operation(String method, String path, JsonNode node) {
    /** Returns the statuses that the spec has for it, which may be {@code default}. */
    List<String> statuses() {
      return node.path("responses").propertyNames().stream().collect(Collectors.toList());
    }
  }
}
