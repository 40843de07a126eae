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
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.Timeout.ThreadMode;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/**
 * Pauses and stops workers at random while they make some prompts, and then kills them, too. The
 * README says how to run it over more prompts.
 */
@DisabledOnOs(OS.WINDOWS)
class ChaosTest {
  private static final int WORKERS = 3;

  /** Longer than a worker is paused, and than Temporal takes to start another attempt. */
  private static final Limits LIMITS = new Limits(30, 200);

  private final int prompts = Integer.getInteger("prompts", 24);
  private final int atOnce = Math.min(32, prompts / 4);

  /** Before a worker is disturbed; a prompt takes three. */
  private final int mostExchanges = 12 + prompts / 40;

  private final Random random = new Random(Long.getLong("seed", 1));
  private final List<Worker> workers = new ArrayList<>();
  private final Semaphore exchanges = new Semaphore(0);
  private int kills;
  private int stops;
  private int pauses;
  private long peakKilobytes;
  @TempDir Path folder;
  private Machines machines;

  @BeforeEach
  void start() throws Exception {
    machines = new Machines(folder);
  }

  @AfterEach
  void stop() throws Exception {
    machines.close();
  }

  @Test
  @Timeout(value = 30, unit = TimeUnit.MINUTES, threadMode = ThreadMode.SEPARATE_THREAD)
  void eachPromptIsSubmittedOnceAndOnlyKillsLeaveSomethingToAPerson() throws Exception {
    String[] all = IntStream.range(0, prompts).mapToObj(i -> "Prompt " + i).toArray(String[]::new);
    String[] half = Arrays.copyOf(all, prompts / 2);
    machines.sandbox.next(Script.completesAfter(0).times(2 * prompts));
    machines.proxy.setRule(
        kind -> {
          exchanges.release();
          return 0;
        });
    for (int i = 0; i < WORKERS; i++) {
      workers.add(machines.startWorker());
    }

    Summary withoutKills = make(half, false);
    assertThat(withoutKills).isEqualTo(new Summary(half.length, 0, 0, 0));
    assertThat(machines.submitted()).containsExactlyInAnyOrder(half);
    assertThat(machines.images()).isEqualTo(half.length);
    assertThat(machines.forAPerson()).isEmpty();

    Summary withKills = make(all, true);
    List<String> unknown = machines.forAPerson();
    assertThat(withKills).isEqualTo(new Summary(prompts - unknown.size(), 0, unknown.size(), 0));
    assertThat(unknown.size()).isLessThanOrEqualTo(kills * atOnce);
    assertThat(machines.submitted()).doesNotHaveDuplicates();
    assertThat(machines.images()).isEqualTo(withKills.saved());

    aPersonRecords(machines, unknown);
    assertThat(Batch.result(machines.order(atOnce, LIMITS, all)))
        .isEqualTo(new Summary(prompts, 0, 0, 0));
    assertThat(machines.submitted()).containsExactlyInAnyOrder(all);
    assertThat(machines.images()).isEqualTo(prompts);
    assertThat(machines.forAPerson()).isEmpty();
  }

  private Summary make(String[] lines, boolean withKills) throws Exception {
    int madeBefore = machines.images();
    long start = System.nanoTime();
    List<WorkflowStub> lanes = machines.order(atOnce, LIMITS, lines);
    CompletableFuture<Summary> result = CompletableFuture.supplyAsync(() -> Batch.result(lanes));
    disturb(result, withKills);
    Summary summary = result.get();
    workers.forEach(this::measure);
    report(lanes, lines.length - madeBefore, summary, (System.nanoTime() - start) / 1e9);
    return summary;
  }

  /** Does something to a random worker each few exchanges, until all lanes have ended. */
  private void disturb(CompletableFuture<Summary> result, boolean withKills) throws Exception {
    int step = withKills ? 0 : 1;
    exchanges.drainPermits();
    while (true) {
      int wanted = 1 + random.nextInt(mostExchanges);
      while (!exchanges.tryAcquire(wanted, 100, TimeUnit.MILLISECONDS)) {
        if (result.isDone()) {
          return;
        }
      }
      int index = random.nextInt(WORKERS);
      Worker worker = workers.get(index);
      measure(worker);
      switch (step++ % 3) {
        case 0 -> {
          if (withKills) {
            kills++;
            worker.kill();
            workers.set(index, machines.startWorker());
          }
        }
        case 1 -> {
          pauses++;
          worker.pause();
          try {
            result.get(500 + random.nextInt(6500), TimeUnit.MILLISECONDS);
          } catch (TimeoutException e) { // As expected.
          } finally {
            worker.resume();
          }
        }
        default -> {
          stops++;
          worker.stop();
          worker.process.waitFor();
          workers.set(index, machines.startWorker());
        }
      }
      exchanges.drainPermits();
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

  private void report(List<WorkflowStub> lanes, int made, Summary summary, double seconds)
      throws Exception {
    long events = 0;
    long bytes = 0;
    int runs = 0;
    for (WorkflowStub lane : lanes) {
      String run = "";
      do {
        List<HistoryEvent> history =
            machines.temporal().fetchHistory(lane.getExecution().getWorkflowId(), run).getEvents();
        events += history.size();
        bytes += history.stream().mapToLong(HistoryEvent::getSerializedSize).sum();
        runs++;
        run =
            history
                .get(0)
                .getWorkflowExecutionStartedEventAttributes()
                .getContinuedExecutionRunId();
      } while (!run.isEmpty());
    }
    int all = summary.saved() + summary.unknown();
    Runtime here = Runtime.getRuntime();
    System.out.printf(
        "%d new prompts, %d at once, %d workers: %s in %.0f s; %d kills, %d pauses, %d stops so"
            + " far; %.1f events and %d bytes of history a prompt, in %d runs; worker at most %d"
            + " MB, Temporal, database and sandbox %d MB%n",
        made,
        atOnce,
        WORKERS,
        summary,
        seconds,
        kills,
        pauses,
        stops,
        (double) events / all,
        bytes / all,
        runs,
        peakKilobytes / 1024,
        (here.totalMemory() - here.freeMemory()) >> 20);
  }
}
