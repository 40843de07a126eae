package ai.mountsea.nanobanana;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.mountsea.nanobanana.TaskRecord.State;
import ai.mountsea.nanobanana.api.Action;
import ai.mountsea.nanobanana.api.GenerateImageRequest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.Arrays;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class FileTaskStoreTest {
  private static final GenerateImageRequest CAT =
      GenerateImageRequest.builder("A \"cat\"\n猫", Action.GENERATE).build();
  private static final Instant NOON = Instant.parse("2026-11-24T12:00:00Z");
  private static final TaskRecord SUBMITTING =
      new TaskRecord(State.SUBMITTING, CAT, null, NOON, null);
  private static final TaskRecord SUBMITTED =
      new TaskRecord(State.SUBMITTED, CAT, "t1", NOON.plusMillis(5), null);
  private static final String SUBMITTING_LINE =
      """
      {"at":"2026-11-24T12:00:00Z","state":"SUBMITTING","key":"cat",\
      "request":{"prompt":"A \\"cat\\"\\n猫","action":"generate"}}
      """;

  @TempDir Path folder;
  private Path file;

  @BeforeEach
  void name() {
    file = folder.resolve("tasks.jsonl");
  }

  @Test
  void aLineIsAddedForEachChangeAndTheLastOneCounts() throws Exception {
    try (FileTaskStore store = FileTaskStore.open(file)) {
      assertThat(store.find("cat")).isNull();
      assertThat(store.replace("cat", null, SUBMITTING)).isTrue();
      assertThat(store.replace("cat", SUBMITTING, SUBMITTED)).isTrue();
      assertThat(store.find("cat")).isEqualTo(SUBMITTED);
    }

    assertThat(file)
        .hasContent(
            SUBMITTING_LINE
                + "{\"at\":\"2026-11-24T12:00:00.005Z\",\"state\":\"SUBMITTED\",\"key\":\"cat\","
                + "\"taskId\":\"t1\"}\n");
    try (FileTaskStore store = FileTaskStore.open(file)) {
      assertThat(store.find("cat")).isEqualTo(SUBMITTED);
    }
  }

  @Test
  void onlyWhatIsStillAsExpectedIsReplaced() {
    try (FileTaskStore store = FileTaskStore.open(file)) {
      assertThat(store.replace("cat", SUBMITTING, SUBMITTED)).isFalse();
      store.replace("cat", null, SUBMITTING);
      assertThat(store.replace("cat", null, SUBMITTING)).isFalse();
      assertThat(store.find("cat")).isEqualTo(SUBMITTING);
    }
  }

  @Test
  void aClockThatJumpsBackChangesNothing() {
    TaskRecord earlier = new TaskRecord(State.SUBMITTED, CAT, "t1", NOON.minusSeconds(9999), null);
    try (FileTaskStore store = FileTaskStore.open(file)) {
      store.replace("cat", null, SUBMITTING);
      store.replace("cat", SUBMITTING, earlier);
    }
    try (FileTaskStore store = FileTaskStore.open(file)) {
      assertThat(store.find("cat")).isEqualTo(earlier);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"state\":\"SUBMITTED\",\"key\":\"cat\",\"taskId\":\"t9\"}| SUBMITTED| t9",
        "{\"state\":\"NOT_SUBMITTED\",\"key\":\"cat\"}| NOT_SUBMITTED|",
        "{ \"key\" : \"cat\", \"state\" : \"NOT_SUBMITTED\" }| NOT_SUBMITTED|",
      })
  void aPersonMayAddALineAndTheEditorMayLeaveTheLineBreakOut(
      String line, State state, String taskId) throws Exception {
    Files.writeString(file, "\ufeff# mine\r\n" + SUBMITTING_LINE + "\r\n" + line);

    for (int run = 1; run <= 2; run++) {
      try (FileTaskStore store = FileTaskStore.open(file)) {
        assertThat(store.find("cat"))
            .isEqualTo(new TaskRecord(state, CAT, taskId, Instant.EPOCH, null));
        assertThat(store.tornLines()).isEmpty();
      }
    }
    assertThat(Files.readString(file)).endsWith(line + "\n");
  }

  @Test
  void aSubmittingLineWithoutItsLineBreakStillCounts() throws Exception {
    Files.writeString(file, SUBMITTING_LINE.strip());

    try (FileTaskStore store = FileTaskStore.open(file)) {
      assertThat(store.find("cat")).isEqualTo(SUBMITTING);
      store.replace("cat", SUBMITTING, SUBMITTED);
    }
    assertThat(Files.readAllLines(file)).hasSize(2);
  }

  @Test
  void aLineThatWasCutOffAnywhereStaysInTheFileAndIsReported() throws Exception {
    String line = "{\"state\":\"SUBMITTED\",\"key\":\"cat\",\"taskId\":\"猫-1\"}";
    byte[] bytes = line.getBytes(StandardCharsets.UTF_8);
    for (int length = 1; length < bytes.length; length++) {
      Files.writeString(file, SUBMITTING_LINE);
      Files.write(file, Arrays.copyOf(bytes, length), StandardOpenOption.APPEND);

      for (int run = 1; run <= 2; run++) {
        try (FileTaskStore store = FileTaskStore.open(file)) {
          assertThat(store.find("cat")).isEqualTo(SUBMITTING);
          assertThat(store.tornLines()).hasSize(1);
          TaskRecord unknown = new TaskRecord(State.UNKNOWN, CAT, null, NOON, null);
          assertThat(store.replace("cat", SUBMITTING, unknown)).isTrue();
          assertThat(store.replace("cat", unknown, SUBMITTING)).isTrue();
        }
      }
      assertThat(Files.readString(file, StandardCharsets.ISO_8859_1).lines().toList().get(1))
          .startsWith(line.substring(0, Math.min(length, 40)))
          .endsWith(" # cut off while it was written");
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "nonsense|malformed",
        "{\"state\":\"SUBMITTED\"|End of input",
        "{\"state\":\"LOST\",\"key\":\"cat\"}|no such state, there are [SUBMITTING, UNKNOWN,",
        "{\"state\":\"SUBMITTED\",\"key\":\"cat\"}|SUBMITTED needs a taskId",
        "{\"state\":\"NOT_SUBMITTED\",\"key\":\"cat\",\"taskId\":\"t1\"}|NOT_SUBMITTED has no taskId",
        "{\"state\":\"SUBMITTED\",\"key\":\"cat\",\"taskid\":\"t1\"}|unknown name \"taskid\"",
        "{\"state\":\"NOT_SUBMITTED\",\"key\":\"cta\"}|no request, here or in an earlier line",
        "{\"state\":\"NOT_SUBMITTED\"}|no key",
        "{\"key\":\"cat\"}|no state",
        "{\"key\":\"cat\",\"key\":\"cat\"}|\"key\" twice",
        "{\"state\":\"NOT_SUBMITTED\",\"key\":\"cat\"} // me|malformed JSON",
        "{\"state\":\"NOT_SUBMITTED\",\"key\":\"cat\"} {}|malformed JSON",
        "{\"state\":\"NOT_SUBMITTED\",\"key\":\"cat\",\"at\":\"noon\"}|could not be parsed",
        "{\"state\":\"SUBMITTING\",\"key\":\"dog\",\"request\":{}}|prompt",
        "[]|BEGIN_OBJECT",
      })
  void anInvalidLineIsNeverSkipped(String line, String problem) throws Exception {
    Files.writeString(file, SUBMITTING_LINE + line + "\n");

    assertThatThrownBy(() -> FileTaskStore.open(file))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageStartingWith(file + ", line 2 is invalid: ")
        .hasMessageContaining(problem)
        .hasMessageEndingWith(": " + line);
    assertThat(file).hasContent(SUBMITTING_LINE + line + "\n");
  }

  @ParameterizedTest
  @ValueSource(strings = {"%s%s", "%s\r%s\r", "%s%s nonsense", "%snonsense"})
  void aLastLineThatIsInvalidButNotCutOffIsNotSkipped(String joined) throws Exception {
    String line = SUBMITTING_LINE.strip();
    String content = joined.formatted(line, line.replace("\"cat\"", "\"dog\""));
    Files.writeString(file, content);

    assertThatThrownBy(() -> FileTaskStore.open(file))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageStartingWith(file + ", line 1 is invalid: ");
    assertThat(file).hasContent(content);
  }

  @Test
  @DisabledOnOs(value = OS.WINDOWS, disabledReason = "An open file can't be replaced there")
  void aFileThatAPersonSavesMeanwhileIsNotWrittenTo() throws Exception {
    try (FileTaskStore store = FileTaskStore.open(file)) {
      store.replace("cat", null, SUBMITTING);
      Path edited = Files.writeString(folder.resolve("edited"), SUBMITTING_LINE);
      Files.move(edited, file, StandardCopyOption.REPLACE_EXISTING);

      assertThatThrownBy(() -> store.replace("cat", SUBMITTING, SUBMITTED))
          .isInstanceOf(IllegalStateException.class)
          .hasMessage(file + " was changed by somebody else while this process had it open");
    }
  }

  @Test
  void anInterruptedThreadCanWrite() throws Exception {
    try (FileTaskStore store = FileTaskStore.open(file)) {
      Thread.currentThread().interrupt();
      store.replace("cat", null, SUBMITTING);
      assertThat(Thread.interrupted()).isTrue();
      store.replace("cat", SUBMITTING, SUBMITTED);
    }
    assertThat(Files.readAllLines(file)).hasSize(2);
  }

  @Test
  void oneStoreAtATimeHasTheFile() {
    try (FileTaskStore store = FileTaskStore.open(file)) {
      assertThatThrownBy(() -> FileTaskStore.open(file))
          .isInstanceOf(IllegalStateException.class)
          .hasMessage("The task store " + file + " is in use already");
      store.replace("cat", null, SUBMITTING);
    }
    FileTaskStore.open(file).close();
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  @DisabledOnOs(value = OS.WINDOWS, disabledReason = "Links need a privilege there")
  void oneStoreAtATimeHasTheFileByWhicheverPath(boolean symbolic) throws Exception {
    Path link = folder.resolve("link.jsonl");
    try (FileTaskStore store = FileTaskStore.open(file)) {
      if (symbolic) {
        Files.createSymbolicLink(link, file);
      } else {
        Files.createLink(link, file);
      }

      assertThatThrownBy(() -> FileTaskStore.open(link))
          .isInstanceOf(IllegalStateException.class)
          .hasMessage("The task store " + link + " is in use already");
      store.replace("cat", null, SUBMITTING);
    }
    try (FileTaskStore store = FileTaskStore.open(link)) {
      assertThat(store.find("cat")).isEqualTo(SUBMITTING);
    }
  }

  @Test
  @SuppressWarnings("try") // That it is closed before its end is what is tested.
  void aClosedStoreSaysSo() {
    try (FileTaskStore store = FileTaskStore.open(file)) {
      store.close();
      assertThatThrownBy(() -> store.find("cat"))
          .isInstanceOf(IllegalStateException.class)
          .hasMessage("The task store " + file + " is closed");
    }
  }

  @Test
  void aFileThatAnEditorSavedInAnotherEncodingIsInvalid() throws Exception {
    String line = SUBMITTING_LINE.replace("\"cat\",", "\"Kätzchen\",").replace("猫", "");
    Files.writeString(file, line, StandardCharsets.ISO_8859_1);

    assertThatThrownBy(() -> FileTaskStore.open(file))
        .hasMessageStartingWith(file + ", line 1 is invalid: not UTF-8: ");
  }

  @Test
  void aPromptMayHaveTheReplacementCharacter() {
    TaskRecord record =
        new TaskRecord(
            State.SUBMITTING,
            GenerateImageRequest.builder("\ufffd", Action.GENERATE).build(),
            null,
            NOON,
            null);
    try (FileTaskStore store = FileTaskStore.open(file)) {
      store.replace("cat", null, record);
    }
    try (FileTaskStore store = FileTaskStore.open(file)) {
      assertThat(store.find("cat")).isEqualTo(record);
    }
  }

  @Test
  void aStoreNeedsAFolder() {
    assertThatThrownBy(() -> FileTaskStore.open(folder.resolve("none/tasks.jsonl")))
        .isInstanceOf(UncheckedIOException.class)
        .hasCauseInstanceOf(IOException.class);
  }
}
