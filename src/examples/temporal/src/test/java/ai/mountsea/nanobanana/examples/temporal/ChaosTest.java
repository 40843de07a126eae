package ai.mountsea.nanobanana.examples.temporal;

import static org.assertj.core.api.Assertions.assertThat;

import ai.mountsea.nanobanana.examples.temporal.Lane.Limits;
import ai.mountsea.nanobanana.examples.temporal.Lane.Summary;
import ai.mountsea.nanobanana.examples.temporal.Machines.Worker;
import ai.mountsea.nanobanana.sandbox.Script;
import io.temporal.api.history.v1.HistoryEvent;
import io.temporal.client.WorkflowStub;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.Timeout.ThreadMode;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Ends, pauses and stops workers at random while they make some prompts. Of a larger run, after
 * {@code mvn install -DskipTests -Dinvoker.skip} in the root:
 *
 * <pre>{@code
 * mvn -f src/examples/temporal/pom.xml test -Dtest=ChaosTest -Dprompts=2000 -Dseed=1
 * }</pre>
 */
@DisabledOnOs(OS.WINDOWS)
class ChaosTest {
  private static final int WORKERS = 3;

  /** Longer than a worker is paused, and than Temporal takes to start another attempt. */
  private static final Limits LIMITS = new Limits(30, 200);

  private final int prompts = Integer.getInteger("prompts", 40);
  private final int atOnce = Math.min(32, prompts / 4);
  private final Random random = new Random(Long.getLong("seed", 1));
  private final List<Worker> workers = new ArrayList<>();
  private int kills;
  private int stops;
  private int pauses;
  private long peakKilobytes;
  @TempDir Path folder;

  @ParameterizedTest(name = "withKills = {0}")
  @ValueSource(booleans = {false, true})
  @Timeout(value = 30, unit = TimeUnit.MINUTES, threadMode = ThreadMode.SEPARATE_THREAD)
  void eachPromptIsSubmittedOnceAndOnlyKillsLeaveSomethingToAPerson(boolean withKills)
      throws Exception {
    String[] lines =
        IntStream.range(0, prompts).mapToObj(i -> "Prompt " + i).toArray(String[]::new);
    try (Machines machines = new Machines(folder)) {
      machines.sandbox.next(Script.completesAfter(0).times(2 * prompts));
      long start = System.nanoTime();
      for (int i = 0; i < WORKERS; i++) {
        workers.add(machines.startWorker());
      }
      List<WorkflowStub> lanes = machines.order(atOnce, LIMITS, lines);
      CompletableFuture<Summary> result = CompletableFuture.supplyAsync(() -> Batch.result(lanes));
      Summary summary = disturb(machines, result, withKills);
      double seconds = (System.nanoTime() - start) / 1e9;
      workers.forEach(this::measure);
      List<String> unknown = machines.forAPerson();
      report(machines, lanes, summary, seconds, unknown.size());

      assertThat(summary.saved() + summary.unknown() + summary.left()).isEqualTo(prompts);
      assertThat(machines.images()).isEqualTo(summary.saved());
      assertThat(unknown.size()).isEqualTo(summary.unknown()).isLessThanOrEqualTo(kills * atOnce);
      assertThat(machines.submitted()).doesNotHaveDuplicates();

      aPersonRecords(machines, unknown);
      workers.add(machines.startWorker());
      assertThat(Batch.result(machines.order(atOnce, LIMITS, lines)))
          .isEqualTo(new Summary(prompts, 0, 0, 0));
      assertThat(machines.submitted()).containsExactlyInAnyOrder(lines);
      assertThat(machines.images()).isEqualTo(prompts);
      assertThat(machines.forAPerson()).isEmpty();
    }
  }

  /** Does something to a random worker each few seconds, until all lanes have ended. */
  private Summary disturb(Machines machines, CompletableFuture<Summary> result, boolean withKills)
      throws Exception {
    while (true) {
      try {
        return result.get(1000 + random.nextInt(3000), TimeUnit.MILLISECONDS);
      } catch (TimeoutException e) { // They go on.
      }
      int index = random.nextInt(WORKERS);
      Worker worker = workers.get(index);
      measure(worker);
      int step = kills + stops + pauses;
      if (withKills && step % 3 == 0) {
        kills++;
        worker.kill();
        workers.set(index, machines.startWorker());
      } else if (step % 3 == 2) {
        stops++;
        worker.stop();
        worker.process.waitFor();
        workers.set(index, machines.startWorker());
      } else {
        pauses++;
        worker.pause();
        try {
          result.get(500 + random.nextInt(8500), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) { // As expected.
        } finally {
          worker.resume();
        }
      }
    }
  }

  private static void aPersonRecords(Machines machines, List<String> unknown) throws Exception {
    for (String prompt : unknown) {
      int submitted = machines.submitted().indexOf(prompt);
      machines.sql(
          "update nano_banana_task set "
              + (submitted < 0
                  ? "state = 'NOT_SUBMITTED'"
                  : "state = 'SUBMITTED', task_id = 'sandbox-" + (submitted + 1) + "'")
              + " where task_key = '"
              + Batch.prompt(prompt).key()
              + "'");
    }
  }

  /** The most memory that a worker has had, where the system tells. */
  private void measure(Worker worker) {
    Path status = Path.of("/proc/" + worker.process.pid() + "/status");
    try {
      Files.readAllLines(status).stream()
          .filter(line -> line.startsWith("VmHWM:"))
          .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
          .forEach(kilobytes -> peakKilobytes = Math.max(peakKilobytes, kilobytes));
    } catch (IOException e) {
      // It has ended, or there is no such file here.
    }
  }

  private void report(
      Machines machines, List<WorkflowStub> lanes, Summary summary, double seconds, int unknown)
      throws IOException {
    long events = 0;
    int runs = 0;
    for (WorkflowStub lane : lanes) {
      String run = "";
      do {
        List<HistoryEvent> history =
            machines.temporal().fetchHistory(lane.getExecution().getWorkflowId(), run).getEvents();
        events += history.size();
        runs++;
        run =
            history
                .get(0)
                .getWorkflowExecutionStartedEventAttributes()
                .getContinuedExecutionRunId();
      } while (!run.isEmpty());
    }
    Runtime here = Runtime.getRuntime();
    String report =
        String.format(
            "%d prompts, %d at once, %d workers: %s in %.0f s, %d unknown; %d kills, %d pauses, %d"
                + " stops; %.1f events a prompt in %d runs; worker at most %d MB, Temporal,"
                + " database and sandbox %d MB%n",
            prompts,
            atOnce,
            WORKERS,
            summary,
            seconds,
            unknown,
            kills,
            pauses,
            stops,
            (double) events / prompts,
            runs,
            peakKilobytes / 1024,
            (here.totalMemory() - here.freeMemory()) >> 20);
    Files.writeString(
        Path.of("target", "chaos-" + prompts + (kills > 0 ? "-with-kills" : "") + ".txt"), report);
    System.out.print(report);
  }
}
