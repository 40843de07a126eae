package ai.mountsea.nanobanana.examples;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import ai.mountsea.nanobanana.api.GenerateImageRequest;
import ai.mountsea.nanobanana.examples.CrashPoints.Way;
import ai.mountsea.nanobanana.sandbox.Sandbox;
import ai.mountsea.nanobanana.sandbox.Script;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Ends a batch at every step that it takes on the disk and on the network. */
class BatchCrashIT {
  private static final Pattern FOR_A_PERSON = Pattern.compile("For a person: (\\S+) may have been");
  private static final String CAT = CrashingBatch.PROMPTS.get(0).name();

  @TempDir Path temp;

  @ParameterizedTest
  @EnumSource(Way.class)
  void whereverABatchEndsTheNextOnePaysForNothingTwiceAndLosesNothing(Way way) throws Exception {
    Set<String> kinds = new TreeSet<>();
    int step = 0;
    String crashedAt;
    do {
      crashedAt = crashAndGoOn(way, ++step);
      kinds.add(crashedAt.replaceFirst(" .*", ""));
    } while (!crashedAt.isEmpty());

    System.out.println(way + ": " + (step - 1) + " steps");
    assertThat(kinds)
        .contains(
            way == Way.DISK_FULL
                ? new String[] {"create", "write"}
                : new String[] {"connect", "send", "receive", "create", "write", "force", "move"});
  }

  /** The same, in processes that halt. It takes a JVM a step: {@code -Dstride=1} is all of them. */
  @Test
  void whereverAProcessHaltsTheNextOnePaysForNothingTwiceAndLosesNothing() throws Exception {
    int stride = Integer.getInteger("stride", 9);
    int step = 1;
    while (haltAndGoOn(step)) {
      step += stride;
    }
    assertThat(step).isGreaterThan(50);
  }

  private String crashAndGoOn(Way way, int step) throws Exception {
    Path folder = temp.resolve(way + "-" + step);
    try (Sandbox sandbox = newSandbox();
        Wire wire = new Wire(sandbox.url())) {
      CrashingBatch crashed = CrashingBatch.run(wire.url(), folder, way, step);
      wire.awaitQuiet();

      String crashedAt = crashed.crashedAt();
      String where = way + " at step " + step + ", " + crashedAt;
      if (crashedAt.isEmpty()) {
        assertThat(crashed.exitCode()).isZero();
      } else if (way == Way.DISK_FULL) {
        assertEachTaskIsNamed(sandbox, folder, crashed.output(), where);
      }
      goOn(sandbox, wire, folder, where);
      return crashedAt;
    }
  }

  /** Returns whether it halted; false if it came to its end before. */
  private boolean haltAndGoOn(int step) throws Exception {
    Path folder = temp.resolve("halt-" + step);
    try (Sandbox sandbox = newSandbox();
        Wire wire = new Wire(sandbox.url())) {
      int exitCode =
          new ProcessBuilder(
                  Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                  "-XX:TieredStopAtLevel=1", // Starts sooner.
                  "-cp",
                  System.getProperty("java.class.path"),
                  CrashingBatch.class.getName(),
                  wire.url(),
                  folder.toString(),
                  String.valueOf(step))
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start()
              .waitFor();
      wire.awaitQuiet();
      assertThat(exitCode).isIn(0, CrashingBatch.HALTED);
      goOn(sandbox, wire, folder, "halted at step " + step);
      return exitCode != 0;
    }
  }

  private static Sandbox newSandbox() {
    Script soon = Script.completesAfter(0);
    return Sandbox.start().next(Script.completesAfter(1), soon, soon, soon);
  }

  private static void goOn(Sandbox sandbox, Wire wire, Path folder, String where) throws Exception {
    assertImagesAreWhole(folder, where);
    CrashingBatch run = CrashingBatch.run(wire.url(), folder, Way.BEFORE, 0);
    wire.awaitQuiet();
    if (run.exitCode() == 3) {
      answer(run.output(), sandbox, folder);
      run = CrashingBatch.run(wire.url(), folder, Way.BEFORE, 0);
    }

    assertThat(run.output()).as(where).endsWith("2 of 2 saved");
    assertThat(run.exitCode()).as(where).isZero();
    assertThat(sandbox.requests())
        .as(where)
        .extracting(GenerateImageRequest::prompt)
        .containsExactlyInAnyOrder("A cat", "A dog");
    assertThat(assertImagesAreWhole(folder, where))
        .as(where)
        .containsExactlyInAnyOrder(CAT + ".png", "dog.png", "tasks.jsonl");
  }

  /** Nobody reads a store that can't be written, so the batch says the id. */
  private static void assertEachTaskIsNamed(
      Sandbox sandbox, Path folder, String output, String where) throws IOException {
    Path store = folder.resolve("tasks.jsonl");
    String known = output + (Files.exists(store) ? Files.readString(store) : "");
    for (int i = 1; i <= sandbox.submitted(); i++) {
      assertThat(known).as(where).contains("sandbox-" + i);
    }
  }

  private static List<String> assertImagesAreWhole(Path folder, String where) throws IOException {
    List<String> names = new ArrayList<>();
    if (Files.exists(folder)) {
      try (Stream<Path> files = Files.list(folder)) {
        for (Path file : files.toList()) {
          names.add(file.getFileName().toString());
          if (file.toString().endsWith(".png")) {
            byte[] bytes = Files.readAllBytes(file);
            assertThat(new String(bytes, UTF_8)).as(where + file).contains("IEND");
            assertThat(ImageIO.read(file.toFile())).as(where + file).isNotNull();
          }
        }
      }
    }
    return names;
  }

  /** What a person does who can see the service's tasks. */
  private static void answer(String output, Sandbox sandbox, Path folder) throws IOException {
    List<String> submitted = sandbox.requests().stream().map(GenerateImageRequest::prompt).toList();
    Matcher keys = FOR_A_PERSON.matcher(output);
    while (keys.find()) {
      String key = keys.group(1);
      int task = submitted.indexOf(key.equals("dog") ? "A dog" : "A cat") + 1;
      Files.writeString(
          folder.resolve("tasks.jsonl"),
          task == 0
              ? "{\"state\":\"NOT_SUBMITTED\",\"key\":\"" + key + "\"}\n"
              : "{\"state\":\"SUBMITTED\",\"key\":\""
                  + key
                  + "\",\"taskId\":\"sandbox-"
                  + task
                  + "\"}\n",
          StandardOpenOption.APPEND);
    }
  }
}
