package ai.mountsea.nanobanana.contract;

import static org.assertj.core.api.Assertions.assertThat;

import ai.mountsea.nanobanana.contract.SpecMutants.Mutant;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * No mistake in the spec goes unnoticed: each mutant of it fails one of these checks. The library
 * is not compiled again for each, so "values" and "types" hold the mutant against what is compiled
 * now; in a build, it is the compiler and the committed dump of the public API that do so.
 */
class SpecMutantsTest {
  /** Mutants that mean the same as the spec, by their kind and place, and why they do. */
  private static final Map<String, String> EQUIVALENT =
      Map.of(
          "made nullable or not: .*/parameters/.*",
          "A query has no way to say null.",
          "(content type|body) changed: /components/responses/.*",
          "No error body is documented, so the pact relies on the status alone.",
          "status removed: .*/responses/[45]\\d\\d",
          "What has no response of its own is as the default says.",
          "limit removed: .*/num_images/format",
          "An integer without a format is a Java Integer as well, and 1 fits into any.",
          "limit removed: .*/image_urls/items/format",
          "In JSON Schema a format only remarks; the pattern beside it decides.",
          "rule widened: .*/allOf/0/if/required",
          "Every request needs an action, so the rule can't meet one without.",
          "made nullable or not: /components/schemas/(TaskResult|ImageResult)/properties/.*",
          "What is optional in a response is absent when it is null, whatever its type.");

  private final Map<String, Function<Spec, List<String>>> checks = new LinkedHashMap<>();

  private final List<String> javaTypes = GeneratedTypes.inJava(Spec.read());

  SpecMutantsTest() throws IOException {
    JsonNode pact = JsonMapper.shared().readTree(PactFile.json());
    LibraryAgainstSpec library = new LibraryAgainstSpec();
    checks.put("pact", spec -> PactAgainstSpec.problems(pact, spec));
    checks.put("examples", Spec::problemsOfExamples);
    checks.put("rules", library::rules);
    checks.put("values", library::values);
    checks.put("types", this::types);
  }

  @Test
  void theSpecItselfPassesEveryCheck() {
    checks.forEach((name, check) -> assertThat(check.apply(Spec.read())).as(name).isEmpty());
  }

  @Test
  void everyMutantOfTheSpecIsKilled() {
    List<Mutant> mutants = SpecMutants.of(Spec.read());
    Map<String, Map<String, Integer>> table = new TreeMap<>();
    List<String> survivors = new ArrayList<>();
    for (Mutant mutant : mutants) {
      List<String> killers =
          checks.keySet().stream().filter(name -> kills(name, mutant)).collect(Collectors.toList());
      if (killers.isEmpty()) {
        survivors.add(mutant.kind() + ": " + mutant.where());
        killers.add("SURVIVED");
      }
      if (killers.equals(List.of("types"))) {
        killers.add("only types");
      }
      killers.add("mutants");
      killers.forEach(
          name ->
              table
                  .computeIfAbsent(mutant.kind(), kind -> new TreeMap<>())
                  .merge(name, 1, Integer::sum));
    }
    print(table, mutants.size());

    assertThat(survivors)
        .allSatisfy(each -> assertThat(EQUIVALENT.keySet()).anyMatch(each::matches));
    assertThat(EQUIVALENT.keySet())
        .allSatisfy(rule -> assertThat(survivors).anyMatch(each -> each.matches(rule)));
  }

  private boolean kills(String check, Mutant mutant) {
    try {
      return !checks.get(check).apply(mutant.spec()).isEmpty();
    } catch (RuntimeException e) {
      return true; // Not even a spec any more.
    }
  }

  private List<String> types(Spec spec) {
    List<String> different = new ArrayList<>(GeneratedTypes.inSpec(spec));
    javaTypes.forEach(
        line -> {
          if (!different.remove(line)) {
            different.add(line);
          }
        });
    return different;
  }

  private void print(Map<String, Map<String, Integer>> table, int mutants) {
    List<String> columns = new ArrayList<>(List.of("mutants"));
    columns.addAll(checks.keySet());
    columns.add("only types");
    columns.add("SURVIVED");
    StringBuilder text = new StringBuilder("%-26s".formatted(mutants + " mutants of the spec"));
    columns.forEach(column -> text.append("%11s".formatted(column)));
    table.forEach(
        (kind, counts) -> {
          text.append("%n%-26s".formatted(kind));
          columns.forEach(column -> text.append("%11s".formatted(counts.getOrDefault(column, 0))));
        });
    System.out.println(text);
  }
}
