package ai.mountsea.nanobanana.contract;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeSet;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Finds where a pact and the spec differ, and what of the spec a pact leaves out. */
final class PactAgainstSpec {
  /** What the spec leaves optional in a response and the pact requires all the same, and why. */
  private static final Map<String, String> REQUIRED_ALL_THE_SAME =
      Map.of(
          "result of 200", "A completed task without an image has nothing to download.",
          "result.imageUrls of 200", "The library finds the images here first.",
          "Retry-After of 429", "A retry waits for as long as it says.");

  private final Spec spec;
  private final List<String> problems = new ArrayList<>();
  private final TreeSet<String> exercised = new TreeSet<>();
  private String interaction = "";

  private PactAgainstSpec(Spec spec) {
    this.spec = spec;
  }

  /** Returns all that is wrong, each with the interaction it was found in. */
  static List<String> problems(JsonNode pact, Spec spec) {
    PactAgainstSpec check = new PactAgainstSpec(spec);
    pact.get("interactions").forEach(check::interaction);
    spec.operations()
        .forEach(
            (id, operation) ->
                operation.statuses().stream()
                    .map(status -> id + " " + status)
                    .filter(pair -> !check.exercised.contains(pair))
                    .forEach(pair -> check.problems.add("never exercised: " + pair)));
    return check.problems;
  }

  private void interaction(JsonNode node) {
    interaction = node.get("description").asString();
    JsonNode request = node.get("request");
    JsonNode response = node.get("response");
    headersAreUnique(request);
    headersAreUnique(response);
    for (String header : response.path("headers").propertyNames()) {
      mayRequire(header, response);
    }
    for (Map.Entry<String, Spec.Operation> entry : spec.operations().entrySet()) {
      Spec.Operation operation = entry.getValue();
      if (operation.path().equals(request.get("path").asString())
          && operation.method().equals(request.get("method").asString().toLowerCase(Locale.ROOT))) {
        String status = response.get("status").asString();
        String documented = operation.statuses().contains(status) ? status : "default";
        exercised.add(entry.getKey() + " " + documented);
        parameters(operation.node().path("parameters"), request);
        token(operation.node(), request, status.equals("401"));
        body(
            status.equals("400") ? "refused request" : "request",
            spec.resolve(operation.node().path("requestBody")),
            request);
        JsonNode reply = operation.node().path("responses").path(documented);
        if (reply.isMissingNode()) {
          problem("the spec has no status " + status);
        } else {
          headers(spec.resolve(reply).path("headers"), response);
          body("response", spec.resolve(reply), response);
        }
        return;
      }
    }
    problem("the spec has no such operation");
  }

  private void parameters(JsonNode parameters, JsonNode request) {
    TreeSet<String> unknown = new TreeSet<>(request.path("query").propertyNames());
    for (JsonNode node : parameters) {
      JsonNode parameter = spec.resolve(node);
      String name = parameter.get("name").asString();
      JsonNode values =
          parameter.get("in").asString().equals("query")
              ? request.path("query").path(name)
              : request.path("headers").path(name);
      unknown.remove(parameter.get("in").asString().equals("query") ? name : "");
      if (values.isEmpty() && parameter.path("required").asBoolean(false)) {
        problem("the parameter " + name + " is not sent");
      }
      for (JsonNode value : values) {
        found("the parameter " + name, spec.problems(parameter.get("schema"), value));
      }
    }
    unknown.forEach(name -> problem("the spec has no parameter " + name));
    for (String header : request.path("headers").propertyNames()) {
      if (!List.of("authorization", "content-type").contains(header.toLowerCase(Locale.ROOT))) {
        problem("the spec has no header " + header);
      }
    }
  }

  private void headers(JsonNode documented, JsonNode response) {
    response
        .path("headers")
        .forEachEntry(
            (name, values) -> {
              JsonNode schema = documented.path(name).path("schema");
              if (schema.isMissingNode()) {
                problem("the spec has no response header " + name);
              } else {
                values.forEach(value -> found("the header " + name, spec.problems(schema, value)));
              }
            });
  }

  private void token(JsonNode operation, JsonNode request, boolean refused) {
    JsonNode security = operation.path("security");
    JsonNode requirements = security.isMissingNode() ? spec.root().path("security") : security;
    boolean needed = !requirements.isEmpty();
    boolean suffices = false;
    for (JsonNode requirement : requirements) {
      needed = needed && !requirement.isEmpty();
      suffices = suffices || requirement.propertyNames().stream().allMatch(this::isBearer);
    }
    if (!suffices && needed) {
      problem("a token is not enough");
    }
    boolean sent =
        request.path("headers").path("Authorization").path(0).asString("").startsWith("Bearer ");
    if (sent != (needed && !refused)) {
      problem(sent ? "a token is sent but not needed" : "no token is sent");
    }
  }

  private boolean isBearer(String name) {
    JsonNode scheme = spec.root().at("/components/securitySchemes/" + name);
    return scheme.path("type").asString("").equals("http")
        && scheme.path("scheme").asString("").equals("bearer");
  }

  private void body(String part, JsonNode documented, JsonNode message) {
    JsonNode body = message.path("body").path("content");
    if (body.isMissingNode()) {
      if (documented.path("required").asBoolean(false)) {
        problem("the " + part + " has no body");
      }
      return;
    }
    String contentType = message.path("body").path("contentType").asString("");
    JsonNode content = documented.path("content").path(contentType);
    if (content.isMissingNode()) {
      problem("the spec has no " + part + " of content type " + contentType);
      return;
    }
    JsonNode schema = content.get("schema");
    if (part.equals("refused request")) {
      // The service refuses it for a value that the spec leaves open.
      if (!spec.accepts(schema, body)) {
        problem("the request breaks the spec");
      }
      return;
    }
    found("the " + part, spec.problems(schema, body));
    if (part.equals("response")) {
      requiresNoMore(schema, body, "", message);
      probe(schema, body, message.path("matchingRules").path("body"));
    }
  }

  /** Servers and verifiers may send both lines of a header that differs in case only. */
  private void headersAreUnique(JsonNode message) {
    TreeSet<String> names = new TreeSet<>(String.CASE_INSENSITIVE_ORDER);
    for (String header : message.path("headers").propertyNames()) {
      if (!names.add(header)) {
        problem("the header " + header + " is there twice");
      }
    }
  }

  private void requiresNoMore(JsonNode node, JsonNode body, String path, JsonNode response) {
    JsonNode schema = spec.resolve(node);
    List<String> required = schema.path("required").valueStream().map(JsonNode::asString).toList();
    body.propertyStream()
        .forEach(
            property -> {
              String name = path + property.getKey();
              if (!required.contains(property.getKey())) {
                mayRequire(name, response);
              }
              requiresNoMore(
                  schema.path("properties").path(property.getKey()),
                  property.getValue(),
                  name + ".",
                  response);
            });
  }

  private void mayRequire(String part, JsonNode response) {
    if (!REQUIRED_ALL_THE_SAME.containsKey(part + " of " + response.path("status").asString())) {
      problem("the response must have " + part + ", which the spec leaves optional");
    }
  }

  /** What a pattern of the pact says of the shortest texts, the spec has to say as well. */
  private void probe(JsonNode schema, JsonNode body, JsonNode rules) {
    rules.forEachEntry(
        (path, rule) -> {
          String regex = rule.get("matchers").findPath("regex").asString("");
          String pointer = path.substring(1).replaceAll("\\[\\*]", "/0").replaceAll("\\.", "/");
          for (String probe : regex.isEmpty() ? List.<String>of() : List.of("", "x")) {
            boolean pactAccepts = Pattern.matches(regex, probe);
            boolean specAccepts = spec.problems(schema, with(body, pointer, probe)).isEmpty();
            if (pactAccepts != specAccepts) {
              problem(
                  (pactAccepts ? "only the pact" : "only the spec")
                      + " takes \""
                      + probe
                      + "\" for "
                      + path);
            }
          }
        });
  }

  private static JsonNode with(JsonNode body, String pointer, String text) {
    JsonNode copy = body.deepCopy();
    int last = pointer.lastIndexOf('/');
    JsonNode parent = copy.at(pointer.substring(0, last));
    if (parent instanceof ObjectNode object) {
      object.put(pointer.substring(last + 1), text);
    } else {
      ((ArrayNode) parent).set(0, text);
    }
    return copy;
  }

  private void found(String where, List<String> found) {
    found.forEach(problem -> problem(where + " breaks the spec: " + problem));
  }

  private void problem(String problem) {
    problems.add(interaction + ": " + problem);
  }
}
