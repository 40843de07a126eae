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
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.Timeout.ThreadMode;
import org.junit.jupiter.api.io.TempDir;

/** What becomes of a batch while one worker makes it. */
@Timeout(value = 300, threadMode = ThreadMode.SEPARATE_THREAD)
class BatchTest {
  private static final Summary SAVED = new Summary(1, 0, 0, 0);
  private static final Summary FAILED = new Summary(0, 1, 0, 0);
  private static final Summary UNKNOWN = new Summary(0, 0, 1, 0);

  @TempDir static Path folder;
  private static Machines machines;
  private static Worker worker;
  private static Sandbox sandbox;

  @BeforeAll
  static void start() throws Exception {
    machines = new Machines(folder);
    worker = machines.startWorker();
    sandbox = machines.sandbox;
  }

  @AfterAll
  static void stop() throws Exception {
    machines.close();
  }

  @BeforeEach
  void forget() throws Exception {
    machines.reset();
    sandbox.next(Script.completesAfter(0).times(20));
  }

  @Test
  void aReadThatWasRefusedLeadsToNoSecondOrder() throws Exception {
    AtomicBoolean refuses = new AtomicBoolean(true);
    machines.proxy.setRule(kind -> kind == Kind.READ && refuses.get() ? 403 : 0);
    assertThat(machines.run("A cat")).isEqualTo(FAILED);
    refuses.set(false);

    assertThat(machines.run("A cat")).isEqualTo(SAVED);

    assertThat(machines.submitted()).containsExactly("A cat");
  }

  @Test
  void theIdOfATaskIsLoggedAtOnceAndRecordedWhenTheDatabaseIsBack() throws Exception {
    try (Connection connection = machines.database.getConnection();
        Statement lock = connection.createStatement()) {
      connection.setAutoCommit(false);
      machines.proxy.setRule(
          afterASubmit(() -> lock.execute("select * from nano_banana_task for update")));
      List<WorkflowStub> lanes = machines.order(1, Machines.LIMITS, "A cat");

      assertThat(worker.says(".*sandbox-1.*")).endsWith(": task sandbox-1");
      worker.says("Can't record the task: Timeout");
      assertThat(machines.state("A cat")).isEqualTo(State.SUBMITTING);

      connection.rollback();
      assertThat(Batch.result(lanes)).isEqualTo(SAVED);
    }
    assertThat(machines.submitted()).containsExactly("A cat");
  }

  @Test
  void theSameCommandPaysForNothingWhenTemporalHasForgottenTheBatch() throws Exception {
    assertThat(machines.run("A cat")).isEqualTo(SAVED);

    machines.restartTemporal();

    assertThat(machines.run("A cat")).isEqualTo(SAVED);
    assertThat(machines.submitted()).containsExactly("A cat");
  }

  @Test
  void aPromptIsSubmittedWhenTheOneBeforeItIsSavedHoweverManyActivitiesAWorkerRuns()
      throws Exception {
    CountDownLatch two = new CountDownLatch(2);
    Queue<Integer> unfinished = new ConcurrentLinkedQueue<>();
    machines.proxy.setRule(
        kind -> {
          if (kind == Kind.SUBMIT) {
            unfinished.add(machines.unfinished().size());
            two.countDown();
            two.await();
          }
          return 0;
        });

    List<WorkflowStub> lanes =
        machines.order(2, Machines.LIMITS, "1", "2", "3", "4", "5", "6", "7", "8");

    assertThat(Batch.result(lanes)).isEqualTo(new Summary(8, 0, 0, 0));
    assertThat(unfinished).hasSize(8).contains(2).allMatch(count -> count <= 2);
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
    loseAReply();
    assertThat(machines.run("A cat")).isEqualTo(UNKNOWN);
    worker.says("For a person: ");
    assertThat(machines.run("A cat")).isEqualTo(UNKNOWN);
    machines.sql("update nano_banana_task set state = 'SUBMITTED', task_id = 'sandbox-1'");

    assertThat(machines.run("A cat")).isEqualTo(SAVED);

    assertThat(machines.submitted()).containsExactly("A cat");
  }

  @Test
  void aLaneStopsAfterFiveFailuresInARow() throws Exception {
    sandbox.reset().next(Script.noCredit().times(5), Script.completesAfter(0).times(9));

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
    assertThat(machines.run("1", "2", "3", "4", "5")).isEqualTo(new Summary(0, 3, 2, 0));

    assertThat(machines.run("1", "2", "3", "4", "5", "6", "7")).isEqualTo(new Summary(2, 3, 2, 0));

    assertThat(machines.submitted()).containsExactly("1", "2", "3", "4", "5", "6", "7");
  }

  @Test
  void aLongLaneContinuesAsANewRun() throws Exception {

    List<WorkflowStub> lane = machines.order(1, new Limits(3, 15), "1", "2", "3", "4", "5", "6");

    assertThat(Batch.result(lane)).isEqualTo(new Summary(6, 0, 0, 0));
    String id = lane.get(0).getExecution().getWorkflowId();
    assertThat(machines.temporal().fetchHistory(id).getEvents()).hasSizeLessThan(25);
    assertThat(machines.submitted()).containsExactly("1", "2", "3", "4", "5", "6");
  }

  @Test
  void theCommandWaitsAndSaysWhatBecameOfThePrompts() throws Exception {
    loseAReply();
    Path file = Files.writeString(folder.resolve("prompts.txt"), "A cat\nA dog\n");
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    String[] command = {machines.address(), file.toString(), "1"};

    assertThat(Batch.run(new PrintStream(out, true), command)).isEqualTo(3);
    assertThat(out.toString()).isEqualTo("1 saved, 0 failed, 1 unknown, 0 left%n".formatted());

    machines.sql(
        "update nano_banana_task set task_id = 'sandbox-1', state = 'SUBMITTED'"
            + " where state = 'UNKNOWN'");
    out.reset();
    assertThat(Batch.run(new PrintStream(out, true), command)).isZero();
    assertThat(out.toString()).isEqualTo("2 saved, 0 failed, 0 unknown, 0 left%n".formatted());
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
  void theSameRequestUnderTwoNamesIsTwoImagesAndAnUnknownFieldIsRefused() throws Exception {
    Path file = folder.resolve("prompts.txt");
    Files.writeString(
        file,
        """
        A cat
        {"prompt":"A cat"}
        {"name":"cat-2","prompt":"A cat"}
        {"name":"cat-3","prompt":"A cat"}
        """);

    List<Lane.Prompt> prompts = Batch.read(file);
    assertThat(prompts).extracting(Lane.Prompt::key).doesNotHaveDuplicates().hasSize(3);
    assertThat(prompts)
        .extracting(Lane.Prompt::request)
        .containsOnly("{\"prompt\":\"A cat\",\"action\":\"generate\"}");

    Files.writeString(file, "{\"name\":\"cat\",\"prompt\":\"A cat\",\"nam\":\"cat\"}");
    assertThatThrownBy(() -> Batch.read(file))
        .hasMessageEndingWith("line 1: unknown fields: [nam]");
  }

  @Test
  void aLaneThatTemporalWouldNotAcceptIsRefused() throws Exception {
    Lane.Prompt prompt = Batch.prompt("A cat ".repeat(100_000).strip());

    assertThat(Batch.lanes(List.of(prompt, prompt), 2)).hasSize(2);
    assertThatThrownBy(() -> Batch.lanes(List.of(prompt, prompt), 1))
        .hasMessageStartingWith("Temporal does not accept so many prompts");
  }

  /** The sandbox makes the task, and the worker gets no response. */
  private static void loseAReply() {
    AtomicBoolean isLost = new AtomicBoolean();
    machines.proxy.setRule(
        afterASubmit(
            () -> {
              if (!isLost.getAndSet(true)) {
                throw new IOException("Lost");
              }
              return null;
            }));
  }

  private static Rule afterASubmit(Callable<?> action) {
    return new Rule() {
      @Override
      public int before(Kind kind) {
        return 0;
      }

      @Override
      public void after(Kind kind) throws Exception {
        if (kind == Kind.SUBMIT) {
          action.call();
        }
      }
    };
  }
}
