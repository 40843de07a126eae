package ai.mountsea.nanobanana.spec;

import ai.mountsea.nanobanana.spec.Samples.Sample;
import com.networknt.schema.Error;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.MissingNode;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.databind.node.StringNode;

/**
 * What one schema accepts and another refuses: for each cause the smallest value, and what the
 * schemas say there.
 */
final class SchemaChanges {
  private static final List<String> TEXTS = List.of("title", "description", "$comment");
  private static final int LONGEST_SHOWN = 60;

  private final List<OpenApi> specs;
  private final List<JsonNode> schemas;
  private final Samples samples;

  SchemaChanges(OpenApi old, JsonNode oldSchema, OpenApi now, JsonNode nowSchema) {
    this.specs = List.of(old, now);
    this.schemas = List.of(oldSchema, nowSchema);
    this.samples = Samples.of(specs, schemas);
  }

  /**
   * A difference.
   *
   * @param sample the smallest value on which the two differ, shortened to be read
   * @param cause what the one schema says about it and the other doesn't
   */
  record Difference(JsonNode sample, String cause) {}

  /** Returns what the old schema accepts and the new one refuses. */
  List<Difference> noLonger() {
    return differences(0);
  }

  /** Returns what the new schema accepts and the old one refused. */
  List<Difference> newly() {
    return differences(1);
  }

  /** Returns what only the old schema declares: a receiver may ignore it, a reader miss it. */
  List<Difference> noLongerDeclared() {
    return undeclared(1);
  }

  /** Returns what only the new schema declares. */
  List<Difference> newlyDeclared() {
    return undeclared(0);
  }

  private List<Difference> differences(int accepting) {
    int refusing = 1 - accepting;
    Map<String, Difference> found = new LinkedHashMap<>();
    for (Sample sample : samples.all()) {
      if (sample.isValid(accepting) && sample.undeclared().get(accepting).isEmpty()) {
        for (Error error : sample.errors().get(refusing)) {
          List<String> path = cause(error, refusing);
          found.computeIfAbsent(
              path + property(error),
              key -> new Difference(shown(sample.value()), sentence(error, path, refusing)));
        }
      }
    }
    return List.copyOf(found.values());
  }

  private List<Difference> undeclared(int missing) {
    Map<String, Difference> found = new LinkedHashMap<>();
    for (Sample sample : samples.all()) {
      if (sample.isValid(1 - missing)) {
        for (String name : sample.undeclared().get(missing)) {
          found.putIfAbsent(name, new Difference(shown(sample.value()), "`" + name + "`"));
        }
      }
    }
    return List.copyOf(found.values());
  }

  private static String property(Error error) {
    return error.getProperty() == null ? "" : error.getProperty();
  }

  /** The path to what refuses, not further than to the whole rule or alternative. */
  private List<String> cause(Error error, int spec) {
    List<String> path = new ArrayList<>();
    JsonNode at = schemas.get(spec);
    String[] steps = error.getEvaluationPath().toString().substring(1).split("/");
    for (int i = 0; i < steps.length; i++) {
      String step = steps[i].replace("~1", "/").replace("~0", "~");
      path.add(step);
      at = step(spec, at, step);
      if (List.of("anyOf", "oneOf", "not").contains(step) || (isRule(at) && i + 1 < steps.length)) {
        return path;
      }
    }
    return path;
  }

  private static boolean isRule(JsonNode schema) {
    return schema.has("if") || schema.has("not") || schema.has("anyOf") || schema.has("oneOf");
  }

  private JsonNode step(int spec, JsonNode at, String step) {
    if (step.equals("$ref")) {
      return specs.get(spec).resolve(at);
    }
    JsonNode from = at.has(step) ? at : specs.get(spec).resolve(at);
    return from.isArray() ? from.path(Integer.parseInt(step)) : from.path(step);
  }

  private String sentence(Error error, List<String> path, int spec) {
    JsonNode here = schemas.get(spec);
    JsonNode there = schemas.get(1 - spec);
    for (String step : path) {
      JsonNode next = step(spec, here, step);
      if (!step.equals("$ref")) {
        there = counterpart(there, here, next, step, 1 - spec);
      }
      here = next;
    }
    JsonNode old = spec == 0 ? here : there;
    JsonNode now = spec == 0 ? there : here;
    String where = field(error.getInstanceLocation().toString());
    if (isRule(here)) {
      return (title(here).isEmpty() ? "a rule" : "\"" + title(here) + "\"") + difference(old, now);
    }
    String keyword = path.get(path.size() - 1);
    if (keyword.equals("required")) {
      String property = field(error.getInstanceLocation() + "/" + property(error));
      return property
          + (spec == 0 ? " was required and is optional" : " was optional and is required");
    }
    return (where.isEmpty() ? "" : where + ": ")
        + keyword
        + " was "
        + text(old)
        + " and is "
        + text(now);
  }

  /** What two rules differ in, as far in as they do so in one place. */
  private static String difference(JsonNode old, JsonNode now) {
    if (old.isMissingNode() || now.isMissingNode()) {
      return old.isMissingNode() ? " is new" : " is gone";
    }
    List<String> path = new ArrayList<>();
    JsonNode was = old;
    JsonNode is = now;
    while (was.isObject() && is.isObject()) {
      Set<String> differing = new TreeSet<>();
      for (String name : union(was, is)) {
        if (!was.path(name).equals(is.path(name)) && !TEXTS.contains(name)) {
          differing.add(name);
        }
      }
      if (differing.size() != 1) {
        break;
      }
      String name = differing.iterator().next();
      path.add(name);
      was = was.path(name);
      is = is.path(name);
    }
    return (path.isEmpty() ? "" : ": " + String.join(".", path))
        + " was "
        + text(was)
        + " and is "
        + text(is);
  }

  private static Set<String> union(JsonNode one, JsonNode other) {
    Set<String> names = new TreeSet<>(one.propertyNames());
    names.addAll(other.propertyNames());
    return names;
  }

  /**
   * A rule's counterpart has its title or, if none has it, its index; else the place is the same.
   */
  private JsonNode counterpart(
      JsonNode there, JsonNode here, JsonNode next, String step, int spec) {
    if (here.isArray() && next.has("title")) {
      for (JsonNode each : there) {
        if (title(each).equals(title(next))) {
          return each;
        }
      }
      JsonNode sameIndex = there.path(Integer.parseInt(step));
      boolean isTaken = here.valueStream().anyMatch(each -> title(each).equals(title(sameIndex)));
      return isTaken ? MissingNode.getInstance() : sameIndex;
    }
    return there.isMissingNode() ? there : step(spec, there, step);
  }

  private static String title(JsonNode rule) {
    return rule.path("title").asString("").strip().replaceAll("\\.$", "");
  }

  private static String field(String pointer) {
    StringBuilder field = new StringBuilder();
    for (String step : pointer.split("/")) {
      if (step.matches("\\d+")) {
        field.append('[').append(step).append(']');
      } else if (!step.isEmpty()) {
        field.append(field.isEmpty() ? "" : ".").append(step);
      }
    }
    return field.isEmpty() ? "" : "`" + field + "`";
  }

  private static String text(JsonNode value) {
    if (value.isMissingNode()) {
      return "unset";
    }
    JsonNode copy = value.deepCopy();
    if (copy instanceof ObjectNode object) {
      object.remove(TEXTS);
    }
    return "`" + copy + "`";
  }

  /** Shortens what is long on purpose. */
  static JsonNode shown(JsonNode value) {
    if (value.isString() && value.asString().length() > LONGEST_SHOWN) {
      String text = value.asString();
      return StringNode.valueOf(
          text.substring(0, 20) + "… (" + text.codePointCount(0, text.length()) + " characters)");
    }
    if (value instanceof ArrayNode array && array.size() > 5) {
      return array.arrayNode().add(shown(array.get(0))).add("… (" + array.size() + " items)");
    }
    if (value instanceof ArrayNode array) {
      ArrayNode copy = array.arrayNode();
      array.forEach(each -> copy.add(shown(each)));
      return copy;
    }
    if (value instanceof ObjectNode object) {
      ObjectNode copy = object.objectNode();
      object.forEachEntry((name, each) -> copy.set(name, shown(each)));
      return copy;
    }
    return value;
  }

  /** Compares what annotations say at each place: name, place, old and new value. */
  void annotations(String keyword, AnnotationChange change) {
    annotations(samples.root(), "", keyword, change);
  }

  /** Takes an annotation that changed. */
  interface AnnotationChange {
    void found(String field, JsonNode old, JsonNode now);
  }

  private static void annotations(
      Location location, String at, String keyword, AnnotationChange change) {
    if (location.isDeclaredBy(0) && location.isDeclaredBy(1)) {
      JsonNode old = location.keyword(0, keyword);
      JsonNode now = location.keyword(1, keyword);
      if (!old.equals(now)) {
        change.found(at.isEmpty() ? "" : "`" + at + "`", old, now);
      }
      location
          .properties()
          .forEach(
              (name, property) ->
                  annotations(property, at.isEmpty() ? name : at + "." + name, keyword, change));
      if (location.items() != null) {
        annotations(location.items(), at + "[]", keyword, change);
      }
    }
  }
}
