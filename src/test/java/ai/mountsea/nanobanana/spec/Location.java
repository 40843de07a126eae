package ai.mountsea.nanobanana.spec;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.MissingNode;

/**
 * A place in a value, such as {@code image_urls[]}, with every schema of one or two specs that may
 * apply there: directly, by reference, in an {@code allOf}, or under a condition.
 */
final class Location {
  private static final int DEEPEST = 8;

  /**
   * A schema that applies to values of this place.
   *
   * @param always false if only some values of the whole are held to it
   */
  record Applied(int spec, JsonNode schema, boolean always) {}

  private final List<OpenApi> specs;
  private final List<Applied> applied = new ArrayList<>();
  private final List<Applied> keywords = new ArrayList<>();
  private final Map<String, Location> properties = new LinkedHashMap<>();
  private final List<Set<String>> ruleGroups = new ArrayList<>();
  private @Nullable Location items;

  private Location(List<OpenApi> specs) {
    this.specs = specs;
  }

  static Location of(List<OpenApi> specs, List<JsonNode> schemas) {
    Location root = new Location(specs);
    for (int i = 0; i < specs.size(); i++) {
      root.add(i, schemas.get(i), true, 0);
    }
    return root;
  }

  int specs() {
    return specs.size();
  }

  List<Applied> applied() {
    return applied;
  }

  /** Returns every object with keywords for this place, with references resolved. */
  List<Applied> keywords() {
    return keywords;
  }

  /** Returns the value of a keyword in one spec, if it is there in all cases. */
  JsonNode keyword(int spec, String name) {
    return keywords.stream()
        .filter(each -> each.spec == spec && each.always && each.schema.has(name))
        .map(each -> each.schema.get(name))
        .findFirst()
        .orElse(MissingNode.getInstance());
  }

  Map<String, Location> properties() {
    return properties;
  }

  @Nullable Location items() {
    return items;
  }

  /** Returns the properties that rules look at together, each group on its own. */
  List<Set<String>> ruleGroups() {
    return ruleGroups;
  }

  Set<String> required(int spec) {
    Set<String> names = new LinkedHashSet<>();
    keywords.stream()
        .filter(each -> each.spec == spec && each.always)
        .forEach(each -> names.addAll(OpenApi.required(each.schema)));
    return names;
  }

  boolean declaresProperties(int spec) {
    return keywords.stream().anyMatch(each -> each.spec == spec && each.schema.has("properties"));
  }

  boolean isDeclaredBy(int spec) {
    return applied.stream().anyMatch(each -> each.spec == spec);
  }

  boolean mayBe(String type) {
    return (type.equals("object") && !properties.isEmpty())
        || (type.equals("array") && items != null)
        || keywords.stream()
            .anyMatch(each -> each.schema.path("type").toString().contains('"' + type + '"'));
  }

  /** Returns each limit that one of these keywords sets, one below it, and one above. */
  Set<Integer> boundaries(String... names) {
    Set<Integer> numbers = new TreeSet<>();
    for (Applied each : keywords) {
      for (String name : names) {
        if (each.schema.path(name).isIntegralNumber()) {
          int limit = each.schema.get(name).asInt();
          numbers.addAll(List.of(Math.max(0, limit - 1), limit, limit + 1));
        }
      }
    }
    return numbers;
  }

  private void add(int spec, JsonNode schema, boolean always, int depth) {
    applied.add(new Applied(spec, schema, always));
    if (depth < DEEPEST) {
      keywords(spec, schema, always, depth);
    }
  }

  private void keywords(int spec, JsonNode schema, boolean always, int depth) {
    if (schema.has("$ref")) {
      keywords(spec, specs.get(spec).resolve(schema), always, depth);
    }
    keywords.add(new Applied(spec, schema, always));
    for (Map.Entry<String, JsonNode> each : schema.path("properties").properties()) {
      property(each.getKey()).add(spec, each.getValue(), always, depth + 1);
    }
    if (schema.path("additionalProperties").isObject()) {
      property(Samples.UNLISTED).add(spec, schema.get("additionalProperties"), always, depth + 1);
    }
    for (String keyword : List.of("items", "contains")) {
      if (schema.has(keyword)) {
        items = items == null ? new Location(specs) : items;
        items.add(spec, schema.get(keyword), always && keyword.equals("items"), depth + 1);
      }
    }
    schema.path("allOf").forEach(each -> keywords(spec, each, always, depth));
    conditions(spec, schema, depth);
  }

  private void conditions(int spec, JsonNode schema, int depth) {
    Set<String> together = new TreeSet<>();
    for (String keyword : List.of("if", "then", "else", "not")) {
      if (schema.has(keyword)) {
        keywords(spec, schema.get(keyword), false, depth);
        mentioned(spec, schema.get(keyword), together);
      }
    }
    for (String keyword : List.of("anyOf", "oneOf")) {
      for (JsonNode each : schema.path(keyword)) {
        keywords(spec, each, false, depth);
        mentioned(spec, each, together);
      }
    }
    group(together);
    for (Map.Entry<String, JsonNode> each : schema.path("dependentSchemas").properties()) {
      keywords(spec, each.getValue(), false, depth);
    }
    for (String keyword : List.of("dependentSchemas", "dependentRequired")) {
      for (Map.Entry<String, JsonNode> each : schema.path(keyword).properties()) {
        Set<String> names = new TreeSet<>(Set.of(each.getKey()));
        mentioned(spec, each.getValue(), names);
        each.getValue().forEach(name -> names.add(name.asString("")));
        names.remove("");
        group(names);
      }
    }
  }

  private void mentioned(int spec, JsonNode reference, Set<String> names) {
    JsonNode schema = specs.get(spec).resolve(reference);
    names.addAll(schema.path("properties").propertyNames());
    names.addAll(OpenApi.required(schema));
    for (String keyword : List.of("if", "then", "else", "not")) {
      if (schema.has(keyword)) {
        mentioned(spec, schema.get(keyword), names);
      }
    }
    for (String keyword : List.of("allOf", "anyOf", "oneOf")) {
      schema.path(keyword).forEach(each -> mentioned(spec, each, names));
    }
  }

  private void group(Set<String> names) {
    if (names.isEmpty()) {
      return;
    }
    Set<String> joined = new TreeSet<>(names);
    ruleGroups.removeIf(
        other -> {
          boolean overlaps = other.stream().anyMatch(joined::contains);
          if (overlaps) {
            joined.addAll(other);
          }
          return overlaps;
        });
    ruleGroups.add(joined);
    names.forEach(this::property);
  }

  private Location property(String name) {
    return properties.computeIfAbsent(name, each -> new Location(specs));
  }
}
