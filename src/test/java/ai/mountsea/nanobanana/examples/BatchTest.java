package ai.mountsea.nanobanana.examples;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.mountsea.nanobanana.NanoBanana;
import ai.mountsea.nanobanana.WaitOptions;
import ai.mountsea.nanobanana.api.GenerateImageRequest;
import ai.mountsea.nanobanana.sandbox.Sandbox;
import ai.mountsea.nanobanana.sandbox.Script;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class BatchTest {
  private static final WaitOptions QUICK = WaitOptions.DEFAULT.withMinDelay(Duration.ofMillis(1));

  private final Sandbox sandbox = Sandbox.start();
  private final Gate gate = new Gate(sandbox.url());
  @TempDir Path folder;
  private Path images;
  private Path journal;

  @BeforeEach
  void prepare() throws IOException {
    images = Files.createDirectory(folder.resolve("images"));
    journal = images.resolve("journal.jsonl");
  }

  @AfterEach
  void stop() {
    gate.close();
    sandbox.close();
  }

  @Test
  void everyPromptBecomesAnImageAndASecondRunSubmitsNothing() throws Exception {
    Path image = images.resolve("sandbox-1-1.png");

    assertThat(run(1, "A cat", "", "A cat"))
        .containsExactly("A cat: task sandbox-1", "A cat: saved as " + image, "1 of 1 saved");
    assertThat(run(1, "A cat")).containsExactly("1 of 1 saved");

    assertThat(submitted()).containsExactly("A cat");
    assertThat(image).isNotEmptyFile();
    assertThat(Files.readAllLines(journal))
        .containsExactly(
            "[\"SUBMITTING\",\"A cat\",\"\"]",
            "[\"TASK\",\"A cat\",\"sandbox-1\"]",
            "[\"SAVED\",\"A cat\",\"" + image + "\"]");
  }

  @Test
  void asManyAsAllowedAreMadeAtOnceAndNoMore() throws Exception {
    CyclicBarrier three = new CyclicBarrier(3);
    gate.onSubmit(() -> three.await(10, SECONDS));

    run(3, "1", "2", "3", "4", "5", "6");

    int most = 0;
    Set<String> unfinished = new HashSet<>();
    for (String line : Files.readAllLines(journal)) {
      String prompt = line.split("\"")[3];
      if (line.startsWith("[\"SAVED\"")) {
        unfinished.remove(prompt);
      } else {
        unfinished.add(prompt);
      }
      most = Math.max(most, unfinished.size());
    }
    assertThat(most).isEqualTo(3);
    assertThat(submitted()).containsExactlyInAnyOrder("1", "2", "3", "4", "5", "6");
  }

  @Test
  void whatTheServiceRefusedIsSubmittedByTheNextRun() throws Exception {
    sandbox.next(Script.tooManyRequests(Duration.ofHours(1)));

    assertThat(run(1, "A cat"))
        .endsWith("For the next run, to submit: A cat", "0 of 1 saved")
        .hasSize(3);
    assertThat(run(1, "A cat")).endsWith("1 of 1 saved");

    assertThat(submitted()).containsExactly("A cat");
  }

  @Test
  void aTaskThatFailedIsNotTriedAgain() throws Exception {
    sandbox.next(Script.failsWith("No cats today"));
    run(1, "A cat");

    assertThat(run(1, "A cat")).containsExactly("Failed: A cat", "0 of 1 saved");
    assertThat(submitted()).containsExactly("A cat");
  }

  @Test
  void aTaskThatOutlastsTheDeadlineIsWaitedForByTheNextRun() throws Exception {
    sandbox.next(Script.completesAfter(3));

    assertThat(run(QUICK.withTimeout(Duration.ZERO), 1, "A cat"))
        .endsWith("For the next run, to wait for: A cat", "0 of 1 saved");
    assertThat(run(1, "A cat")).endsWith("1 of 1 saved");

    assertThat(submitted()).containsExactly("A cat");
  }

  @Test
  void aPersonSaysWhatBecameOfALostSubmit() throws Exception {
    sandbox.next(Script.losesReply(), Script.losesReply());
    String[] lost = {
      "For a person, it may have been submitted: A cat",
      "For a person, it may have been submitted: A dog",
      "0 of 2 saved"
    };
    assertThat(run(1, "A cat", "A dog")).endsWith(lost);
    assertThat(run(1, "A cat", "A dog")).containsExactly(lost);

    append("[\"TASK\",\"A cat\",\"sandbox-1\"]\n[\"NOT_SUBMITTED\",\"A dog\",\"\"]\n");

    assertThat(run(1, "A cat", "A dog")).endsWith("2 of 2 saved");
    assertThat(submitted()).containsExactly("A cat", "A dog", "A dog");
  }

  @ParameterizedTest
  @CsvSource({
    "BEFORE_SUBMIT, A cat,       'For a person, it may have been submitted: A dog', 1 of 2 saved",
    "AFTER_SUBMIT,  A cat+A dog, 'For a person, it may have been submitted: A dog', 1 of 2 saved",
    "READ,          A cat+A dog, A dog: saved as, 2 of 2 saved",
    "IMAGE,         A cat+A dog, A dog: saved as, 2 of 2 saved",
  })
  void aBatchThatIsKilledGoesOnAndSubmitsNothingTwice(
      Gate.At at, String submitted, String aboutTheDog, String summary) throws Exception {
    sandbox.next(Script.completesAfter(0), Script.completesAfter(0));
    gate.holdBack(at, 2);
    Process process = start(1, "A cat", "A dog");
    assertThat(gate.reachedOrEnded(process)).isTrue();
    kill(process);

    List<String> output = run(1, "A cat", "A dog");

    assertThat(output).hasSize(2).endsWith(summary);
    assertThat(output.get(0)).startsWith(aboutTheDog);
    assertThat(submitted()).containsExactly(submitted.split("\\+"));
  }

  @Test
  void howeverOftenItIsKilledNothingIsSubmittedTwice() throws Exception {
    String[] prompts = {"1", "2", "3", "4", "5", "6", "7", "8"};
    sandbox.next(Collections.nCopies(8, Script.completesAfter(0)).toArray(Script[]::new));
    int kills = 0;
    for (boolean goesOn = true; goesOn; ) {
      gate.holdBack(Gate.At.ANYTHING, 5);
      Process process = start(3, prompts);
      goesOn = gate.reachedOrEnded(process);
      if (goesOn) {
        kill(process);
        assertThat(++kills).isLessThan(30);
      }
    }

    List<String> output = run(3, prompts);

    assertThat(kills).isPositive();
    assertThat(submitted()).doesNotHaveDuplicates();
    long unknown = output.stream().filter(line -> line.startsWith("For a person")).count();
    assertThat(output).hasSize((int) unknown + 1).endsWith((8 - unknown) + " of 8 saved");
  }

  @Test
  void halfALineAtTheEndOfTheJournalWasNeverWritten() throws Exception {
    append("[\"SUBMITTING\",\"A cat\",\"\"]\n[\"TASK\",\"A cat\",\"sand");

    assertThat(run(1, "A cat", "A dög"))
        .endsWith("For a person, it may have been submitted: A cat", "1 of 2 saved");
    assertThat(Files.readAllLines(journal))
        .hasSize(4)
        .startsWith("[\"SUBMITTING\",\"A cat\",\"\"]", "[\"SUBMITTING\",\"A dög\",\"\"]");
  }

  @ParameterizedTest
  @ValueSource(strings = {"nonsense", "[\"SAVED\",\"A cat\"]", "[\"LOST\",\"A cat\",\"\"]", ""})
  void aJournalThatCannotBeReadIsNotGuessed(String line) throws Exception {
    append(line + "\n");

    assertThatThrownBy(() -> run(1, "A cat"))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage(journal + " has a line that can't be read: " + line);
    assertThat(submitted()).isEmpty();
  }

  @Test
  void twoBatchesDoNotShareAJournal() throws Exception {
    try (BatchJournal taken = new BatchJournal(journal)) {
      assertThatThrownBy(() -> run(1, "A cat")).isInstanceOf(OverlappingFileLockException.class);

      Process process = start(1, "A cat");
      assertThat(process.waitFor()).isEqualTo(1);
      assertThat(process.errorReader().readLine())
          .endsWith("IllegalStateException: Another batch has " + journal);
      assertThat(taken.last("A cat")).isNull();
    }
    assertThat(submitted()).isEmpty();
  }

  private List<String> run(int atOnce, String... prompts)
      throws IOException, InterruptedException, ExecutionException {
    return run(QUICK, atOnce, prompts);
  }

  private List<String> run(WaitOptions waitOptions, int atOnce, String... prompts)
      throws IOException, InterruptedException, ExecutionException {
    ByteArrayOutputStream output = new ByteArrayOutputStream();
    try (NanoBanana nanoBanana = NanoBanana.builder().apiKey("any").baseUrl(gate.url()).build();
        PrintStream out = new PrintStream(output, true, UTF_8)) {
      new Batch(nanoBanana, images, atOnce, waitOptions, out).run(List.of(prompts));
    }
    return output.toString(UTF_8).lines().toList();
  }

  private Process start(int atOnce, String... prompts) throws IOException {
    ProcessBuilder builder =
        new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-cp",
            System.getProperty("java.class.path"),
            Batch.class.getName(),
            Files.write(folder.resolve("prompts.txt"), List.of(prompts)).toString(),
            images.toString(),
            String.valueOf(atOnce));
    builder
        .environment()
        .putAll(Map.of("MOUNTSEA_API_KEY", "any", "MOUNTSEA_BASE_URL", gate.url()));
    return builder.redirectOutput(ProcessBuilder.Redirect.DISCARD).start();
  }

  private void kill(Process process) throws InterruptedException {
    process.destroyForcibly().waitFor();
    gate.open();
  }

  private void append(String text) throws IOException {
    Files.writeString(journal, text, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
  }

  private List<String> submitted() {
    return sandbox.requests().stream().map(GenerateImageRequest::prompt).toList();
  }
}
