package ai.mountsea.nanobanana.spec;

import ai.mountsea.nanobanana.spec.OpenApi.Operation;
import ai.mountsea.nanobanana.spec.OpenApi.Use;
import ai.mountsea.nanobanana.spec.SchemaChanges.Difference;
import ai.mountsea.nanobanana.spec.SpecChanges.Change;
import ai.mountsea.nanobanana.spec.SpecChanges.Change.Kind;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import tools.jackson.databind.JsonNode;

/**
 * What changes on the wire between a released spec and the current one.
 *
 * <p>What the released library may send, the current spec has to accept; what the service may
 * answer by the current spec, the released library has to be able to read. A change that violates
 * one of the two breaks the wire, a change the other way is new.
 */
final class WireChanges {
  private final OpenApi oldRequests;
  private final OpenApi nowRequests;
  private final OpenApi oldReader;
  private final OpenApi nowResponses;
  private final Set<Change> changes = new LinkedHashSet<>();

  private WireChanges(OpenApi old, OpenApi now) {
    this.oldRequests = old.as(Use.REQUEST);
    this.nowRequests = now.as(Use.REQUEST);
    this.oldReader = old.as(Use.READER);
    this.nowResponses = now.as(Use.RESPONSE);
  }

  static Set<Change> between(OpenApi released, OpenApi now) {
    WireChanges found = new WireChanges(released, now);
    Map<String, Operation> operations = found.nowRequests.operations();
    found
        .oldRequests
        .operations()
        .forEach(
            (key, operation) -> {
              Operation same = operations.remove(key);
              if (same == null) {
                found.breaks(operation.name() + " is gone");
              } else {
                found.operation(key, operation, same);
              }
            });
    operations.values().forEach(each -> found.isNew(each.name()));
    return found.changes;
  }

  private void operation(String key, Operation before, Operation after) {
    String where = after.name();
    servers(before, after);
    security(before, after);
    deprecated(where, before.node(), after.node());
    parameters(where, before, after);
    body(where, before, after);
    responses(
        where,
        oldReader.operations().get(key).node().path("responses"),
        nowResponses.operations().get(key).node().path("responses"));
  }

  private void servers(Operation before, Operation after) {
    Set<String> was = servers(oldRequests, before);
    Set<String> is = servers(nowRequests, after);
    if (!was.equals(is)) {
      String first = was.iterator().next();
      String text = scope(before, after, "servers") + " was " + was + " and is " + is;
      if (is.contains(first)) {
        isNew(text);
      } else {
        breaks(text);
      }
    }
  }

  private static Set<String> servers(OpenApi spec, Operation operation) {
    Set<String> urls = new LinkedHashSet<>();
    spec.inherited(operation, "servers")
        .forEach(server -> urls.add(server.path("url").asString("/").replaceFirst("/$", "")));
    return urls.isEmpty() ? Set.of("/") : urls;
  }

  private void security(Operation before, Operation after) {
    Set<Set<String>> was = security(oldRequests, before);
    Set<Set<String>> is = security(nowRequests, after);
    if (!was.equals(is)) {
      String text = scope(before, after, "security") + " was " + was + " and is " + is;
      boolean accepted =
          was.stream().allMatch(sent -> is.stream().anyMatch(needed -> sent.containsAll(needed)));
      if (accepted) {
        isNew(text);
      } else {
        breaks(text);
      }
    }
  }

  /** The alternatives, each with what a request has to bring along. */
  private static Set<Set<String>> security(OpenApi spec, Operation operation) {
    Set<Set<String>> alternatives = new LinkedHashSet<>();
    for (JsonNode alternative : spec.inherited(operation, "security")) {
      Set<String> needed = new TreeSet<>();
      for (Map.Entry<String, JsonNode> each : alternative.properties()) {
        JsonNode scheme =
            spec.resolve(
                spec.root().path("components").path("securitySchemes").path(each.getKey()));
        List<String> words = new ArrayList<>();
        for (String part : List.of("type", "scheme", "in", "name", "openIdConnectUrl")) {
          String word = scheme.path(part).asString("");
          words.add(part.equals("name") ? word : word.toLowerCase(Locale.ROOT));
        }
        needed.add(String.join(" ", words).strip().replaceAll(" +", " "));
        each.getValue().forEach(scope -> needed.add("scope " + scope.asString()));
      }
      alternatives.add(needed);
    }
    return alternatives.isEmpty() ? Set.of(Set.of()) : alternatives;
  }

  /** The operation, if one of the two specs has something of its own for it. */
  private static String scope(Operation before, Operation after, String name) {
    for (Operation each : List.of(before, after)) {
      if (each.node().has(name) || each.path().has(name)) {
        return after.name() + ": " + name;
      }
    }
    return name;
  }

  private void deprecated(String where, JsonNode before, JsonNode after) {
    if (after.path("deprecated").asBoolean(false) && !before.path("deprecated").asBoolean(false)) {
      isNew(where + " is deprecated");
    }
  }

  private void parameters(String where, Operation before, Operation after) {
    Map<String, JsonNode> parameters = nowRequests.parameters(after);
    oldRequests
        .parameters(before)
        .forEach(
            (name, was) -> {
              JsonNode is = parameters.remove(name);
              if (name.startsWith("path ")) {
                return;
              } else if (is == null) {
                breaks(where + " no longer has the " + in(was));
              } else {
                parameter(where, was, is);
              }
            });
    parameters.forEach(
        (name, is) -> {
          if (is.path("required").asBoolean(false)) {
            if (!name.startsWith("path ")) {
              breaks(where + " needs the " + in(is));
            }
          } else {
            isNew(where + " has the " + in(is));
          }
        });
    pathParameters(where, oldRequests.parameters(before), nowRequests.parameters(after));
  }

  /** Their names are not on the wire; their order is. */
  private void pathParameters(
      String where, Map<String, JsonNode> before, Map<String, JsonNode> after) {
    List<JsonNode> was = inPath(before);
    List<JsonNode> is = inPath(after);
    for (int i = 0; i < Math.min(was.size(), is.size()); i++) {
      parameter(where, was.get(i), is.get(i));
    }
  }

  private static List<JsonNode> inPath(Map<String, JsonNode> parameters) {
    return parameters.entrySet().stream()
        .filter(each -> each.getKey().startsWith("path "))
        .map(Map.Entry::getValue)
        .toList();
  }

  private void parameter(String where, JsonNode was, JsonNode is) {
    String place = where + ", " + in(is);
    boolean wasRequired = was.path("required").asBoolean(false);
    boolean isRequired = is.path("required").asBoolean(false);
    if (isRequired && !wasRequired) {
      breaks(place + " was optional and is required");
    } else if (wasRequired && !isRequired) {
      isNew(place + " was required and is optional");
    }
    if (!serialization(was).equals(serialization(is))) {
      breaks(place + " was " + serialization(was) + " and is " + serialization(is));
    }
    deprecated(place, was, is);
    requests(place, schemaOf(was), schemaOf(is), true);
  }

  private static String in(JsonNode parameter) {
    return "%s parameter `%s`"
        .formatted(parameter.path("in").asString(""), parameter.path("name").asString(""));
  }

  private static String serialization(JsonNode parameter) {
    String in = parameter.path("in").asString("");
    String style =
        parameter
            .path("style")
            .asString(in.equals("query") || in.equals("cookie") ? "form" : "simple");
    boolean explode = parameter.path("explode").asBoolean(style.equals("form"));
    return (parameter.has("content") ? "JSON" : style + (explode ? ", exploded" : ""))
        + (parameter.path("allowReserved").asBoolean(false) ? ", unescaped" : "");
  }

  private static JsonNode schemaOf(JsonNode parameter) {
    return parameter.has("schema")
        ? parameter.get("schema")
        : parameter.at("/content/application~1json/schema");
  }

  private void body(String where, Operation before, Operation after) {
    JsonNode was = oldRequests.resolve(before.node().path("requestBody"));
    JsonNode is = nowRequests.resolve(after.node().path("requestBody"));
    boolean isRequired = is.path("required").asBoolean(false);
    if (was.isMissingNode() && is.isMissingNode()) {
      return;
    } else if (was.isMissingNode()) {
      if (isRequired) {
        breaks(where + " needs a body");
      } else {
        isNew(where + " takes a body");
      }
    } else if (is.isMissingNode()) {
      breaks(where + " no longer takes a body");
    } else {
      if (isRequired && !was.path("required").asBoolean(false)) {
        breaks(where + ": the body was optional and is required");
      } else if (!isRequired && was.path("required").asBoolean(false)) {
        isNew(where + ": the body was required and is optional");
      }
      Map<String, JsonNode> types = content(is);
      content(was)
          .forEach(
              (type, media) -> {
                JsonNode same = types.remove(type);
                if (same == null) {
                  breaks(where + " no longer takes " + type);
                } else {
                  requests(where, media.path("schema"), same.path("schema"), false);
                }
              });
      types.keySet().forEach(type -> isNew(where + " takes " + type));
    }
  }

  /** The bodies by media type, less its parameters. */
  private static Map<String, JsonNode> content(JsonNode message) {
    Map<String, JsonNode> content = new LinkedHashMap<>();
    message
        .path("content")
        .forEachEntry(
            (type, media) ->
                content.put(
                    type.replaceFirst("\\s*;.*", "").strip().toLowerCase(Locale.ROOT), media));
    return content;
  }

  private void responses(String where, JsonNode was, JsonNode is) {
    for (String status : was.propertyNames()) {
      if (status.startsWith("2") && !is.has(status)) {
        breaks(where + " no longer answers " + status);
      }
    }
    for (Map.Entry<String, JsonNode> each : is.properties()) {
      String status = each.getKey();
      String text = where + " may answer " + (status.equals("default") ? "other statuses" : status);
      if (status.startsWith("2") && !was.has(status)) {
        breaks(text);
      } else {
        if (!was.has(status)) {
          isNew(text);
        }
        JsonNode expected =
            was.has(status)
                ? was.get(status)
                : was.path(status.charAt(0) + "XX").isMissingNode()
                    ? was.path("default")
                    : was.path(status.charAt(0) + "XX");
        response(where, status, oldReader.resolve(expected), nowResponses.resolve(each.getValue()));
      }
    }
  }

  private void response(String where, String status, JsonNode was, JsonNode is) {
    String answers = where + ", status " + status;
    Map<String, JsonNode> expected = content(was);
    Map<String, JsonNode> types = content(is);
    boolean succeeds = status.startsWith("2");
    if (succeeds && types.isEmpty() && !expected.isEmpty()) {
      breaks(answers + ": no longer has a body");
    }
    types.forEach(
        (type, media) -> {
          if (expected.containsKey(type)) {
            answers(answers, expected.get(type).path("schema"), media.path("schema"));
          } else if (succeeds && !expected.isEmpty()) {
            breaks(answers + ": may be " + type + " and was " + expected.keySet());
          } else if (succeeds) {
            isNew(answers + ": has a body of " + type);
          }
        });
    headers(answers, was.path("headers"), is.path("headers"));
  }

  private void headers(String answers, JsonNode was, JsonNode is) {
    Map<String, JsonNode> headers = headers(nowResponses, is);
    headers(oldReader, was)
        .forEach(
            (name, before) -> {
              JsonNode after = headers.remove(name);
              String header = answers + ", header " + name;
              if (after == null) {
                breaks(header + " is gone");
              } else {
                if (before.path("required").asBoolean(false)
                    && !after.path("required").asBoolean(false)) {
                  breaks(header + " was required and is optional");
                }
                answers(header, before.path("schema"), after.path("schema"));
              }
            });
    headers.keySet().forEach(name -> isNew(answers + ", header " + name));
  }

  private static Map<String, JsonNode> headers(OpenApi spec, JsonNode headers) {
    Map<String, JsonNode> byName = new LinkedHashMap<>();
    headers.forEachEntry(
        (name, header) -> byName.put(name.toLowerCase(Locale.ROOT), spec.resolve(header)));
    return byName;
  }

  private void requests(String where, JsonNode was, JsonNode is, boolean isText) {
    if (was.isMissingNode()
        || is.isMissingNode()
        || oldRequests.meaning(was).equals(nowRequests.meaning(is))) {
      return;
    }
    SchemaChanges schema = new SchemaChanges(oldRequests, was, nowRequests, is);
    for (Difference each : schema.noLonger()) {
      if (!(isText && each.sample().isNull())) {
        breaks(where + " refuses `" + each.sample() + "`: " + each.cause());
      }
    }
    for (Difference each : schema.noLongerDeclared()) {
      breaks(where + " no longer knows " + each.cause() + ": `" + each.sample() + "`");
    }
    for (Difference each : schema.newly()) {
      if (!(isText && each.sample().isNull())) {
        isNew(where + " accepts `" + each.sample() + "`: " + each.cause());
      }
    }
    for (Difference each : schema.newlyDeclared()) {
      isNew(where + " takes " + each.cause() + ": `" + each.sample() + "`");
    }
    schema.annotations(
        "default",
        (field, before, after) -> {
          String text = "%s: an absent %s".formatted(where, field.isEmpty() ? "value" : field);
          if (before.isMissingNode()) {
            isNew(text + " means `" + after + "`");
          } else if (!after.isMissingNode()) {
            breaks(text + " meant `" + before + "` and means `" + after + "`");
          }
        });
    deprecated(where, schema);
  }

  private void answers(String where, JsonNode was, JsonNode is) {
    if (was.isMissingNode()
        || is.isMissingNode()
        || oldReader.meaning(was).equals(nowResponses.meaning(is))) {
      return;
    }
    SchemaChanges schema = new SchemaChanges(oldReader, was, nowResponses, is);
    for (Difference each : schema.newly()) {
      breaks(where + ": may be `" + each.sample() + "`: " + each.cause());
    }
    for (Difference each : schema.noLongerDeclared()) {
      breaks(where + ": no longer has " + each.cause());
    }
    for (Difference each : schema.newlyDeclared()) {
      isNew(where + ": has " + each.cause() + ", as in `" + each.sample() + "`");
    }
    schema.annotations(
        "x-final",
        (field, before, after) ->
            breaks(
                "%s: the final values of %s were `%s` and are `%s`"
                    .formatted(where, field, text(before), text(after))));
    deprecated(where, schema);
  }

  private void deprecated(String where, SchemaChanges schema) {
    schema.annotations(
        "deprecated",
        (field, before, after) -> {
          if (after.asBoolean(false)) {
            isNew(where + ": " + field + " is deprecated");
          }
        });
  }

  private static String text(JsonNode value) {
    return value.isMissingNode() ? "unknown" : value.toString();
  }

  private void breaks(String text) {
    changes.add(new Change(Kind.WIRE, text + "."));
  }

  private void isNew(String text) {
    changes.add(new Change(Kind.NEW, text + "."));
  }
}
