package ai.mountsea.nanobanana.examples.temporal;

import static org.assertj.core.api.Assertions.assertThat;

import ai.mountsea.nanobanana.TaskRecord.State;
import ai.mountsea.nanobanana.examples.temporal.Lane.Limits;
import ai.mountsea.nanobanana.examples.temporal.Lane.Summary;
import ai.mountsea.nanobanana.examples.temporal.Machines.Worker;
import ai.mountsea.nanobanana.examples.temporal.Proxy.Kind;
import ai.mountsea.nanobanana.examples.temporal.Proxy.Rule;
import ai.mountsea.nanobanana.sandbox.Script;
import io.temporal.client.WorkflowStub;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.Timeout.ThreadMode;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** What becomes of a batch whose workers die, stand still or are told to stop. */
@Execution(ExecutionMode.CONCURRENT)
@Timeout(value = 300, threadMode = ThreadMode.SEPARATE_THREAD)
class WorkersTest {
  private static final Summary SAVED = new Summary(1, 0, 0, 0);
  private static final Summary UNKNOWN = new Summary(0, 0, 1, 0);

  @TempDir Path folder;
  private Machines machines;

  @BeforeEach
  void start() throws Exception {
    machines = new Machines(folder);
    machines.sandbox.next(Script.completesAfter(0).times(20));
  }

  @AfterEach
  void stop() throws Exception {
    machines.close();
  }

  @Test
  void eachPromptIsSubmittedOnceThoughTheWorkerDiesInTheMiddle() throws Exception {
    Held read = new Held(Kind.READ, false, 2);
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
  void aWorkerThatIsToldToStopRecordsTheSubmitInFlight() throws Exception {
    Held reply = new Held(Kind.SUBMIT, true, 1);
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
    Held reply = new Held(Kind.SUBMIT, true, 1);
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
  void aPromptWhoseWorkerDiedWhileItSubmittedIsSubmittedAgainOnlyWhenAPersonSaysSo()
      throws Exception {
    Held request = new Held(Kind.SUBMIT, false, 1);
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

  /** Holds the first exchanges of a kind back, before the sandbox gets them or afterwards. */
  private final class Held implements Rule {
    final CountDownLatch reached;
    final CountDownLatch release = new CountDownLatch(1);
    private final Kind kind;
    private final boolean after;
    private boolean fails;

    Held(Kind kind, boolean after, int count) {
      this.kind = kind;
      this.after = after;
      this.reached = new CountDownLatch(count);
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
        if (reached.getCount() == 0 || kind != this.kind || after != this.after) {
          return;
        }
        reached.countDown();
      }
      release.await();
      if (fails) {
        throw new IOException("The worker is dead by now");
      }
    }
  }
}
