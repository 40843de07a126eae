package ai.mountsea.nanobanana.examples.temporal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.mountsea.nanobanana.TaskRecord.State;
import ai.mountsea.nanobanana.examples.temporal.Lane.Limits;
import ai.mountsea.nanobanana.examples.temporal.Lane.Summary;
import ai.mountsea.nanobanana.examples.temporal.Machines.Worker;
import ai.mountsea.nanobanana.examples.temporal.Proxy.Kind;
import ai.mountsea.nanobanana.examples.temporal.Proxy.Rule;
import ai.mountsea.nanobanana.sandbox.Sandbox;
import ai.mountsea.nanobanana.sandbox.Script;
import io.temporal.client.WorkflowStub;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.Timeout.ThreadMode;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

@Timeout(value = 300, threadMode = ThreadMode.SEPARATE_THREAD)
class BatchTest {
  private static final Summary SAVED = new Summary(1, 0, 0, 0);
  private static final Summary FAILED = new Summary(0, 1, 0, 0);
  private static final Summary UNKNOWN = new Summary(0, 0, 1, 0);

  @TempDir Path folder;
  private Machines machines;
  private Sandbox sandbox;

  @BeforeEach
  void start() throws Exception {
    machines = new Machines(folder);
    sandbox = machines.sandbox;
    sandbox.next(Script.completesAfter(0).times(20));
  }

  @AfterEach
  void stop() throws Exception {
    machines.close();
  }

  @Test
  void eachPromptIsSubmittedOnceThoughTheWorkerDiesInTheMiddle() throws Exception {
    Held read = new Held(Kind.READ, false);
    Worker dying = machines.startWorker();
    List<WorkflowStub> lanes =
        machines.order(2, Machines.LIMITS, "A cat", "A dog", "A bird", "A fish");
    read.reached.await();
    dying.kill();
    read.release.countDown();

    machines.startWorker();

    assertThat(Batch.result(lanes)).isEqualTo(new Summary(4, 0, 0, 0));
    assertThat(machines.submitted())
        .containsExactlyInAnyOrder("A cat", "A dog", "A bird", "A fish");
    assertThat(machines.images()).isEqualTo(4);
  }

  @Test
  void aReadThatWasRefusedLeadsToNoSecondOrder() throws Exception {
    AtomicBoolean refuses = new AtomicBoolean(true);
    machines.proxy.setRule(kind -> kind == Kind.READ && refuses.get() ? 403 : 0);
    machines.startWorker();
    assertThat(machines.run("A cat")).isEqualTo(FAILED);
    refuses.set(false);

    assertThat(machines.run("A cat")).isEqualTo(SAVED);

    assertThat(machines.submitted()).containsExactly("A cat");
  }

  @Test
  void theSameCommandPaysForNothingWhenTemporalHasForgottenTheBatch() throws Exception {
    Worker worker = machines.startWorker();
    assertThat(machines.run("A cat")).isEqualTo(SAVED);
    worker.kill();
    machines.startTemporal();

    machines.startWorker();

    assertThat(machines.run("A cat")).isEqualTo(SAVED);
    assertThat(machines.submitted()).containsExactly("A cat");
  }

  @Test
  void aWorkerThatIsToldToStopRecordsTheSubmitInFlight() throws Exception {
    Held reply = new Held(Kind.SUBMIT, true);
    Worker stopping = machines.startWorker();
    List<WorkflowStub> lanes = machines.order(1, Machines.LIMITS, "A cat");
    reply.reached.await();
    stopping.stop();
    stopping.says("Stopping; the submits in flight are recorded first");
    assertThat(stopping.process.waitFor(2, TimeUnit.SECONDS)).isFalse();
    reply.release.countDown();
    stopping.says("task sandbox-1");
    stopping.process.waitFor();
    assertThat(machines.state("A cat")).isNotEqualTo(State.SUBMITTING);

    machines.startWorker();

    assertThat(Batch.result(lanes)).isEqualTo(SAVED);
    assertThat(machines.submitted()).containsExactly("A cat");
  }

  @Test
  @DisabledOnOs(OS.WINDOWS)
  void theTaskOfAWorkerThatStoodStillDuringASubmitIsFoundByTheNextAttempt() throws Exception {
    Held reply = new Held(Kind.SUBMIT, true);
    Worker standing = machines.startWorker();
    List<WorkflowStub> lanes = machines.order(1, Limits.DEFAULT, "A cat");
    reply.reached.await();
    standing.pause();
    reply.release.countDown();
    Worker other = machines.startWorker();
    other.says("is SUBMITTING since");

    standing.resume();

    assertThat(Batch.result(lanes)).isEqualTo(SAVED);
    standing.says("task sandbox-1");
    assertThat(machines.submitted()).containsExactly("A cat");
  }

  @Test
  void noMoreTasksAreUnfinishedThanAllowedHoweverManyActivitiesAWorkerRuns() throws Exception {
    AtomicInteger unfinished = new AtomicInteger();
    AtomicInteger most = new AtomicInteger();
    machines.proxy.setRule(
        new Rule() {
          @Override
          public int before(Kind kind) {
            if (kind == Kind.SUBMIT) {
              most.accumulateAndGet(unfinished.incrementAndGet(), Math::max);
            }
            return 0;
          }

          @Override
          public void after(Kind kind) {
            if (kind == Kind.IMAGE) {
              unfinished.decrementAndGet();
            }
          }
        });
    machines.startWorker();

    List<WorkflowStub> lanes =
        machines.order(2, Machines.LIMITS, "1", "2", "3", "4", "5", "6", "7", "8");

    assertThat(Batch.result(lanes)).isEqualTo(new Summary(8, 0, 0, 0));
    assertThat(most).hasValue(2);
  }

  @Test
  void anImageThatIsGoneIsLookedForTwiceAndThenFails() throws Exception {
    AtomicInteger reads = new AtomicInteger();
    AtomicInteger downloads = new AtomicInteger();
    AtomicBoolean isGone = new AtomicBoolean(true);
    machines.proxy.setRule(
        kind -> {
          if (kind == Kind.READ) {
            reads.incrementAndGet();
          }
          return kind == Kind.IMAGE && isGone.get() && downloads.incrementAndGet() > 0 ? 404 : 0;
        });
    Worker worker = machines.startWorker();

    assertThat(machines.run("A cat")).isEqualTo(FAILED);
    worker.says("HTTP 404");
    assertThat(reads).hasValue(2);
    assertThat(downloads).hasValue(2);

    isGone.set(false);
    assertThat(machines.run("A cat")).isEqualTo(SAVED);
    assertThat(machines.submitted()).containsExactly("A cat");
  }

  @Test
  void aPromptWhoseReplyWasLostWaitsForThePersonWhoFindsItsTask() throws Exception {
    sandbox.reset().next(Script.losesReply());
    Worker worker = machines.startWorker();
    assertThat(machines.run("A cat")).isEqualTo(UNKNOWN);
    worker.says("For a person: ");
    assertThat(machines.run("A cat")).isEqualTo(UNKNOWN);
    machines.sql("update nano_banana_task set state = 'SUBMITTED', task_id = 'sandbox-1'");

    assertThat(machines.run("A cat")).isEqualTo(SAVED);

    assertThat(machines.submitted()).containsExactly("A cat");
  }

  @Test
  void aPromptWhoseWorkerDiedWhileItSubmittedIsSubmittedAgainOnlyWhenAPersonSaysSo()
      throws Exception {
    Held request = new Held(Kind.SUBMIT, false);
    request.fails = true;
    Worker dying = machines.startWorker();
    List<WorkflowStub> lanes = machines.order(1, Machines.LIMITS, "A cat");
    request.reached.await();
    dying.kill();
    request.release.countDown();
    machines.startWorker();
    assertThat(Batch.result(lanes)).isEqualTo(UNKNOWN);
    assertThat(machines.submitted()).isEmpty();
    assertThat(machines.forAPerson()).containsExactly("A cat");

    machines.sql("update nano_banana_task set state = 'NOT_SUBMITTED'");

    assertThat(machines.run("A cat")).isEqualTo(SAVED);
    assertThat(machines.submitted()).containsExactly("A cat");
  }

  @Test
  void aLaneStopsAfterFiveFailuresInARow() throws Exception {
    sandbox.reset().next(Script.noCredit().times(5), Script.completesAfter(0).times(9));
    machines.startWorker();

    assertThat(machines.run("1", "2", "3", "4", "5", "6", "7")).isEqualTo(new Summary(0, 5, 0, 2));
    assertThat(machines.run("1", "2", "3", "4", "5", "6", "7")).isEqualTo(new Summary(7, 0, 0, 0));
  }

  @Test
  void whatWasOrderedBeforeKeepsNoOtherPromptFromBeingOrdered() throws Exception {
    sandbox
        .reset()
        .next(
            Script.imageGone().times(3),
            Script.losesReply().times(2),
            Script.completesAfter(0).times(2));
    machines.startWorker();
    assertThat(machines.run("1", "2", "3", "4", "5")).isEqualTo(new Summary(0, 3, 2, 0));

    assertThat(machines.run("1", "2", "3", "4", "5", "6", "7")).isEqualTo(new Summary(2, 3, 2, 0));

    assertThat(machines.submitted()).containsExactly("1", "2", "3", "4", "5", "6", "7");
  }

  @Test
  void aLongLaneContinuesAsANewRun() throws Exception {
    machines.startWorker();

    List<WorkflowStub> lane = machines.order(1, new Limits(3, 15), "1", "2", "3", "4", "5", "6");

    assertThat(Batch.result(lane)).isEqualTo(new Summary(6, 0, 0, 0));
    String id = lane.get(0).getExecution().getWorkflowId();
    assertThat(machines.temporal().fetchHistory(id).getEvents()).hasSizeLessThan(25);
    assertThat(machines.submitted()).containsExactly("1", "2", "3", "4", "5", "6");
  }

  @Test
  void theCommandWaitsAndSaysWhatBecameOfThePrompts() throws Exception {
    sandbox.reset().next(Script.losesReply(), Script.completesAfter(0));
    Path file = Files.writeString(folder.resolve("prompts.txt"), "A cat\nA dog\n");
    machines.startWorker();

    Worker first = machines.startBatch(file, "1");
    first.says("^1 saved, 0 failed, 1 unknown, 0 left$");
    assertThat(first.process.waitFor()).isEqualTo(3);

    machines.sql(
        "update nano_banana_task set task_id = 'sandbox-1', state = 'SUBMITTED'"
            + " where state = 'UNKNOWN'");
    Worker second = machines.startBatch(file, "1");
    second.says("^2 saved, 0 failed, 0 unknown, 0 left$");
    assertThat(second.process.waitFor()).isZero();
    assertThat(machines.submitted()).containsExactly("A cat", "A dog");
  }

  @Test
  void anInvalidLineIsNamedBeforeAnythingIsOrdered() throws Exception {
    Path file = folder.resolve("prompts.txt");
    Files.writeString(file, "\ufeffA cat\n\nA cat \n{\"prompt\":\"A dog\",\"action\":\"edit\"}\n");

    assertThatThrownBy(() -> Batch.read(file))
        .hasMessageContaining("prompts.txt, line 4: ")
        .hasMessageContaining("image_urls");
    Files.writeString(file, "\ufeffA cat\n\nA cat \n");
    assertThat(Batch.read(file)).containsExactly(Batch.prompt("A cat"));
  }

  @Test
  void aLaneThatTemporalWouldNotAcceptIsRefused() {
    Lane.Prompt prompt = Batch.prompt("A cat ".repeat(100_000).strip());

    assertThat(Batch.lanes(List.of(prompt, prompt), 2)).hasSize(2);
    assertThatThrownBy(() -> Batch.lanes(List.of(prompt, prompt), 1))
        .hasMessageStartingWith("Temporal does not accept so many prompts");
  }

  /** Holds the first exchange of a kind back, before the sandbox gets it or afterwards. */
  private final class Held implements Rule {
    final CountDownLatch reached = new CountDownLatch(1);
    final CountDownLatch release = new CountDownLatch(1);
    private final Kind kind;
    private final boolean after;
    private boolean fails;
    private boolean isDone;

    Held(Kind kind, boolean after) {
      this.kind = kind;
      this.after = after;
      machines.proxy.setRule(this);
    }

    @Override
    public int before(Kind kind) throws Exception {
      hold(kind, false);
      return 0;
    }

    @Override
    public void after(Kind kind) throws Exception {
      hold(kind, true);
    }

    private void hold(Kind kind, boolean after) throws Exception {
      synchronized (this) {
        if (isDone || kind != this.kind || after != this.after) {
          return;
        }
        isDone = true;
      }
      reached.countDown();
      release.await();
      if (fails) {
        throw new IOException("The worker is dead by now");
      }
    }
  }
}
