package ai.mountsea.nanobanana.spec;

import static org.assertj.core.api.Assertions.assertThat;

import ai.mountsea.nanobanana.spec.SpecChanges.Change;
import ai.mountsea.nanobanana.spec.SpecChanges.Change.Kind;
import ai.mountsea.nanobanana.spec.SpecChanges.State;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SpecChangesTest {
  private static final Path BEFORE = Path.of("src/test/resources/spec/history/before");
  private static final Path AFTER = Path.of("src/test/resources/spec/history/after");

  @Test
  void whatBreaksIsAnnouncedByTheVersion() throws IOException {
    Path release = release();
    String version = version();
    List<Change> changes =
        SpecChanges.between(
            state(release),
            new State(
                Files.readString(Path.of("openapi/nano-banana.yaml")), PublicApi.published()));
    String text = "Since " + release.getFileName() + ":\n" + SpecChanges.text(changes);
    if (!changes.isEmpty()) {
      System.out.println(text);
    }

    assertThat(
            !SpecChanges.isBreaking(changes)
                || SpecChanges.mayBreak(release.getFileName().toString(), version))
        .as("%s%nThis breaks, and version %s does not say so; see CONTRIBUTING.md.", text, version)
        .isTrue();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          required: [prompt, action]  | required: [prompt, action, model] | POST /gemini/image/generate needs `model`.
          enum: [1K, 2K, 4K]          | enum: [1K, 2K]                    | POST /gemini/image/generate, `resolution` no longer takes 4K.
          required: [taskId, status]  | required: [taskId]                | GET /gemini/task/result, answer 200 may come without `status`.
          /gemini/task/result:        | /gemini/task:                     | GET /gemini/task/result is gone.
          format: int32               | format: int64                     | POST /gemini/image/generate, `num_images` changes its type.
          minimum: 1                  | minimum: 2                        | POST /gemini/image/generate, `num_images` changes its numeric range.
          '201':                      | '202':                            | POST /gemini/image/generate no longer answers 201.
          x-open-enum: true           | x-other: true                     | ''
          , queued, running]          | , queued, running, resting]       | ''
          enum: [1K, 2K, 4K]          | enum: [1K, 2K, 4K, 8K]            | ''
          maximum: 1                  | maximum: 4                        | ''
          What to make.               | What shall be made.               | ''
          model: {enum: [nano-banana-pro, nano-banana-2]} | model: {const: nano-banana-2} | `{"prompt":"A fluffy orange cat running through a sunny meadow","action":"generate","model":"nano-banana-pro","resolution":"1K"}` is refused now: resolution needs the model nano-banana-pro or nano-banana-2 [page]; an absent model is nano-banana-fast [read].
          """)
  void whatBreaksTheWireIsFoundInTheSpec(String from, String to, String breaks) throws IOException {
    String spec = state(AFTER).spec();
    assertThat(spec).contains(from);

    List<Change> changes =
        SpecChanges.between(new State(spec, ""), new State(spec.replace(from, to), ""));

    assertThat(changes)
        .filteredOn(change -> change.kind() != Kind.NEW)
        .containsExactlyElementsOf(
            breaks.isEmpty() ? List.of() : List.of(new Change(Kind.WIRE, breaks)));
  }

  /** What happened on the way is told in the README.md beside the two. */
  @Test
  void fromThePreviousPageToTodaysNothingBreaks() throws IOException {
    List<Change> changes = SpecChanges.between(state(BEFORE), state(AFTER));

    assertThat(SpecChanges.text(changes))
        .isEqualTo(
            """
            New:
            - `AspectRatio`: `constant RATIO_1_4`, `"1:4"`.
            - `AspectRatio`: `constant RATIO_1_8`, `"1:8"`.
            - `AspectRatio`: `constant RATIO_4_1`, `"4:1"`.
            - `AspectRatio`: `constant RATIO_8_1`, `"8:1"`.
            - `Model`: `constant NANO_BANANA_2`, `"nano-banana-2"`.
            - `{"prompt":"A fluffy orange cat running through a sunny meadow","action":"generate","model":"nano-banana-2","resolution":"1K"}` is allowed now, which was not: resolution needs the model nano-banana-pro [page]; an absent model is nano-banana-fast [read].
            """);
  }

  @Test
  void theWayBackFromTodaysPageBreaksCallersAndTheWire() throws IOException {
    List<Change> changes = SpecChanges.between(state(AFTER), state(BEFORE));

    assertThat(SpecChanges.text(changes))
        .isEqualTo(
            """
            Breaks callers:
            - `AspectRatio`: `constant RATIO_1_4` is gone.
            - `AspectRatio`: `constant RATIO_1_8` is gone.
            - `AspectRatio`: `constant RATIO_4_1` is gone.
            - `AspectRatio`: `constant RATIO_8_1` is gone.
            - `Model`: `constant NANO_BANANA_2` is gone.
            Breaks the wire:
            - POST /gemini/image/generate, `aspect_ratio` no longer takes 1:4.
            - POST /gemini/image/generate, `aspect_ratio` no longer takes 1:8.
            - POST /gemini/image/generate, `aspect_ratio` no longer takes 4:1.
            - POST /gemini/image/generate, `aspect_ratio` no longer takes 8:1.
            - POST /gemini/image/generate, `model` no longer takes nano-banana-2.
            - `{"prompt":"A fluffy orange cat running through a sunny meadow","action":"generate","model":"nano-banana-2","resolution":"1K"}` is refused now: resolution needs the model nano-banana-pro [page]; an absent model is nano-banana-fast [read].
            """);
  }

  @Test
  void aRuleThatIsGoneIsNews() throws IOException {
    String spec = state(AFTER).spec();

    assertThat(
            SpecChanges.text(
                SpecChanges.between(
                    new State(spec, ""),
                    new State(spec.replace("required: [image_urls]", "required: []"), ""))))
        .isEqualTo(
            """
            New:
            - `{"prompt":"A fluffy orange cat running through a sunny meadow","action":"edit"}` is allowed now, which was not: An edit needs image_urls, and at least one of them. [page]
            """);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          JSON_PROPERTY_NUM_IMAGES = "num_images" | JSON_PROPERTY_NUM_IMAGES = "numImages" | WIRE    | `GenerateImageRequest`: `JSON_PROPERTY_NUM_IMAGES` was `"num_images"` and is `"numImages"`; the same Java means something else.
          ONE_K = "1K"                            | ONE_K = "1k"                           | WIRE    | `Resolution`: `constant ONE_K` was `"1K"` and is `"1k"`; the same Java means something else.
          @Query("taskId")                        | @Query("id")                           | WIRE    | `NanoBananaApi`: `method @GET Call<TaskResult> getTaskResult(@Query String)` was `gemini/task/result, taskId` and is `gemini/task/result, id`; the same Java means something else.
          Model DEFAULT_MODEL = "nano-banana-fast" | Model DEFAULT_MODEL = "nano-banana-pro" | WIRE  | `GenerateImageRequest`: `DEFAULT_MODEL` was `"nano-banana-fast"` and is `"nano-banana-pro"`; the same Java means something else.
          constant ONE_K                          | constant K_ONE                         | CALLERS | `Resolution`: `constant ONE_K` is gone.
          component @Nullable Model model         | component Model model                  | CALLERS | `GenerateImageRequest`: `component @Nullable Model model` is gone.
          record TaskStatus                       | enum TaskStatus                        | CALLERS | `record TaskStatus` is gone.
          component String prompt                 | component @Deprecated String prompt    |         | ''
          Integer MAXIMUM_NUM_IMAGES = 1          | Integer MAXIMUM_NUM_IMAGES = 4         |         | ''
          """)
  void whatBreaksCallersOrIsRenamedOnTheWireIsFoundInTheApi(
      String from, String to, Kind kind, String breaks) throws IOException {
    String spec = state(AFTER).spec();
    String api = state(AFTER).api();
    assertThat(api).contains(from);

    List<Change> changes =
        SpecChanges.between(new State(spec, api), new State(spec, api.replace(from, to)));

    assertThat(changes)
        .filteredOn(change -> change.kind() != Kind.NEW)
        .containsExactlyElementsOf(
            breaks.isEmpty() ? List.of() : List.of(new Change(kind, breaks)));
  }

  @ParameterizedTest
  @CsvSource({
    "0.1.0, 0.1.0-SNAPSHOT, false",
    "0.1.0, 0.1.1,          false",
    "0.1.0, 0.2.0-SNAPSHOT, true",
    "0.9.0, 0.10.0,         true",
    "0.9.0, 1.0.0,          true",
    "1.0.0, 1.1.0,          false",
    "1.9.0, 2.0.0-SNAPSHOT, true",
  })
  void beforeOneTheMinorVersionMayBreakAndThenOnlyTheMajorOne(
      String released, String now, boolean mayBreak) {
    assertThat(SpecChanges.mayBreak(released, now)).isEqualTo(mayBreak);
  }

  private static State state(Path folder) throws IOException {
    return new State(
        Files.readString(folder.resolve("nano-banana.yaml")),
        Files.readString(folder.resolve("nano-banana.txt")));
  }

  /** The folder of the last release is named for its version; there is one. */
  private static Path release() throws IOException {
    try (Stream<Path> releases = Files.list(Path.of("openapi/released"))) {
      List<Path> all = releases.toList();
      assertThat(all).hasSize(1);
      return all.get(0);
    }
  }

  private static String version() throws IOException {
    Matcher version =
        Pattern.compile("<artifactId>nano-banana</artifactId>\\s*<version>(.*?)</version>")
            .matcher(Files.readString(Path.of("pom.xml")));
    assertThat(version.find()).isTrue();
    return version.group(1);
  }
}
