package ai.mountsea.nanobanana.sandbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import ai.mountsea.nanobanana.NanoBanana;
import ai.mountsea.nanobanana.OutcomeUnknownException;
import ai.mountsea.nanobanana.RateLimitedException;
import ai.mountsea.nanobanana.TaskFailedException;
import ai.mountsea.nanobanana.TaskNotFinishedException;
import ai.mountsea.nanobanana.WaitOptions;
import ai.mountsea.nanobanana.api.Action;
import ai.mountsea.nanobanana.api.GenerateImageRequest;
import ai.mountsea.nanobanana.api.TaskResult;
import ai.mountsea.nanobanana.api.TaskStatus;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import okhttp3.MediaType;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ScriptTest {
  private static final GenerateImageRequest CAT =
      GenerateImageRequest.builder("A cat", Action.GENERATE).build();
  private static final WaitOptions QUICK =
      WaitOptions.DEFAULT.withMinDelay(Duration.ofMillis(1)).withMaxDelay(Duration.ofMillis(1));

  private final Sandbox sandbox = Sandbox.start();
  private final NanoBanana nanoBanana = sandbox.client();

  @AfterEach
  void stop() {
    nanoBanana.close();
    sandbox.close();
  }

  @Test
  void aTaskMayBeCompletedAtOnce() {
    sandbox.next(Script.completesAfter(0));

    assertThat(nanoBanana.await(nanoBanana.submit(CAT)).status()).isEqualTo(TaskStatus.COMPLETED);
  }

  @Test
  void aSlowTaskOutlastsTheDeadlineAndIsCompletedLater() {
    sandbox.next(Script.completesAfter(20));
    String taskId = nanoBanana.submit(CAT);
    List<String> seen = new ArrayList<>();

    TaskNotFinishedException failure =
        catchThrowableOfType(
            TaskNotFinishedException.class,
            () -> nanoBanana.await(taskId, QUICK.withTimeout(Duration.ZERO)));
    nanoBanana.await(
        failure.taskId(), QUICK.withStatusListener(task -> seen.add(task.status().value())));

    assertThat(seen).endsWith("processing", "completed");
  }

  @Test
  void aTaskFailsAndSaysWhy() {
    sandbox.next(Script.failsWith("No cats today"));

    TaskFailedException failure =
        catchThrowableOfType(
            TaskFailedException.class, () -> nanoBanana.await(nanoBanana.submit(CAT), QUICK));

    assertThat(failure).hasMessageContaining("No cats today");
  }

  @Test
  void aLostReplyLeavesTheOutcomeUnknownAndTheTaskMade() {
    sandbox.next(Script.losesReply());

    OutcomeUnknownException failure =
        catchThrowableOfType(OutcomeUnknownException.class, () -> nanoBanana.submit(CAT));

    assertThat(failure.mayTaskExist()).isTrue();
    assertThat(sandbox.requests()).containsExactly(CAT);
  }

  @Test
  void aTaskMayHaveAStatusThatNobodyKnows() {
    sandbox.next(Script.staysAt("on hold"));

    TaskResult result = nanoBanana.result(nanoBanana.submit(CAT));

    assertThat(result.status()).isEqualTo(new TaskStatus("on hold"));
  }

  @Test
  void aSubmitThatIsRefusedWith429IsTriedAgain() {
    sandbox.next(Script.tooManyRequests(Duration.ZERO));

    assertThat(nanoBanana.submit(CAT)).isEqualTo("sandbox-1");
    assertThat(sandbox.submitted()).isEqualTo(1);
  }

  @Test
  void a429SaysHowLongToWaitAndMakesNoTask() {
    sandbox.next(Script.tooManyRequests(Duration.ofHours(1)));

    RateLimitedException failure =
        catchThrowableOfType(RateLimitedException.class, () -> nanoBanana.submit(CAT));

    assertThat(failure.retryAfter()).isEqualTo(Duration.ofHours(1));
    assertThat(sandbox.submitted()).isZero();
  }

  @Test
  void scriptsHoldForOneSubmitEachInTheirOrder() {
    sandbox.next(Script.staysAt("first"), Script.staysAt("second"));

    List<String> seen = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      seen.add(nanoBanana.result(nanoBanana.submit(CAT)).status().value());
    }

    assertThat(seen).containsExactly("first", "second", "pending");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          {"state": "a task is pending"}                                | 200 | {"taskId":"sandbox-1"}
          {"state": "a task is pending", "params": {}, "action": "setup"} | 200 | {"taskId":"sandbox-1"}
          {"state": "a task is pending", "action": "teardown"}          | 200 | {}
          {"state": ""}                                                 | 200 | {}
          {"state": "a task is lost"} | 400 | {"message":"No such state: a task is lost. There are: [a task has failed, a task is completed, a task is pending, a task is processing]"}
          [                           | 400 | {"message":"End of input"}
          """)
  void aVerifierSetsAProviderStateAndGetsItsTask(String change, int status, String reply)
      throws IOException {
    OkHttpClient http = new OkHttpClient();
    Request request =
        new Request.Builder()
            .url(sandbox.url() + "/_pact/states")
            .post(RequestBody.create(change, MediaType.get("application/json")))
            .build();

    try (Response response = http.newCall(request).execute()) {
      assertThat(response.code()).isEqualTo(status);
      assertThat(response.body().string()).isEqualTo(reply);
    } finally {
      http.dispatcher().executorService().shutdown();
      http.connectionPool().evictAll();
    }
  }
}
