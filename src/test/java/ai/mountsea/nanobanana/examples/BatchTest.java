package ai.mountsea.nanobanana.examples;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ai.mountsea.nanobanana.FileTaskStore;
import ai.mountsea.nanobanana.NanoBanana;
import ai.mountsea.nanobanana.WaitOptions;
import ai.mountsea.nanobanana.api.GenerateImageRequest;
import ai.mountsea.nanobanana.sandbox.Sandbox;
import ai.mountsea.nanobanana.sandbox.Script;
import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CyclicBarrier;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class BatchTest {
  private static final WaitOptions QUICK = WaitOptions.DEFAULT.withMinDelay(Duration.ofMillis(1));

  /** The name of the prompt "A cat". */
  private static final String CAT = BatchPrompts.parse("prompts.txt", "A cat").get(0).name();

  private final Sandbox sandbox = Sandbox.start();
  private final Gate gate = new Gate(sandbox.url());
  private final ByteArrayOutputStream output = new ByteArrayOutputStream();
  private WaitOptions waitOptions = QUICK;
  @TempDir Path folder;
  private Path images;
  private Path store;

  @BeforeEach
  void prepare() throws IOException {
    images = Files.createDirectory(folder.resolve("images"));
    store = images.resolve("tasks.jsonl");
  }

  @AfterEach
  void stop() {
    gate.close();
    sandbox.close();
  }

  @Test
  void everyPromptBecomesAnImageAndASecondRunSubmitsNothing() throws Exception {
    Run first = run("A cat", "", "{\"name\":\"dog\",\"prompt\":\"A dog\"}", "A cat");

    assertThat(first.exitCode()).isZero();
    assertThat(first.lines())
        .hasSize(5)
        .startsWith(CAT + ": task sandbox-1 [0 of 2 saved, 1 running]")
        .contains("2 of 2 saved");
    assertThat(images.resolve(CAT + ".png")).isNotEmptyFile();
    assertThat(images.resolve("dog.png")).isNotEmptyFile();
    assertThat(run("A cat", "{\"name\":\"dog\",\"prompt\":\"A dog\"}").lines())
        .containsExactly("2 of 2 saved");
    assertThat(submitted()).containsExactly("A cat", "A dog");
  }

  @Test
  void anImageThatWasDeletedIsSavedAgainWithoutASubmit() throws Exception {
    run("A cat");
    Files.delete(images.resolve(CAT + ".png"));

    assertThat(run("A cat").exitCode()).isZero();

    assertThat(images.resolve(CAT + ".png")).isNotEmptyFile();
    assertThat(submitted()).containsExactly("A cat");
  }

  @Test
  void asManyAsAllowedAreMadeAtOnceAndNoMore() throws Exception {
    CyclicBarrier three = new CyclicBarrier(3);
    gate.onSubmit(() -> three.await(10, SECONDS));

    Run run =
        run(client -> new Batch(client, images, 3, 5, run(), false), "1", "2", "3", "4", "5", "6");

    assertThat(run.lines())
        .anyMatch(line -> line.contains("3 running"))
        .noneMatch(line -> line.contains("4 running"));
    assertThat(submitted()).containsExactlyInAnyOrder("1", "2", "3", "4", "5", "6");
  }

  @Test
  void whatTheServiceRefusedIsSubmittedByTheNextRun() throws Exception {
    sandbox.next(Script.tooManyRequests(Duration.ofHours(1)));

    Run refused = run("A cat");
    assertThat(refused.exitCode()).isEqualTo(1);
    assertThat(refused.lines()).endsWith("0 of 1 saved, 1 for the next run");
    assertThat(run("A cat").exitCode()).isZero();

    assertThat(submitted()).containsExactly("A cat");
  }

  @Test
  void aTaskThatFailedIsOrderedAnewWhenAPersonSaysSo() throws Exception {
    sandbox.next(Script.failsWith("No cats today"));
    assertThat(run("A cat").exitCode()).isEqualTo(1);

    Run again = run("A cat");
    assertThat(again.exitCode()).isEqualTo(1);
    assertThat(again.lines().get(0)).startsWith(CAT + " failed: ").contains("No cats today");
    assertThat(again.lines()).endsWith("0 of 1 saved, 1 failed");

    append("{\"state\":\"NOT_SUBMITTED\",\"key\":\"" + CAT + "\"}\n");
    assertThat(run("A cat").exitCode()).isZero();
    assertThat(submitted()).containsExactly("A cat", "A cat");
  }

  @Test
  void aTaskThatOutlastsTheDeadlineIsWaitedForByTheNextRun() throws Exception {
    sandbox.next(Script.completesAfter(3));

    waitOptions = QUICK.withTimeout(Duration.ZERO);
    assertThat(run("A cat").lines()).endsWith("0 of 1 saved, 1 for the next run");
    waitOptions = QUICK;
    assertThat(run("A cat").exitCode()).isZero();

    assertThat(submitted()).containsExactly("A cat");
  }

  @Test
  void aPersonSaysWhatBecameOfALostSubmit() throws Exception {
    sandbox.next(Script.losesReply(), Script.losesReply());
    String cat = "{\"name\":\"cat\",\"prompt\":\"A cat\"}";
    String dog = "{\"name\":\"dog\",\"prompt\":\"A dog\"}";
    assertThat(run(cat, dog).exitCode()).isEqualTo(3);
    Run again = run(cat, dog);
    assertThat(again.exitCode()).isEqualTo(3);
    assertThat(again.lines())
        .containsExactly(
            "0 of 2 saved, 2 unknown",
            "For a person: cat may have been submitted. Look for its task, then add to tasks.jsonl either",
            "    {\"state\":\"SUBMITTED\",\"key\":\"cat\",\"taskId\":\"...\"}",
            "    {\"state\":\"NOT_SUBMITTED\",\"key\":\"cat\"}",
            "For a person: dog may have been submitted. Look for its task, then add to tasks.jsonl either",
            "    {\"state\":\"SUBMITTED\",\"key\":\"dog\",\"taskId\":\"...\"}",
            "    {\"state\":\"NOT_SUBMITTED\",\"key\":\"dog\"}");

    append(again.lines().get(2).strip().replace("...", "sandbox-1") + "\r\n");
    append(again.lines().get(6).strip()); // The editor leaves the line break out.

    assertThat(run(cat, dog).exitCode()).isZero();
    assertThat(submitted()).containsExactly("A cat", "A dog", "A dog");
  }

  @Test
  void itStopsAfterAFewFailuresInARow() throws Exception {
    Script no = Script.tooManyRequests(Duration.ofHours(1));
    sandbox.next(no, Script.completesAfter(0), no, no);

    Run run = run(client -> new Batch(client, images, 1, 2, run(), false), "1", "2", "3", "4", "5");

    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.lines())
        .anyMatch(line -> line.startsWith("Stopped after 2 failures in a row"))
        .endsWith("1 of 5 saved, 4 for the next run");
    assertThat(submitted()).containsExactly("2");
  }

  @Test
  void picturesThatAreGoneKeepNoOtherPromptFromBeingOrdered() throws Exception {
    sandbox.next(Script.imageGone());
    sandbox.next(Script.imageGone());
    run(client -> new Batch(client, images, 1, 5, run(), false), "1", "2");

    Run run = run(client -> new Batch(client, images, 1, 2, run(), false), "1", "2", "3");

    assertThat(run.lines()).endsWith("1 of 3 saved, 2 for the next run");
    assertThat(submitted()).containsExactly("1", "2", "3");
  }

  @Test
  void aNameWithAnotherPromptThanLastTimeIsNotOrdered() throws Exception {
    run("{\"name\":\"cat\",\"prompt\":\"A cat\"}");

    Run run = run("{\"name\":\"cat\",\"prompt\":\"A fat cat\"}");

    assertThat(run.exitCode()).isEqualTo(3);
    assertThat(run.lines())
        .contains(
            "For a person: cat stands for another prompt in tasks.jsonl; give the new one a name of"
                + " its own");
    assertThat(submitted()).containsExactly("A cat");
  }

  @ParameterizedTest
  @CsvSource({
    "BEFORE_SUBMIT, A cat,       3, 1 of 2 saved",
    "AFTER_SUBMIT,  A cat+A dog, 3, 1 of 2 saved",
    "READ,          A cat+A dog, 0, 2 of 2 saved",
    "IMAGE,         A cat+A dog, 0, 2 of 2 saved",
  })
  void aBatchThatIsKilledGoesOnAndSubmitsNothingTwice(
      Gate.At at, String submitted, int exitCode, String summary) throws Exception {
    sandbox.next(Script.completesAfter(0), Script.completesAfter(0));
    gate.holdBack(at, 2);
    Process process = start("1", "A cat", "A dog");
    assertThat(gate.reachedOrEnded(process)).isTrue();
    kill(process);

    Run run = run("A cat", "A dog");

    assertThat(run.exitCode()).isEqualTo(exitCode);
    assertThat(run.lines()).anyMatch(line -> line.startsWith(summary));
    assertThat(submitted()).containsExactly(submitted.split("\\+"));
  }

  @Test
  void howeverOftenItIsKilledNothingIsSubmittedTwice() throws Exception {
    String[] prompts = {"1", "2", "3", "4", "5", "6", "7", "8"};
    sandbox.next(Collections.nCopies(8, Script.completesAfter(0)).toArray(Script[]::new));
    int kills = 0;
    for (boolean goesOn = true; goesOn; ) {
      gate.holdBack(Gate.At.ANYTHING, 5);
      Process process = start("3", prompts);
      goesOn = gate.reachedOrEnded(process);
      if (goesOn) {
        kill(process);
        assertThat(++kills).isLessThan(30);
      }
    }

    Run run = run(prompts);

    assertThat(kills).isPositive();
    assertThat(submitted()).doesNotHaveDuplicates();
    long unknown = run.lines().stream().filter(line -> line.startsWith("For a person")).count();
    assertThat(run.lines().get(0)).startsWith((8 - unknown) + " of 8 saved");
  }

  @Test
  @DisabledOnOs(value = OS.WINDOWS, disabledReason = "It has no SIGTERM")
  void aBatchThatIsToldToStopRecordsTheSubmitInFlight() throws Exception {
    gate.holdBack(Gate.At.AFTER_SUBMIT, 1);
    Process process = start("1", "A cat", "A dog");
    assertThat(gate.reachedOrEnded(process)).isTrue();
    process.toHandle().destroy(); // Process.destroy would close the output.
    try (BufferedReader output = process.inputReader()) {
      assertThat(output.readLine()).isEqualTo("Stopping; the submits in flight are recorded first");
      gate.letPass();
      assertThat(process.waitFor()).isEqualTo(128 + 15);
    }

    assertThat(submitted()).containsExactly("A cat");
    assertThat(run("A cat").exitCode()).isZero();
    assertThat(submitted()).containsExactly("A cat");
  }

  @Test
  void twoBatchesDoNotShareAFolder() throws Exception {
    try (FileTaskStore taken = FileTaskStore.open(store)) {
      assertThatThrownBy(() -> run("A cat"))
          .hasMessage("The task store " + store + " is in use already");

      Process process = start("1", "A cat");
      assertThat(process.waitFor()).isEqualTo(2);
      assertThat(process.errorReader().readLine())
          .isEqualTo("The task store " + store + " is in use already");
      assertThat(process.inputReader().lines()).isEmpty();
      assertThat(taken.find(CAT)).isNull();
    }
    assertThat(submitted()).isEmpty();
  }

  @Test
  void aNameThatDiffersInCaseFromASavedImageIsNotOrdered() throws Exception {
    run("{\"name\":\"Cat\",\"prompt\":\"A cat\"}");

    Run second = run("{\"name\":\"cat\",\"prompt\":\"Another cat\"}", "A dog");

    assertThat(second.exitCode()).isEqualTo(3);
    assertThat(second.lines())
        .contains(
            "For a person: cat would replace Cat.png where file names ignore case;"
                + " move that file away, or give the prompt a name of its own");
    assertThat(submitted()).containsExactly("A cat", "A dog");
  }

  @Test
  void aFileOfYoursIsNotReplaced() throws Exception {
    Files.writeString(images.resolve("cat.png"), "mine");

    Run run = run("{\"name\":\"cat\",\"prompt\":\"A cat\"}", "A dog");

    assertThat(run.exitCode()).isEqualTo(3);
    assertThat(run.lines())
        .contains(
            "For a person: cat would replace cat.png;"
                + " move that file away, or give the prompt a name of its own");
    assertThat(images.resolve("cat.png")).hasContent("mine");
    assertThat(submitted()).containsExactly("A dog");
  }

  @Test
  void aFolderThatIsAFileIsSaidInOneSentence() throws Exception {
    Files.delete(images);
    Files.writeString(images, "");

    Process process = start("1", "A cat");

    assertThat(process.waitFor()).isEqualTo(2);
    assertThat(process.errorReader().lines()).containsExactly(images + " is a file, not a folder");
    assertThat(process.inputReader().lines()).isEmpty();
  }

  @Test
  void aProcessWithoutATerminalPrintsPlainLines() throws Exception {
    sandbox.next(Script.completesAfter(0));
    Process process = start("1", "A cat");

    assertThat(process.waitFor()).isZero();
    assertThat(new String(process.getInputStream().readAllBytes(), UTF_8))
        .endsWith("\n1 of 1 saved" + System.lineSeparator())
        .doesNotContain("\033", "\r█", "░");
  }

  @Test
  void aNumberThatMakesNoSenseIsRefused() throws Exception {
    Process process = start("0", "A cat");

    assertThat(process.waitFor()).isEqualTo(2);
    assertThat(process.errorReader().readLine()).isEqualTo("0 is not a number of at least 1");
    assertThat(submitted()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"1971-01-01T00:00:00Z", "2999-12-31T23:59:59.999Z"})
  void aClockThatJumpedBetweenTwoRunsChangesNothing(String jumped) throws Exception {
    sandbox.next(Script.completesAfter(0), Script.losesReply(), Script.completesAfter(3));
    waitOptions = QUICK.withTimeout(Duration.ZERO);
    run("1", "2", "3");
    Files.writeString(
        store,
        Files.readString(store).replaceAll("\"at\":\"[^\"]*\"", "\"at\":\"" + jumped + "\""));
    waitOptions = QUICK;

    Run run = run("1", "2", "3", "4");

    assertThat(run.exitCode()).isEqualTo(3);
    assertThat(run.lines()).anyMatch(line -> line.startsWith("3 of 4 saved, 1 unknown"));
    assertThat(submitted()).containsExactly("1", "2", "3", "4");
  }

  @Test
  void nothingIsSentIfTheFolderIsReadOnly() throws Exception {
    makeReadOnly(images);

    Process process = start("1", "A cat");

    assertThat(process.waitFor()).isEqualTo(2);
    assertThat(process.errorReader().readLine())
        .isEqualTo(
            "Can't open the task store "
                + store
                + ": java.nio.file.AccessDeniedException: "
                + store);
    assertThat(submitted()).isEmpty();
  }

  @Test
  void ifNoImageCanBeSavedItStopsAndPaysForNothingTwice() throws Exception {
    FileTaskStore.open(store).close();
    makeReadOnly(images);

    Run stopped = run(client -> new Batch(client, images, 1, 2, run(), false), "1", "2", "3", "4");
    assertThat(stopped.exitCode()).isEqualTo(1);
    assertThat(stopped.lines()).endsWith("0 of 4 saved, 4 for the next run");
    assertThat(images.toFile().setWritable(true)).isTrue();

    assertThat(run("1", "2", "3", "4").exitCode()).isZero();
    assertThat(submitted()).containsExactly("1", "2", "3", "4");
  }

  /** Root may write everywhere, so there is nothing to test then. */
  private static void makeReadOnly(Path folder) {
    assumeTrue(folder.toFile().setWritable(false) && !Files.isWritable(folder));
  }

  @Test
  void aFileOfNothingButAByteOrderMarkOrdersNothing() throws Exception {
    Process process = start("1", "\ufeff");

    assertThat(process.waitFor()).isEqualTo(2);
    assertThat(process.errorReader().readLine()).isEqualTo("prompts.txt has no prompts");
    assertThat(images).isEmptyDirectory();
    assertThat(submitted()).isEmpty();
  }

  private record Run(int exitCode, List<String> lines) {}

  private PrintStream run() {
    return new PrintStream(output, true, UTF_8);
  }

  private Run run(String... prompts) throws Exception {
    return run(client -> new Batch(client, images, 1, 5, run(), false), prompts);
  }

  private Run run(Function<NanoBanana, Batch> batch, String... prompts) throws Exception {
    output.reset();
    try (NanoBanana nanoBanana =
        NanoBanana.builder().apiKey("any").baseUrl(gate.url()).waitOptions(waitOptions).build()) {
      int exitCode =
          batch
              .apply(nanoBanana)
              .run(BatchPrompts.parse("prompts.txt", String.join("\n", prompts)));
      return new Run(exitCode, output.toString(UTF_8).lines().toList());
    }
  }

  private Process start(String atOnce, String... prompts) throws IOException {
    ProcessBuilder builder =
        new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-XX:TieredStopAtLevel=1", // Starts sooner.
            "-cp",
            System.getProperty("java.class.path"),
            Batch.class.getName(),
            Files.write(folder.resolve("prompts.txt"), List.of(prompts)).toString(),
            images.toString(),
            atOnce);
    builder
        .environment()
        .putAll(
            Map.of("MOUNTSEA_API_KEY", "any", "MOUNTSEA_BASE_URL", gate.url(), "TERM", "xterm"));
    return builder.start();
  }

  private void kill(Process process) throws InterruptedException {
    process.destroyForcibly().waitFor();
    gate.open();
  }

  private void append(String text) throws IOException {
    Files.writeString(store, text, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
  }

  private List<String> submitted() {
    return sandbox.requests().stream().map(GenerateImageRequest::prompt).toList();
  }
}
