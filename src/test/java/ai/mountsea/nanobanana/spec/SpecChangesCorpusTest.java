package ai.mountsea.nanobanana.spec;

import static org.assertj.core.api.Assertions.assertThat;

import ai.mountsea.nanobanana.spec.SpecChanges.Change;
import ai.mountsea.nanobanana.spec.SpecChanges.Change.Kind;
import ai.mountsea.nanobanana.spec.SpecChanges.State;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.openapitools.openapidiff.core.OpenApiCompare;
import tools.jackson.databind.JsonNode;
import tools.jackson.dataformat.yaml.YAMLMapper;

/** The gate gives each edit of the corpus the verdict that is written beside it. */
class SpecChangesCorpusTest {
  private static final Path RESOURCES = Path.of("src/test/resources/spec");
  private static final JsonNode CORPUS = read("changes/changes.yaml");
  private static final JsonNode SPEC = read("history/after/nano-banana.yaml");

  @ParameterizedTest(name = "{0}")
  @MethodSource("edits")
  void everyEditGetsItsVerdict(Edit edit) {
    List<Change> changes = edit.changes();

    assertThat(verdict(changes)).as(SpecChanges.text(changes)).isEqualTo(edit.verdict());
    assertThat(SpecChanges.text(changes)).contains(edit.says());
  }

  @Test
  void theScoreOfOpenapiDiffOnTheSameEditsIsPrinted() throws IOException {
    int right = 0;
    List<String> missed = new ArrayList<>();
    List<String> falseAlarms = new ArrayList<>();
    List<Edit> edits = edits().toList();
    for (Edit edit : edits) {
      boolean breaks = edit.verdict().contains("wire");
      boolean says =
          OpenApiCompare.fromContents(edit.before().spec(), edit.after().spec()).isIncompatible();
      right += breaks == says ? 1 : 0;
      if (breaks && !says) {
        missed.add(edit.name());
      } else if (says && !breaks) {
        falseAlarms.add(edit.name());
      }
    }
    System.out.printf(
        "Does it break the wire? openapi-diff is right about %d of %d edits;"
            + " it misses %d and raises %d false alarms.%n",
        right, edits.size(), missed.size(), falseAlarms.size());

    assertThat(edits).hasSizeGreaterThan(60);
  }

  static Stream<Edit> edits() {
    Map<String, String> places = new LinkedHashMap<>();
    CORPUS.get("places").forEachEntry((name, place) -> places.put(name, place.asString()));
    SpecEdit editor = new SpecEdit(places);
    return CORPUS
        .get("changes")
        .valueStream()
        .map(
            node -> {
              JsonNode before = editor.apply(SPEC, node.path("given"));
              JsonNode after = editor.apply(before, node.get("edit"));
              JsonNode verdict = node.get("verdict");
              return new Edit(
                  node.get("name").asString(),
                  new State(before.toString(), null),
                  new State(after.toString(), null),
                  verdict.isArray()
                      ? verdict.valueStream().map(JsonNode::asString).collect(Collectors.toSet())
                      : Set.of(verdict.asString()),
                  node.path("says").asString(""));
            });
  }

  /** What breaks, or else whether something is new. */
  private static Set<String> verdict(List<Change> changes) {
    Set<String> kinds = new TreeSet<>();
    changes.forEach(change -> kinds.add(change.kind().name().toLowerCase(Locale.ROOT)));
    if (SpecChanges.isBreaking(changes)) {
      kinds.remove(Kind.NEW.name().toLowerCase(Locale.ROOT));
    }
    return kinds.isEmpty() ? Set.of("nothing") : kinds;
  }

  private static JsonNode read(String file) {
    return YAMLMapper.shared().readTree(RESOURCES.resolve(file).toFile());
  }

  /** One edit of the corpus. */
  record Edit(String name, State before, State after, Set<String> verdict, String says) {
    List<Change> changes() {
      return SpecChanges.between(before, after);
    }

    @Override
    public String toString() {
      return name;
    }
  }
}
