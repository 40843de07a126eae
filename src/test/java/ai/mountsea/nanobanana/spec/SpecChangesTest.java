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
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SpecChangesTest {
  private static final Path BEFORE = Path.of("src/test/resources/spec/history/before");
  private static final Path AFTER = Path.of("src/test/resources/spec/history/after");

  @Test
  void whatBreaksIsAnnouncedByTheVersion() throws IOException {
    ReleaseCheck check =
        ReleaseCheck.of(version(), Path.of("target/classes"), Path.of("target/sandbox-classes"));
    check.write(Path.of("target/changes.md")); // The build prints it once more, at its end.

    assertThat(check.isAllowed()).as(check.text() + check.refusal()).isTrue();
  }

  /** What happened on the way is told in the README.md beside the two. */
  @Test
  void fromThePreviousPageToTodaysNothingBreaks() throws IOException {
    List<Change> changes = SpecChanges.between(state(BEFORE), state(AFTER));

    assertThat(SpecChanges.text(changes))
        .isEqualTo(
            """
            New:
            - POST /gemini/image/generate accepts `{"prompt":"a","action":"generate","aspect_ratio":"1:4","model":"nano-banana-2"}`: `aspect_ratio`: enum was `["21:9","1:1","4:3","3:2","2:3","5:4","4:5","3:4","16:9","9:16"]` and is `["21:9","1:1","4:3","3:2","2:3","5:4","4:5","3:4","16:9","9:16","1:4","4:1","1:8","8:1"]`.
            - POST /gemini/image/generate accepts `{"prompt":"a","action":"generate","model":"nano-banana-2","resolution":"1K"}`: "resolution needs the model nano-banana-pro [page]; an absent model is nano-banana-fast [read]": then.properties.model was `{"const":"nano-banana-pro"}` and is `{"enum":["nano-banana-pro","nano-banana-2"]}`.
            - POST /gemini/image/generate accepts `{"prompt":"a","action":"generate","model":"nano-banana-2"}`: `model`: enum was `["nano-banana-fast","nano-banana-pro"]` and is `["nano-banana-fast","nano-banana-pro","nano-banana-2"]`.
            - `AspectRatio`: `constant RATIO_1_4`, `"1:4"`.
            - `AspectRatio`: `constant RATIO_1_8`, `"1:8"`.
            - `AspectRatio`: `constant RATIO_4_1`, `"4:1"`.
            - `AspectRatio`: `constant RATIO_8_1`, `"8:1"`.
            - `Model`: `constant NANO_BANANA_2`, `"nano-banana-2"`.
            """);
  }

  @Test
  void whatIsGoneFromTheSandboxBreaksCallersOnceItIsReleased() throws IOException {
    String spec = Files.readString(AFTER.resolve("nano-banana.yaml"));
    String released = PublicApi.published();
    String now =
        released
            .replace("  method static Script losesReply()\n", "")
            .replace("  method int submitted()\n", "  method long submitted()\n");

    List<Change> changes = SpecChanges.between(new State(spec, released), new State(spec, now));

    assertThat(SpecChanges.text(changes))
        .isEqualTo(
            """
            Breaks callers:
            - `Sandbox`: `method int submitted()` is now `method long submitted()`.
            - `Script`: `method static Script losesReply()` is gone.
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
            - POST /gemini/image/generate refuses `{"prompt":"a","action":"generate","aspect_ratio":"1:4","model":"nano-banana-2"}`: `aspect_ratio`: enum was `["21:9","1:1","4:3","3:2","2:3","5:4","4:5","3:4","16:9","9:16","1:4","4:1","1:8","8:1"]` and is `["21:9","1:1","4:3","3:2","2:3","5:4","4:5","3:4","16:9","9:16"]`.
            - POST /gemini/image/generate refuses `{"prompt":"a","action":"generate","model":"nano-banana-2","resolution":"1K"}`: "resolution needs the model nano-banana-pro [page]; an absent model is nano-banana-fast [read]": then.properties.model was `{"enum":["nano-banana-pro","nano-banana-2"]}` and is `{"const":"nano-banana-pro"}`.
            - POST /gemini/image/generate refuses `{"prompt":"a","action":"generate","model":"nano-banana-2"}`: `model`: enum was `["nano-banana-fast","nano-banana-pro","nano-banana-2"]` and is `["nano-banana-fast","nano-banana-pro"]`.
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
          component @Nullable Model model         | component Model model                  | CALLERS | `GenerateImageRequest`: `component @Nullable Model model` is now `component Model model`.
          record TaskStatus                       | enum TaskStatus                        | CALLERS | `record TaskStatus` is now `enum TaskStatus`.
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

  /** So the sentences before anything is generated are those after it. */
  @Test
  void whatIsDerivedFromTheSpecIsInThePublicApi() throws IOException {
    String derived =
        JavaOfSpec.of(OpenApi.of(Files.readString(Path.of("openapi/nano-banana.yaml"))))
            .replaceAll("(component .*) = .*", "$1");

    assertThat(ApiChanges.between(derived, PublicApi.of(Path.of("target/classes"))))
        .filteredOn(change -> change.kind() != Kind.NEW)
        .isEmpty();
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
    return ReleaseCheck.state(folder);
  }

  private static String version() throws IOException {
    Matcher version =
        Pattern.compile("<artifactId>nano-banana</artifactId>\\s*<version>(.*?)</version>")
            .matcher(Files.readString(Path.of("pom.xml")));
    assertThat(version.find()).isTrue();
    return version.group(1);
  }
}
