package ai.mountsea.nanobanana.examples.temporal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.mountsea.nanobanana.NanoBanana;
import ai.mountsea.nanobanana.NanoBananaException;
import ai.mountsea.nanobanana.NotSentException;
import ai.mountsea.nanobanana.OutcomeUnknownException;
import ai.mountsea.nanobanana.TaskRecord;
import ai.mountsea.nanobanana.TaskRecord.State;
import ai.mountsea.nanobanana.api.Action;
import ai.mountsea.nanobanana.api.GenerateImageRequest;
import ai.mountsea.nanobanana.sandbox.Sandbox;
import ai.mountsea.nanobanana.sandbox.Script;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.h2.jdbcx.JdbcDataSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JdbcTaskStoreTest {
  private static final GenerateImageRequest CAT =
      GenerateImageRequest.builder("A cat", Action.GENERATE).build();

  private final JdbcDataSource database = new JdbcDataSource();
  private final JdbcTaskStore store = new JdbcTaskStore(database);
  private final Sandbox sandbox = Sandbox.start();
  private final NanoBanana nanoBanana = sandbox.client();
  @TempDir Path folder;

  @BeforeEach
  void createTable() throws Exception {
    database.setUrl("jdbc:h2:" + folder.resolve("tasks"));
    execute(Files.readString(Path.of("tasks.sql")));
  }

  @AfterEach
  void stop() {
    nanoBanana.close();
    sandbox.close();
  }

  @Test
  void aRecordIsFoundAsItWasWritten() {
    TaskRecord submitting = new TaskRecord(State.SUBMITTING, CAT, null, Instant.now(), null);
    TaskRecord done = submitting.to(State.DONE, "t1", "cat.png");

    assertThat(store.find("cat")).isNull();
    assertThat(store.replace("cat", null, submitting)).isTrue();
    assertThat(store.find("cat")).isEqualTo(submitting);
    assertThat(store.replace("cat", submitting, done)).isTrue();
    assertThat(new JdbcTaskStore(database).find("cat")).isEqualTo(done);
  }

  @Test
  void onlyWhatIsStillAsExpectedIsReplaced() {
    TaskRecord submitting = new TaskRecord(State.SUBMITTING, CAT, null, Instant.now(), null);
    TaskRecord unknown = submitting.to(State.UNKNOWN, null, "x".repeat(3000));
    store.replace("cat", null, submitting);

    assertThat(store.replace("cat", null, submitting)).isFalse();
    assertThat(store.replace("cat", unknown, submitting)).isFalse();
    assertThat(store.replace("cat", submitting, unknown)).isTrue();
    assertThat(store.replace("cat", submitting, unknown)).isFalse();
    assertThat(store.find("cat").detail()).hasSize(2000);
  }

  @Test
  void ofManyMachinesThatWantTheSameKeyOneSubmits() throws Exception {
    int machines = 8;
    CyclicBarrier together = new CyclicBarrier(machines);
    ExecutorService threads = Executors.newFixedThreadPool(machines);
    Callable<String> machine =
        () -> {
          together.await();
          try {
            return nanoBanana.submitOnce("cat", CAT, new JdbcTaskStore(database));
          } catch (OutcomeUnknownException e) {
            return "is SUBMITTING";
          }
        };
    List<String> answers = new ArrayList<>();
    List<Future<String>> futures = new ArrayList<>();
    for (int i = 0; i < machines; i++) {
      futures.add(threads.submit(machine));
    }
    for (Future<String> future : futures) {
      answers.add(future.get());
    }
    threads.shutdown();

    assertThat(answers).contains("sandbox-1").containsAnyOf("sandbox-1", "is SUBMITTING");
    assertThat(sandbox.submitted()).isEqualTo(1);
  }

  @Test
  void aPersonSaysWhatBecameOfALostSubmit() throws SQLException {
    sandbox.next(Script.losesReply());
    assertThatThrownBy(() -> nanoBanana.submitOnce("cat", CAT, store))
        .isInstanceOf(OutcomeUnknownException.class);

    execute("update nano_banana_task set state = 'NOT_SUBMITTED' where task_key = 'cat'");
    assertThat(nanoBanana.submitOnce("cat", CAT, store)).isEqualTo("sandbox-2");

    execute("update nano_banana_task set state = 'SUBMITTED', task_id = 'sandbox-1'");
    assertThat(nanoBanana.submitOnce("cat", CAT, store)).isEqualTo("sandbox-1");
    assertThat(sandbox.submitted()).isEqualTo(2);
  }

  @Test
  void nothingIsSentWithoutTheDatabase() throws SQLException {
    execute("drop table nano_banana_task");

    assertThatThrownBy(() -> nanoBanana.submitOnce("cat", CAT, store))
        .isInstanceOf(NotSentException.class)
        .extracting(e -> ((NanoBananaException) e).mayTaskExist())
        .isEqualTo(false);
    assertThat(sandbox.submitted()).isZero();
  }

  private void execute(String sql) throws SQLException {
    try (Connection connection = database.getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }
}
