package ai.mountsea.nanobanana;

import static org.assertj.core.api.Assertions.assertThat;

import ai.mountsea.nanobanana.api.Action;
import ai.mountsea.nanobanana.api.GenerateImageRequest;
import ai.mountsea.nanobanana.api.TaskResult;
import ai.mountsea.nanobanana.api.TaskStatus;
import ai.mountsea.nanobanana.sandbox.Sandbox;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Ten thousand tasks awaited at once in one JVM, against the sandbox in the same JVM. */
class AwaitLoadIT {
  private static final int TASKS = 10_000;

  @Test
  void tenThousandTasksAreAwaitedOnFewThreads() throws Exception {
    try (Sandbox sandbox = Sandbox.start();
        NanoBanana nanoBanana = sandbox.client()) {
      Set<Thread> others = Set.copyOf(Thread.getAllStackTraces().keySet());
      GenerateImageRequest cat = GenerateImageRequest.builder("A cat", Action.GENERATE).build();
      List<CompletableFuture<String>> submits = new ArrayList<>();
      for (int i = 0; i < TASKS; i++) {
        submits.add(nanoBanana.submitAsync(cat));
      }
      List<String> taskIds = new ArrayList<>();
      for (CompletableFuture<String> submit : submits) {
        taskIds.add(submit.get(60, TimeUnit.SECONDS));
      }

      long heapBefore = usedHeap();
      Queue<Long> reads =
          new ConcurrentLinkedQueue<>(); // The sandbox's status changes at each read.
      WaitOptions options =
          WaitOptions.DEFAULT
              .withMinDelay(Duration.ofSeconds(2))
              .withStatusListener(task -> reads.add(System.nanoTime()));
      long start = System.nanoTime();
      List<CompletableFuture<TaskResult>> waits = new ArrayList<>();
      for (String taskId : taskIds) {
        waits.add(nanoBanana.awaitAsync(taskId, options));
      }
      long heapOfWaits = usedHeap() - heapBefore;
      int threads = 0;
      for (CompletableFuture<TaskResult> wait : waits) {
        threads = Math.max(threads, ourThreads(others));
        assertThat(wait.get(60, TimeUnit.SECONDS).status()).isEqualTo(TaskStatus.COMPLETED);
      }
      double seconds = (System.nanoTime() - start) / 1e9;

      System.out.printf(
          "%,d tasks awaited at once: %d threads of ours at the most, %.1f KB of heap a task,"
              + " %.1f s, %.1f reads a task, %,.0f reads a second, %,d in the busiest%n",
          TASKS,
          threads,
          heapOfWaits / 1024.0 / TASKS,
          seconds,
          (double) reads.size() / TASKS,
          reads.size() / seconds,
          busiestSecond(reads));
      assertThat(threads).isLessThan(32);
      assertThat(sandbox.submitted()).isEqualTo(TASKS);
    }
  }

  private static long busiestSecond(Collection<Long> nanoTimes) {
    return nanoTimes.stream()
        .collect(Collectors.groupingBy(time -> time / 1_000_000_000, Collectors.counting()))
        .values()
        .stream()
        .max(Long::compare)
        .orElseThrow();
  }

  /** Those of the client and its OkHttp, and not of tests before. */
  private static int ourThreads(Set<Thread> others) {
    return (int)
        Thread.getAllStackTraces().keySet().stream()
            .filter(thread -> !others.contains(thread))
            .filter(thread -> thread.getName().matches("nano-banana-(call|timer)|OkHttp.*|Okio.*"))
            .count();
  }

  private static long usedHeap() {
    System.gc();
    return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
  }
}
