package ai.mountsea.nanobanana.spec;

import com.networknt.schema.Error;
import com.networknt.schema.ExecutionContext;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaContext;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.dialect.Dialect;
import com.networknt.schema.dialect.Dialects;
import com.networknt.schema.format.Format;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Base64;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.MissingNode;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.dataformat.yaml.YAMLMapper;

/** An OpenAPI 3.1 document as a tree, with a JSON Schema validator for every schema in it. */
final class OpenApi {
  /** For whom the schemas are read. */
  enum Use {
    /** What a service accepts: without what is read-only. */
    REQUEST,
    /** What a service may answer: without what is write-only. */
    RESPONSE,
    /** What this library can read: unknown fields of a response are never an error. */
    READER
  }

  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

  private static final Set<String> METHODS =
      Set.of("get", "put", "post", "delete", "options", "head", "patch", "trace");

  private static final Set<String> TEXTS =
      Set.of("title", "description", "$comment", "example", "examples");
  private static final Set<String> NAMED =
      Set.of("properties", "patternProperties", "dependentSchemas");
  private static final Set<String> VALUES = Set.of("enum", "const", "default");

  private static final SchemaRegistry REGISTRY =
      SchemaRegistry.withDefaultDialect(
          Dialect.builder(Dialects.getDraft202012())
              .format(number("int32", n -> fits(n, Integer.MIN_VALUE, Integer.MAX_VALUE)))
              .format(number("int64", n -> fits(n, Long.MIN_VALUE, Long.MAX_VALUE)))
              .format(text("byte", OpenApi::isBase64))
              .build(),
          builder -> builder.schemaCacheEnabled(false));

  private final JsonNode root;
  private final Map<JsonNode, Schema> schemas = new IdentityHashMap<>();

  OpenApi(JsonNode root) {
    this.root = root;
  }

  static OpenApi of(String yaml) {
    return new OpenApi(OpenEnums.marked(YAMLMapper.shared().readTree(yaml)));
  }

  JsonNode root() {
    return root;
  }

  /** Returns what a node refers to, or the node itself. */
  JsonNode resolve(JsonNode node) {
    return node.has("$ref") ? resolve(root.at(node.get("$ref").asString().substring(1))) : node;
  }

  /** Returns what is wrong with a value; formats count. */
  List<Error> errors(JsonNode schema, JsonNode value) {
    return schemas
        .computeIfAbsent(schema, this::compile)
        .validate(value, context -> context.executionConfig(c -> c.formatAssertionsEnabled(true)));
  }

  private Schema compile(JsonNode schema) {
    ObjectNode whole =
        schema instanceof ObjectNode object
            ? JSON.objectNode().setAll(object)
            : JSON.objectNode().set("allOf", JSON.arrayNode().add(schema));
    whole.set("components", root.path("components"));
    return REGISTRY.getSchema(whole);
  }

  /**
   * Returns the document with its schemas as one side means them. In all of them, an open enum is
   * any text.
   */
  OpenApi as(Use use) {
    JsonNode copy = root.deepCopy();
    adapt(copy, use);
    return new OpenApi(copy);
  }

  /** Returns a schema with what it refers to in place, and without its texts and examples. */
  JsonNode meaning(JsonNode schema) {
    return meaning(schema, List.of());
  }

  private JsonNode meaning(JsonNode schema, List<JsonNode> within) {
    if (schema instanceof ArrayNode array) {
      ArrayNode copy = JSON.arrayNode();
      array.forEach(each -> copy.add(meaning(each, within)));
      return copy;
    }
    if (!(schema instanceof ObjectNode)) {
      return schema;
    }
    ObjectNode copy = JSON.objectNode();
    for (Map.Entry<String, JsonNode> each : schema.properties()) {
      JsonNode value = each.getValue();
      if (each.getKey().equals("$ref") && !within.contains(value)) {
        List<JsonNode> deeper = new ArrayList<>(within);
        deeper.add(value);
        copy.set("$ref", meaning(resolve(schema), deeper));
      } else if (NAMED.contains(each.getKey())) {
        ObjectNode named = copy.putObject(each.getKey());
        value.forEachEntry((name, of) -> named.set(name, meaning(of, within)));
      } else if (VALUES.contains(each.getKey())) {
        copy.set(each.getKey(), value);
      } else if (!TEXTS.contains(each.getKey())) {
        copy.set(each.getKey(), meaning(value, within));
      }
    }
    return copy;
  }

  private static void adapt(JsonNode node, Use use) {
    if (node instanceof ObjectNode object) {
      if (object.path("x-open-enum").asBoolean(false)) {
        object.remove("enum");
      }
      if (use == Use.READER && object.path("additionalProperties").isBoolean()) {
        object.remove("additionalProperties");
      }
      if (object.get("properties") instanceof ObjectNode properties) {
        String hidden = use == Use.REQUEST ? "readOnly" : "writeOnly";
        for (String name : List.copyOf(properties.propertyNames())) {
          if (properties.get(name).path(hidden).asBoolean(false)) {
            properties.remove(name);
            if (object.get("required") instanceof ArrayNode required) {
              required.removeIf(each -> each.asString().equals(name));
            }
          }
        }
      }
    }
    node.forEach(child -> adapt(child, use));
  }

  /** Returns every operation by its method and path, whatever its path parameters are called. */
  Map<String, Operation> operations() {
    Map<String, Operation> operations = new LinkedHashMap<>();
    for (Map.Entry<String, JsonNode> path : root.path("paths").properties()) {
      for (Map.Entry<String, JsonNode> method : path.getValue().properties()) {
        if (METHODS.contains(method.getKey())) {
          String verb = method.getKey().toUpperCase(Locale.ROOT) + " ";
          operations.put(
              verb + path.getKey().replaceAll("\\{.*?}", "{}"),
              new Operation(verb + path.getKey(), path.getValue(), method.getValue()));
        }
      }
    }
    return operations;
  }

  /** Returns the parameters of an operation and its path, by where they are and their name. */
  Map<String, JsonNode> parameters(Operation operation) {
    Map<String, JsonNode> parameters = new LinkedHashMap<>();
    for (JsonNode owner : List.of(operation.path, operation.node)) {
      for (JsonNode each : owner.path("parameters")) {
        JsonNode parameter = resolve(each);
        String in = parameter.path("in").asString("");
        String name = parameter.path("name").asString("");
        // HTTP doesn't tell header names apart by case.
        parameters.put(
            in.equals("header") ? in + " " + name.toLowerCase(Locale.ROOT) : in + " " + name,
            parameter);
      }
    }
    return parameters;
  }

  /** Returns what an operation has under a name, or else its path or the document. */
  JsonNode inherited(Operation operation, String name) {
    for (JsonNode owner : List.of(operation.node, operation.path, root)) {
      if (owner.has(name)) {
        return owner.get(name);
      }
    }
    return MissingNode.getInstance();
  }

  /**
   * One operation.
   *
   * @param name its method and path
   * @param path what all methods of the path share
   */
  record Operation(String name, JsonNode path, JsonNode node) {}

  private static boolean fits(BigDecimal number, long from, long to) {
    return number.compareTo(BigDecimal.valueOf(from)) >= 0
        && number.compareTo(BigDecimal.valueOf(to)) <= 0;
  }

  private static boolean isBase64(String text) {
    try {
      Base64.getDecoder().decode(text);
      return true;
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  private static Format number(String name, Predicate<BigDecimal> matches) {
    return format(name, value -> !value.isNumber() || matches.test(value.decimalValue()));
  }

  private static Format text(String name, Predicate<String> matches) {
    return format(name, value -> !value.isString() || matches.test(value.asString()));
  }

  private static Format format(String name, Predicate<JsonNode> matches) {
    return new Format() {
      @Override
      public String getName() {
        return name;
      }

      @Override
      public boolean matches(ExecutionContext context, SchemaContext schema, JsonNode value) {
        return matches.test(value);
      }
    };
  }

  /** Returns the names of what is required. */
  static List<String> required(JsonNode schema) {
    List<String> names = new ArrayList<>();
    schema.path("required").forEach(name -> names.add(name.asString()));
    return names;
  }
}
