package ai.mountsea.nanobanana;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import ai.mountsea.nanobanana.api.TaskResult;
import ai.mountsea.nanobanana.api.TaskStatus;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import okhttp3.OkHttpClient;
import okhttp3.mockwebserver.MockResponse;
import okhttp3.mockwebserver.MockWebServer;
import okhttp3.mockwebserver.SocketPolicy;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class WaitTest {
  private final MockWebServer server = new MockWebServer();
  private final VirtualTimer timer = new VirtualTimer();
  private final OkHttpClient okHttpClient = new OkHttpClient();
  private NanoBanana nanoBanana;

  @BeforeEach
  void start() throws IOException {
    server.start();
    nanoBanana = client(timer);
  }

  @AfterEach
  void stop() throws IOException {
    nanoBanana.close();
    okHttpClient.dispatcher().executorService().shutdown();
    server.shutdown();
  }

  @Test
  void theServiceIsAskedAtOnceAndThenAfterGrowingPauses() {
    for (int i = 0; i < 11; i++) {
      server.enqueue(task("processing"));
    }
    server.enqueue(completed());

    TaskResult result = nanoBanana.await("t1");

    assertThat(result.imageUrls()).containsExactly("https://cdn.example.com/1.png");
    assertThat(timer.pauses().stream().map(Duration::toMillis))
        .containsExactly(
            3000L, 3000L, 3000L, 3000L, 3000L, 3000L, 3000L, 3000L, 3000L, 3000L, 3000L);
  }

  @ParameterizedTest
  @CsvSource({"0, 0, 2700", "0, 0.25, 2850", "40, 0.5, 4000", "200, 1, 22000", "400, 0.5, 30000"})
  void aPauseIsATenthOfTheTimeWaitedAndVariesByATenth(long seconds, double random, long millis) {
    assertThat(Duration.ofNanos(WaitOptions.DEFAULT.pause(seconds * 1_000_000_000, random)))
        .hasMillis(millis);
  }

  @Test
  void theListenerSeesEachChangeOnce() {
    for (String status : List.of("pending", "pending", "processing", "pending", "processing")) {
      server.enqueue(task(status));
    }
    server.enqueue(completed());
    List<String> seen = new ArrayList<>();

    nanoBanana.await(
        "t1", WaitOptions.DEFAULT.withStatusListener(task -> seen.add(task.status().value())));

    assertThat(seen).containsExactly("pending", "processing", "pending", "processing", "completed");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "pending",
        "ready",
        "assigned",
        "processing",
        "queued",
        "running",
        "",
        "Processing",
        "new"
      })
  void whatIsNotFinalGoesOn(String status) {
    server.enqueue(task(status));
    server.enqueue(completed());

    assertThat(nanoBanana.await("t1").status()).isEqualTo(TaskStatus.COMPLETED);
  }

  @ParameterizedTest
  @ValueSource(strings = {"COMPLETED", "Succeeded"})
  void theCaseOfAStatusDoesNotMatter(String status) {
    server.enqueue(withImage(status));

    assertThat(nanoBanana.await("t1").imageUrls()).containsExactly("https://e.com/1.png");
  }

  @Test
  void aFailedTaskWithAnImageSaysThatItHasOne() {
    server.enqueue(withImage("failed"));

    assertThatThrownBy(() -> nanoBanana.await("t1"))
        .isInstanceOf(TaskFailedException.class)
        .hasMessage(
            "Task t1 did not succeed; its status is failed. Its result has image URLs all the same, which"
                + " result() returns.");
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aWaitThatEndsWithAnImageUnderAStatusThatNobodyKnowsSaysSo(boolean async) {
    server.enqueue(withImage("curing"));
    WaitOptions once =
        WaitOptions.DEFAULT.withStatusListener(
            result -> {
              throw new IllegalStateException("Enough");
            });

    assertThatThrownBy(
            () -> {
              if (async) {
                nanoBanana.awaitAsync("t1", once).join();
              } else {
                nanoBanana.await("t1", once);
              }
            })
        .hasMessageContaining(
            "its last known status is curing, which this version doesn't know, and its result has"
                + " image URLs, which lastResult() returns. ");
  }

  private static MockResponse withImage(String status) {
    return new MockResponse()
        .setBody(
            "{\"taskId\":\"t1\",\"status\":\""
                + status
                + "\",\"result\":{\"imageUrls\":[\"https://e.com/1.png\"]}}");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          {"taskId": "t1", "status": "failed", "errorMessage": "No cats", "errorCode": 7, "traceId": "x"} | Task t1 did not succeed; its status is failed: No cats (error code 7) (trace id x).
          {"taskId": "t1", "status": "cancelled"}                                         | Task t1 did not succeed; its status is cancelled.
          {"taskId": "t1", "status": "timeout", "errorCode": 5}                           | Task t1 did not succeed; its status is timeout (error code 5).
          """)
  void aTaskThatEndsWithoutAnImageHasFailed(String json, String message) {
    server.enqueue(new MockResponse().setBody(json));

    TaskFailedException e =
        catchThrowableOfType(TaskFailedException.class, () -> nanoBanana.await("t1"));

    assertThat(e).hasMessage(message);
    assertThat(e.result().taskId()).isEqualTo("t1");
    assertThat(e.mayTaskExist()).isTrue();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          {"taskId": "t1", "status": "completed"}                                | result is null or absent
          {"taskId": "t1", "status": "completed", "result": {}}                  | result is empty
          {"taskId": "t1", "status": "completed", "result": {"imageUrls": []}}   | result is empty
          {"taskId": "t1", "status": "completed", "result": {"pictures": ["x"]}} | result has [pictures]
          {"taskId": "t1", "status": "completed", "result": 7}                   | result is 7
          {"taskId": "t1", "status": "completed", "result": "soon"}              | result is soon
          {"status": "completed", "taskId": "t1", "traceId": null, "result": null} | result is null or absent
          {"taskId": "t1", "status": "completed", "result": {"x": "a", "x": 2}}  | result has [x]
          """)
  void aCompletedTaskWithoutAnImageUrlHandsOverWhatWasReceived(String json, String what) {
    server.enqueue(new MockResponse().setBody(json));

    ResultNotUnderstoodException e =
        catchThrowableOfType(ResultNotUnderstoodException.class, () -> nanoBanana.await("t1"));

    assertThat(e)
        .hasMessage(
            "Task t1 is completed, but its result has no image URL that this version understands: "
                + what
                + ". The image may be paid for; body() has all that was received.");
    assertThat(e.taskId()).isEqualTo("t1");
    assertThat(e.body()).isEqualTo(json);
    assertThat(e.response().body()).isEqualTo(json);
    assertThat(e.result().status()).isEqualTo(TaskStatus.COMPLETED);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "'status': 'completed', 'result': {'imageUrls': ['https://a/1.png']}",
        "'status': 'completed', 'result': {'image_urls': ['https://a/1.png']}",
        "'status': 'completed', 'result': {'images': [{'url': 'https://a/1.png'}]}",
        "'status': 'completed', 'result': {'images': [{'imageUrl': 'https://a/1.png'}]}",
        "'status': 'completed', 'result': {'imageUrls': [], 'images': ['https://a/1.png']}",
        "'status': 'completed', 'result': 'https://a/1.png'",
        "'status': 'completed', 'result': ['https://a/1.png']",
        "'status': 'completed', 'outputs': [{'url': 'https://a/1.png'}]",
        "'status': 'completed', 'result': null, 'images': ['https://a/1.png']",
        "'status': 'completed', 'traceId': 5, 'errorMessage': {'a': 1}, 'errorCode': 'x',"
            + " 'createdAt': 7, 'finishedAt': [], 'result': {'imageUrls': ['https://a/1.png']}",
        "'status': 'succeeded', 'result': {'imageUrls': ['https://a/1.png']}",
        "'status': 'ripe', 'finishedAt': 1, 'result': {'imageUrls': ['https://a/1.png']}"
      })
  void aPictureIsFoundWhereverClientsHaveSeenOne(String fields) {
    server.enqueue(
        new MockResponse().setBody(("{'taskId': 't1', " + fields + "}").replace('\'', '"')));

    assertThat(nanoBanana.await("t1").imageUrls()).containsExactly("https://a/1.png");
  }

  @Test
  void aFinalStatusThatNobodyKnowsIsAFailureWithoutAnImage() {
    server.enqueue(
        new MockResponse()
            .setBody(
                "{\"taskId\": \"t1\", \"status\": \"moderated\", \"finishedAt\": \"2026-01-15T09:30:21Z\"}"));

    assertThatThrownBy(() -> nanoBanana.await("t1"))
        .isInstanceOf(TaskFailedException.class)
        .hasMessage("Task t1 did not succeed; its status is moderated.");
  }

  @Test
  void aLoginPageIsSaidAndNotReadAgain() {
    server.enqueue(
        new MockResponse().setHeader("Content-Type", "text/html").setBody("<html>\n <h1>Log in"));

    assertThatThrownBy(() -> nanoBanana.await("t1"))
        .isInstanceOf(ResultNotUnderstoodException.class)
        .hasMessageStartingWith(
            "The result of task t1 can't be understood: GET "
                + server.url("/gemini/task/result")
                + " was answered with HTTP 200 with text/html, beginning with <html> <h1>Log in.");
    assertThat(server.getRequestCount()).isEqualTo(1);
  }

  @Test
  void aDeadlineThatPassesIsNotAFailedTask() {
    for (int i = 0; i < 5; i++) {
      server.enqueue(task("processing"));
    }

    TaskNotFinishedException e =
        catchThrowableOfType(
            TaskNotFinishedException.class,
            () -> nanoBanana.await("t1", WaitOptions.DEFAULT.withTimeout(Duration.ofSeconds(15))));

    assertThat(e)
        .hasMessage(
            "The timeout of PT15S passed while task t1 was awaited; its last known status is"
                + " processing. The task may still be running; call await again with this id.")
        .hasCauseInstanceOf(TimeoutException.class);
    assertThat(e.lastResult().status()).isEqualTo(TaskStatus.PROCESSING);
    assertThat(e.taskId()).isEqualTo("t1");
    assertThat(timer.pauses().stream().map(Duration::toMillis))
        .containsExactly(3000L, 3000L, 3000L, 3000L, 3000L);
  }

  @Test
  void waitingGoesOnWithAnotherClientOnTheTaskIdAlone() {
    server.enqueue(task("processing"));
    assertThatThrownBy(() -> nanoBanana.await("t1", WaitOptions.DEFAULT.withTimeout(Duration.ZERO)))
        .isInstanceOf(TaskNotFinishedException.class);
    nanoBanana.close();

    server.enqueue(completed());
    try (NanoBanana other = client(timer)) {
      assertThat(other.await("t1").status()).isEqualTo(TaskStatus.COMPLETED);
    }
  }

  @Test
  void aReadThatFailsForAPassingReasonIsNoNews() {
    server.enqueue(task("pending"));
    server.enqueue(new MockResponse().setResponseCode(500));
    server.enqueue(task("").setSocketPolicy(SocketPolicy.DISCONNECT_DURING_RESPONSE_BODY));
    server.enqueue(new MockResponse().setResponseCode(429).setHeader("Retry-After", "60"));
    server.enqueue(completed());

    assertThat(nanoBanana.await("t1").status()).isEqualTo(TaskStatus.COMPLETED);
    assertThat(timer.pauses().stream().map(Duration::toMillis))
        .containsExactly(3000L, 3000L, 3000L, 60_000L);
  }

  @Test
  void whatKeptTheResultFromBeingReadIsTheCauseOfTheDeadline() throws IOException {
    server.shutdown();

    assertThatThrownBy(() -> nanoBanana.await("t1"))
        .isInstanceOf(TaskNotFinishedException.class)
        .hasMessageStartingWith(
            "The timeout of PT10M passed while task t1 was awaited; its result could not be read"
                + " (java.net.ConnectException: Failed to connect to ")
        .hasMessageEndingWith("). The task may still be running; call await again with this id.")
        .hasCauseInstanceOf(ResultUnavailableException.class);
  }

  @ParameterizedTest
  @ValueSource(ints = {400, 401, 403, 404})
  void aRefusalEndsTheWaiting(int status) {
    server.enqueue(new MockResponse().setResponseCode(status));

    assertThatThrownBy(() -> nanoBanana.await("t1"))
        .isInstanceOfSatisfying(RefusedException.class, e -> assertThat(e.mayTaskExist()).isTrue());
  }

  @Test
  void aFailureHasTheStackOfTheThreadThatWaited() {
    server.enqueue(task("failed"));

    assertThatThrownBy(() -> nanoBanana.await("t1"))
        .satisfies(
            e ->
                assertThat(e.getStackTrace())
                    .anyMatch(frame -> frame.getClassName().equals(WaitTest.class.getName())));
  }

  @Test
  void anInterruptEndsTheWaitingAtOnce() {
    server.enqueue(new MockResponse().setSocketPolicy(SocketPolicy.NO_RESPONSE));
    Thread waiting = Thread.currentThread();
    new Thread(
            () -> {
              try {
                server.takeRequest();
              } catch (InterruptedException e) {
                throw new AssertionError(e);
              }
              waiting.interrupt();
            })
        .start();

    assertThatThrownBy(() -> nanoBanana.await("t1"))
        .isInstanceOf(TaskNotFinishedException.class)
        .hasMessage(
            "The thread was interrupted while task t1 was awaited; its result was not read yet. The"
                + " task may still be running; call await again with this id.")
        .hasCauseInstanceOf(InterruptedException.class);
    assertThat(Thread.interrupted()).as("the interrupt flag is kept").isTrue();
  }

  @Test
  void cancellingEndsTheCallInFlight() throws Exception {
    server.enqueue(new MockResponse().setSocketPolicy(SocketPolicy.NO_RESPONSE));
    CountDownLatch idle = new CountDownLatch(1);
    okHttpClient.dispatcher().setIdleCallback(idle::countDown);
    CompletableFuture<TaskResult> result = nanoBanana.awaitAsync("t1", WaitOptions.DEFAULT);
    server.takeRequest();

    result.cancel(true);

    assertThat(idle.await(10, TimeUnit.SECONDS)).isTrue();
    assertThat(timer.pauses()).as("nothing is asked again").isEmpty();
  }

  @Test
  void cancellingEndsThePauseBetweenReads() throws Exception {
    try (NanoBanana inRealTime = client(Timer.system())) {
      server.enqueue(task("processing"));
      CountDownLatch read = new CountDownLatch(1);
      CompletableFuture<TaskResult> result =
          inRealTime.awaitAsync(
              "t1",
              WaitOptions.DEFAULT
                  .withMinDelay(Duration.ofHours(1))
                  .withMaxDelay(Duration.ofHours(1))
                  .withTimeout(Duration.ofHours(2))
                  .withStatusListener(task -> read.countDown()));
      assertThat(read.await(10, TimeUnit.SECONDS)).isTrue();

      assertThat(result.cancel(true)).isTrue();

      assertThat(result).isCancelled();
    }
    assertThat(server.getRequestCount()).isEqualTo(1);
  }

  @Test
  void closingTheClientEndsTheWaiting() throws Exception {
    NanoBanana inRealTime = client(Timer.system());
    server.enqueue(task("processing"));
    CountDownLatch read = new CountDownLatch(1);
    CompletableFuture<TaskResult> result =
        inRealTime.awaitAsync(
            "t1", WaitOptions.DEFAULT.withStatusListener(task -> read.countDown()));
    assertThat(read.await(10, TimeUnit.SECONDS)).isTrue();

    inRealTime.close();

    assertThatThrownBy(() -> result.get(10, TimeUnit.SECONDS))
        .isInstanceOf(ExecutionException.class)
        .cause()
        .isInstanceOf(TaskNotFinishedException.class)
        .hasMessage(
            "The client was closed while task t1 was awaited; its last known status is processing."
                + " The task may still be running; call await again with this id.");
  }

  @Test
  void whatTheListenerThrowsEndsTheWaiting() {
    server.enqueue(task("processing"));
    IllegalStateException thrown = new IllegalStateException("no more");

    assertThatThrownBy(
            () ->
                nanoBanana.await(
                    "t1",
                    WaitOptions.DEFAULT.withStatusListener(
                        task -> {
                          throw thrown;
                        })))
        .isInstanceOf(TaskNotFinishedException.class)
        .hasMessage(
            "The status listener threw java.lang.IllegalStateException: no more while task t1 was"
                + " awaited; its last known status is processing. The task may still be running;"
                + " call await again with this id.")
        .satisfies(e -> assertThat(e.getCause()).isSameAs(thrown));
  }

  @Test
  void aBlankTaskIdIsRefused() {
    assertThatThrownBy(() -> nanoBanana.await(" "))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("The task id is blank");
  }

  @Test
  void waitingWithoutAPauseIsRefused() {
    assertThatThrownBy(() -> WaitOptions.DEFAULT.withMinDelay(Duration.ZERO))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("minDelay must be more than zero, but is PT0S");
  }

  private NanoBanana client(Timer timer) {
    return NanoBanana.builder()
        .apiKey("sk-test")
        .baseUrl(server.url("/").toString())
        .okHttpClient(okHttpClient)
        .timer(timer)
        .random(() -> 0.5)
        .build();
  }

  private static MockResponse task(String status) {
    return new MockResponse().setBody("{\"taskId\": \"t1\", \"status\": \"" + status + "\"}");
  }

  private static MockResponse completed() {
    return new MockResponse()
        .setBody(
            """
            {"taskId": "t1", "status": "completed",
             "result": {"imageUrls": ["https://cdn.example.com/1.png"]}}
            """);
  }
}
