package ai.mountsea.nanobanana.spec;

import ai.mountsea.nanobanana.spec.Location.Applied;
import ai.mountsea.nanobanana.spec.OpenApi.Use;
import com.networknt.schema.Error;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Values that tell one or two schemas apart from others.
 *
 * <p>For each place in a value, every keyword that applies there yields values at its boundary: one
 * below, at it, one above. Values that all schemas there judge alike, with the same errors, are one
 * class, and only the smallest of a class is kept. Where a rule looks at several properties, their
 * classes are combined; everything else is varied one at a time on the smallest valid object. So
 * nothing is missed for want of a combination, and there are hundreds of samples, not millions.
 */
public final class Samples {
  /** A property that no schema names. */
  static final String UNLISTED = "unlisted";

  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;
  private static final Pattern ODD = Pattern.compile("[^!-~]|%|\\\\");
  private static final int MOST_COMBINATIONS = 20_000;
  private static final int LONGEST_ARRAY = 2_000;

  /** Of two texts, the one of plain characters is easier to read. */
  private static final Comparator<JsonNode> SMALLEST_FIRST =
      Comparator.<JsonNode, Boolean>comparing(value -> ODD.matcher(value.toString()).find())
          .thenComparing(value -> value.toString().length());

  private final List<OpenApi> specs;
  private final Location root;
  private final Map<Location, List<Sample>> known = new IdentityHashMap<>();

  private Samples(List<OpenApi> specs, Location root) {
    this.specs = specs;
    this.root = root;
  }

  /** Returns the samples for one schema of each spec; they share their places. */
  static Samples of(List<OpenApi> specs, List<JsonNode> schemas) {
    return new Samples(specs, Location.of(specs, schemas));
  }

  /**
   * Returns the requests at the boundaries of one schema of a document. Those that break nothing
   * but a format are left out, because only a few validators care.
   */
  public static List<JsonNode> ofRequest(JsonNode document, String schema) {
    OpenApi spec = new OpenApi(document).as(Use.REQUEST);
    return of(List.of(spec), List.of(spec.root().at("/components/schemas/" + schema)))
        .all()
        .stream()
        .filter(
            sample ->
                sample.isValid(0)
                    || !sample.errors.get(0).stream()
                        .allMatch(error -> error.getKeyword().equals("format")))
        .map(Sample::value)
        .toList();
  }

  Location root() {
    return root;
  }

  /** Returns the samples, the smallest first. */
  List<Sample> all() {
    return of(root);
  }

  /**
   * One value.
   *
   * @param errors what each spec's schema says against it
   * @param undeclared the properties in it that a spec doesn't declare and another does
   */
  record Sample(JsonNode value, List<List<Error>> errors, List<Set<String>> undeclared) {
    boolean isValid(int spec) {
      return errors.get(spec).isEmpty();
    }

    private boolean isValidSomewhere() {
      return errors.stream().anyMatch(List::isEmpty);
    }

    private long errorCount(int first) {
      long count = 0;
      for (int i = 0; i < errors.size(); i++) {
        count += (i == first ? 1_000L : 1) * errors.get(i).size();
      }
      return count;
    }
  }

  private List<Sample> of(Location location) {
    List<Sample> samples = known.get(location);
    if (samples == null) {
      known.put(location, List.of()); // A type that contains itself ends here.
      samples = classes(location, candidates(location));
      known.put(location, samples);
    }
    return samples;
  }

  /** Keeps the smallest of all values that every schema of a place judges alike. */
  private List<Sample> classes(Location location, Collection<JsonNode> values) {
    Map<Object, Sample> classes = new LinkedHashMap<>();
    values.stream()
        .distinct()
        .sorted(SMALLEST_FIRST)
        .forEach(
            value -> {
              List<Object> verdicts = new ArrayList<>();
              Sample sample = judge(location, value, verdicts);
              classes.putIfAbsent(verdicts, sample);
            });
    return List.copyOf(classes.values());
  }

  private Sample judge(Location location, JsonNode value) {
    return judge(location, value, new ArrayList<>());
  }

  /** Judges a value by the schemas that always apply; the verdicts are those of all. */
  private Sample judge(Location location, JsonNode value, List<Object> verdicts) {
    List<List<Error>> errors = new ArrayList<>();
    List<Set<String>> undeclared = new ArrayList<>();
    for (int i = 0; i < specs.size(); i++) {
      errors.add(new ArrayList<>());
      undeclared.add(new TreeSet<>());
      undeclared(location, i, value, "", undeclared.get(i));
    }
    for (Applied applied : location.applied()) {
      List<Error> found = specs.get(applied.spec()).errors(applied.schema(), value);
      verdicts.add(kinds(found));
      if (applied.always()) {
        errors.get(applied.spec()).addAll(found);
      }
    }
    verdicts.addAll(undeclared);
    return new Sample(value, errors, undeclared);
  }

  private static Set<String> kinds(List<Error> errors) {
    Set<String> kinds = new HashSet<>();
    errors.forEach(error -> kinds.add(error.getEvaluationPath() + " " + error.getProperty()));
    return kinds;
  }

  private static void undeclared(
      Location location, int spec, JsonNode value, String at, Set<String> names) {
    if (value.isObject() && location.declaresProperties(spec)) {
      for (Map.Entry<String, JsonNode> property : value.properties()) {
        Location of = location.properties().get(property.getKey());
        if (of != null) {
          String name = at.isEmpty() ? property.getKey() : at + "." + property.getKey();
          if (of.isDeclaredBy(spec)) {
            undeclared(of, spec, property.getValue(), name, names);
          } else {
            names.add(name);
          }
        }
      }
    } else if (value.isArray() && location.items() != null) {
      value.forEach(item -> undeclared(location.items(), spec, item, at + "[]", names));
    }
  }

  private Collection<JsonNode> candidates(Location location) {
    Set<JsonNode> values = new LinkedHashSet<>(Boundaries.of(location));
    if (location.mayBe("array")) {
      arrays(location, values);
    }
    if (location.mayBe("object")) {
      objects(location, values);
    }
    return values;
  }

  private void arrays(Location location, Set<JsonNode> values) {
    List<JsonNode> items = new ArrayList<>();
    List<JsonNode> good = new ArrayList<>();
    if (location.items() == null) {
      good.add(JSON.numberNode(1));
    } else {
      for (Sample sample : of(location.items())) {
        items.add(sample.value);
        if (sample.errors.stream().allMatch(List::isEmpty)) {
          good.add(sample.value);
        }
      }
      of(location.items()).stream()
          .filter(sample -> good.isEmpty() && sample.isValidSomewhere())
          .limit(1)
          .forEach(sample -> good.add(sample.value));
    }
    if (good.isEmpty()) {
      good.addAll(items.subList(0, Math.min(1, items.size())));
    }
    for (JsonNode item : items) {
      values.add(array(item));
      values.add(array(good.get(0), item));
    }
    if (!good.isEmpty()) {
      values.add(array(good.get(0), good.get(0)));
    }
    for (int length : location.boundaries("minItems", "maxItems")) {
      if (length <= LONGEST_ARRAY && !good.isEmpty()) {
        values.add(array(location, length, good));
      }
    }
  }

  /** An array of different items, as far as there are any. */
  private ArrayNode array(Location location, int length, List<JsonNode> good) {
    Set<JsonNode> items = new LinkedHashSet<>(good.subList(0, Math.min(length, good.size())));
    for (int i = 1; items.size() < length && i <= length && location.items() != null; i++) {
      JsonNode first = good.get(0);
      JsonNode other =
          first.isString()
              ? JSON.stringNode(first.asString() + i)
              : first.isIntegralNumber() ? JSON.numberNode(first.asLong() + i) : first;
      if (judge(location.items(), other).errorCount(-1)
          == judge(location.items(), first).errorCount(-1)) {
        items.add(other);
      }
    }
    ArrayNode array = JSON.arrayNode().addAll(items);
    while (array.size() < length) {
      array.add(good.get(0));
    }
    return array;
  }

  private static ArrayNode array(JsonNode... items) {
    return JSON.arrayNode().addAll(List.of(items));
  }

  private void objects(Location location, Set<JsonNode> values) {
    if (location.properties().isEmpty()) {
      return;
    }
    Set<ObjectNode> bases = new LinkedHashSet<>();
    for (int i = 0; i < specs.size(); i++) {
      bases.add(base(location, i));
    }
    for (ObjectNode base : bases) {
      values.add(base);
      ObjectNode everything = base.deepCopy();
      for (String name : location.properties().keySet()) {
        values.add(base.deepCopy().without(List.of(name)));
        for (Sample sample : of(location.properties().get(name))) {
          values.add(with(location, base, name, sample.value));
          if (sample.isValidSomewhere() && !everything.has(name)) {
            everything = with(location, everything, name, sample.value);
          }
        }
      }
      values.add(everything);
      values.add(with(location, base, UNLISTED, JSON.booleanNode(true)));
      for (Set<String> group : location.ruleGroups()) {
        values.addAll(combinations(location, base, group));
      }
      for (int size : location.boundaries("minProperties", "maxProperties")) {
        ObjectNode sized = base.deepCopy();
        for (int i = 1; sized.size() < size; i++) {
          sized.put(UNLISTED + i, true);
        }
        values.add(sized);
      }
    }
  }

  /** The smallest object that one spec accepts, and the others, too, if there is such a one. */
  private ObjectNode base(Location location, int spec) {
    ObjectNode base = JSON.objectNode();
    for (String name : location.required(spec)) {
      Location property = location.properties().get(name);
      JsonNode value =
          property == null
              ? JSON.booleanNode(true)
              : of(property).stream()
                  .min(Comparator.comparingLong(sample -> sample.errorCount(spec)))
                  .map(Sample::value)
                  .orElse(JSON.nullNode());
      base = with(location, base, name, value);
    }
    for (Set<String> group : location.ruleGroups()) {
      if (judge(location, base).errorCount(spec) > 0) {
        base =
            combinations(location, base, group).stream()
                .sorted(SMALLEST_FIRST)
                .min(Comparator.comparingLong(each -> judge(location, each).errorCount(spec)))
                .orElse(base);
      }
    }
    return base;
  }

  /** Every combination of the classes of some properties, and of their absence. */
  private List<ObjectNode> combinations(Location location, ObjectNode base, Set<String> names) {
    List<ObjectNode> all = new ArrayList<>(List.of(base.deepCopy().without(names)));
    for (String name : names) {
      List<ObjectNode> more = new ArrayList<>(all);
      for (Sample sample : of(location.properties().get(name))) {
        if (sample.isValidSomewhere()) {
          all.forEach(each -> more.add(with(location, each, name, sample.value)));
        }
      }
      all = more;
      if (all.size() > MOST_COMBINATIONS) {
        throw new IllegalStateException(
            "The rules look at too many properties together to try every combination: " + names);
      }
    }
    return all;
  }

  /** Keeps the order of the schema. */
  private static ObjectNode with(
      Location location, ObjectNode object, String name, JsonNode value) {
    ObjectNode copy = JSON.objectNode();
    for (String each : location.properties().keySet()) {
      if (each.equals(name)) {
        copy.set(name, value);
      } else if (object.has(each)) {
        copy.set(each, object.get(each));
      }
    }
    copy.set(name, value);
    return copy;
  }
}
