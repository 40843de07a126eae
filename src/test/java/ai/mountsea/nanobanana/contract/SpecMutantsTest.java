package ai.mountsea.nanobanana.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

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
      Map.ofEntries(
          Map.entry("made nullable or not: .*/parameters/.*", "A query has no way to say null."),
          Map.entry(
              "(content type|body) changed: /components/responses/.*",
              "No error body is documented, so the pact relies on the status alone."),
          Map.entry(
              "status removed: .*/responses/[45]\\d\\d",
              "What has no response of its own is as the default says."),
          Map.entry("header added: .*", "The library reads no other header of a response."),
          Map.entry("security doubled: /or another", "The token is still enough."),
          Map.entry(
              "limit removed: .*/GenerateImageRequest/.*/format",
              "In JSON Schema a format only remarks; the limits beside it decide."),
          Map.entry(
              "rule (widened|of another field, too): .*/(allOf/0/if/required|prompt|action)",
              "Every request has a prompt and an action, whether a rule asks for them or not."),
          Map.entry(
              "limit added: /components/schemas/(?!GenerateImageRequest/).*",
              "The library reads a response whatever its length; a smaller one than before is no news."),
          Map.entry(
              "closed: /components/schemas/(?!GenerateImageRequest/).*",
              "The library reads other properties all the same."),
          Map.entry(
              "made nullable or not: /components/schemas/(?!GenerateImageRequest/).*/properties/.*",
              "What is optional in a response is absent when it is null, whatever its type."));

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
  void aChangeThatOnlyPeopleReadIsNotReported() {
    assumeTheSpecItselfPasses();
    List<String> reported = new ArrayList<>();
    List<Mutant> controls = SpecMutants.controlsOf(Spec.read());
    for (Mutant control : controls) {
      checks.keySet().stream()
          .filter(name -> kills(name, control))
          .forEach(name -> reported.add(name + ": " + control.kind() + " at " + control.where()));
    }

    assertThat(reported).isEmpty();
    assertThat(controls).hasSizeGreaterThan(50);
  }

  /** If the spec fails a check, that is what to fix; what its mutants do says nothing. */
  private void assumeTheSpecItselfPasses() {
    checks.forEach((name, check) -> assumeThat(check.apply(Spec.read())).isEmpty());
  }

  @Test
  void everyMutantOfTheSpecIsKilled() {
    assumeTheSpecItselfPasses();
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
