package ai.mountsea.nanobanana.live;

import ai.mountsea.nanobanana.live.ApiFacts.Place;
import com.networknt.schema.Error;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * Holds a response against the spec, strictly: a field that the spec doesn't have, a value that no
 * enum has and a text in another format are findings, whatever the library makes of them.
 */
final class ResponseCheck {
  private static final JsonMapper JSON =
      JsonMapper.builder().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS).build();
  private static final SchemaRegistry SCHEMAS =
      SchemaRegistry.withDefaultDialect(
          SpecificationVersion.DRAFT_2020_12, builder -> builder.schemaCacheEnabled(false));

  private final JsonNode spec;
  private final JsonNode strict;

  ResponseCheck(JsonNode spec) {
    this.spec = spec;
    strict = spec.deepCopy();
    for (JsonNode schema : strict.at("/components/schemas")) {
      if (schema.has("properties")) {
        ((ObjectNode) schema).put("additionalProperties", false);
      }
    }
  }

  /**
   * What a response says of the spec.
   *
   * @param findings a sentence for each difference
   * @param facts what of the spec was seen to be true
   */
  record Verdict(List<String> findings, Set<String> facts) {}

  /**
   * Judges a response.
   *
   * @param operation its method and path
   */
  Verdict judge(String operation, Exchange exchange, Redaction redaction) {
    String[] parts = operation.split(" ");
    JsonNode responses =
        spec.path("paths").path(parts[1]).path(parts[0].toLowerCase(Locale.ROOT)).path("responses");
    String status = String.valueOf(exchange.status());
    String documented = responses.has(status) ? status : "default";
    String place = operation + ", status " + status;
    List<String> findings = new ArrayList<>();
    Set<String> facts = new TreeSet<>();
    if (exchange.isRedirect()) {
      String location = exchange.headers().get("Location");
      String to = location == null ? "nowhere" : redaction.text(location);
      findings.add(place + ": the service redirects to " + to + ".");
      return new Verdict(findings, facts);
    }
    if (!responses.has(status) && exchange.isSuccess()) {
      findings.add(place + ": the spec doesn't have this status.");
      documented =
          responses.propertyNames().stream()
              .filter(name -> name.startsWith("2"))
              .findFirst()
              .orElse(documented);
    }
    JsonNode media = resolve(responses.path(documented)).path("content").path("application/json");
    String contentType = exchange.headers().get("Content-Type");
    if (contentType == null || !contentType.matches("(?i)application/json *(;.*)?")) {
      findings.add(place + ": the body is " + described(contentType) + ", not application/json.");
    }
    if (exchange.isCut()) {
      findings.add(place + ": the body was cut off.");
    }
    JsonNode body = json(exchange.responseBody());
    if (body == null) {
      findings.add(place + ": the body is not JSON.");
      return new Verdict(findings, facts);
    }
    String asked = exchange.url().queryParameter("taskId");
    String named = body.path("taskId").asString("");
    if (asked != null && !named.isEmpty() && !named.equals(asked)) {
      findings.add(place + ": the result is of another task than the one that was asked for.");
    }
    Set<String> wrong = new LinkedHashSet<>();
    for (Error error : errors(media.path("schema"), body)) {
      String path = path(error.getInstanceLocation());
      if (!List.of("additionalProperties", "required").contains(error.getKeyword())) {
        wrong.add(path);
      }
      findings.add(place + ": " + sentence(error, path, redaction));
    }
    if (responses.has(status) || documented.equals("default")) {
      String known = operation + ", status " + documented;
      facts.add(known);
      facts(ApiFacts.of(spec, parts[0], parts[1]), known, "", body, wrong, facts);
    }
    return new Verdict(findings, facts);
  }

  /** Returns the JSON of a body; null if it is none. */
  static @Nullable JsonNode json(@Nullable String body) {
    if (body == null || body.isBlank()) {
      return null;
    }
    try {
      return JSON.readTree(body);
    } catch (JacksonException e) {
      return null;
    }
  }

  private Collection<Error> errors(JsonNode schema, JsonNode body) {
    ObjectNode whole = (ObjectNode) schema.deepCopy();
    whole.set("components", strict.get("components"));
    Schema compiled = SCHEMAS.getSchema(whole);
    return compiled.validate(
        body, context -> context.executionConfig(c -> c.formatAssertionsEnabled(true)));
  }

  private static String sentence(Error error, String path, Redaction redaction) {
    String what = path.isEmpty() ? "the body" : "`" + path + "`";
    JsonNode value = error.getInstanceNode();
    return switch (error.getKeyword()) {
      case "additionalProperties" ->
          "`%s` is not in the spec; it is %s."
              .formatted(
                  child(path, redaction.text(error.getProperty())),
                  type(value.path(error.getProperty())));
      case "required" -> "`%s` is missing.".formatted(child(path, error.getProperty()));
      case "type" -> what + " is " + type(value) + ", not " + types(error.getSchemaNode()) + ".";
      case "enum" ->
          what + " is `" + redaction.text(value.asString("")) + "`, which the spec doesn't have.";
      case "format" -> what + " is not a " + error.getSchemaNode().asString("") + ".";
      default -> what + ": " + redaction.text(error.getMessage()) + ".";
    };
  }

  /** What the body shows of the places that the spec has. */
  private static void facts(
      Map<String, Place> places,
      String response,
      String field,
      JsonNode value,
      Set<String> wrong,
      Set<String> facts) {
    String place = response + (field.isEmpty() ? ", application/json" : ", `" + field + "`");
    Place known = places.get(place);
    String location = field.isEmpty() ? "" : field.replace("[]", "[0]");
    if (known == null || wrong.contains(location)) {
      return;
    }
    if (!field.isEmpty()) {
      facts.add(place + (value.isNull() ? ": null" : ""));
    }
    if (value.isString() && known.values().contains(value.asString())) {
      facts.add(place + ": the value `" + value.asString() + "`");
    }
    if (value.isArray() && !value.isEmpty()) {
      facts(places, response, field + "[]", value.get(0), wrong, facts);
    }
    for (Map.Entry<String, JsonNode> each : value.properties()) {
      String name = child(field, each.getKey());
      facts(places, response, name, each.getValue(), wrong, facts);
    }
  }

  private static String path(com.networknt.schema.path.NodePath location) {
    StringBuilder path = new StringBuilder();
    for (int i = 0; i < location.getNameCount(); i++) {
      Object element = location.getElement(i);
      if (element instanceof Integer index) {
        path.append('[').append(index).append(']');
      } else {
        path.append(path.isEmpty() ? "" : ".").append(element);
      }
    }
    return path.toString();
  }

  private static String child(String path, String name) {
    return path.isEmpty() ? name : path + "." + name;
  }

  private static String type(JsonNode value) {
    return switch (value.getNodeType()) {
      case STRING -> "a string";
      case NUMBER -> value.isIntegralNumber() ? "an integer" : "a number";
      case BOOLEAN -> "a boolean";
      case NULL -> "null";
      case ARRAY -> "an array";
      default -> "an object";
    };
  }

  private static String types(JsonNode type) {
    return type.isArray()
        ? String.join(" or ", type.valueStream().map(JsonNode::asString).toList())
        : type.asString("");
  }

  private static String described(@Nullable String contentType) {
    return contentType == null ? "without a Content-Type" : contentType;
  }

  private JsonNode resolve(JsonNode node) {
    return node.has("$ref") ? spec.at(node.get("$ref").asString().substring(1)) : node;
  }
}
