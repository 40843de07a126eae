package ai.mountsea.nanobanana.examples;

import static java.nio.charset.StandardCharsets.UTF_8;

import ai.mountsea.nanobanana.NanoBanana;
import ai.mountsea.nanobanana.WaitOptions;
import ai.mountsea.nanobanana.examples.BatchPrompts.Prompt;
import ai.mountsea.nanobanana.examples.CrashPoints.Way;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * A batch of two prompts that ends at one of its steps on the disk and the network.
 *
 * @param exitCode -1 if it did not come to an end
 * @param crashedAt the step; empty if it came to its end before
 */
record CrashingBatch(int exitCode, String output, String crashedAt) {
  static final int HALTED = 42;
  static final List<Prompt> PROMPTS =
      BatchPrompts.parse("prompts.txt", "A cat\n{\"name\":\"dog\",\"prompt\":\"A dog\"}");

  /**
   * Runs it in a process of its own, which halts.
   *
   * @param args the service, a folder, and the number of the step after which to halt
   */
  public static void main(String[] args) throws Exception {
    CrashPoints points =
        new CrashPoints(
            Integer.parseInt(args[2]), Way.AFTER, () -> Runtime.getRuntime().halt(HALTED));
    try (NanoBanana nanoBanana = client(args[0], points)) {
      Path folder = new CrashingDisk(points).path(Path.of(args[1]));
      System.exit(new Batch(nanoBanana, folder, 1, 5, System.out, false).run(PROMPTS));
    }
  }

  /** Runs it in this process. What is unfinished when it ends, the client's closing ends. */
  static CrashingBatch run(String url, Path folder, Way way, int step)
      throws IOException, InterruptedException {
    CompletableFuture<Void> crash = new CompletableFuture<>();
    CrashPoints points = new CrashPoints(step, way, () -> crash.complete(null));
    CrashingDisk disk = new CrashingDisk(points);
    ByteArrayOutputStream output = new ByteArrayOutputStream();
    int exitCode = -1;
    try (NanoBanana nanoBanana = client(url, points);
        PrintStream out = new PrintStream(output, true, UTF_8)) {
      if (way != Way.DISK_FULL) {
        crash.thenRunAsync(nanoBanana::close);
      }
      exitCode = new Batch(nanoBanana, disk.path(folder), 1, 5, out, false).run(PROMPTS);
    } catch (IOException | RuntimeException e) {
      output.writeBytes(e.toString().getBytes(UTF_8));
    }
    if (way == Way.POWER_LOSS && crash.isDone()) {
      disk.losePower();
    }
    return new CrashingBatch(exitCode, output.toString(UTF_8).strip(), points.crashedAt());
  }

  private static NanoBanana client(String url, CrashPoints points) {
    return NanoBanana.builder()
        .apiKey("any")
        .baseUrl(url)
        .waitOptions(WaitOptions.DEFAULT.withMinDelay(Duration.ofMillis(1)))
        .configureOkHttp(okHttp -> okHttp.socketFactory(new CrashingSockets(points)))
        .build();
  }
}
