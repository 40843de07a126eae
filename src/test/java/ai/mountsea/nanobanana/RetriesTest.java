package ai.mountsea.nanobanana;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import ai.mountsea.nanobanana.api.Action;
import ai.mountsea.nanobanana.api.GenerateImageRequest;
import ai.mountsea.nanobanana.api.TaskStatus;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import okhttp3.OkHttpClient;
import okhttp3.mockwebserver.MockResponse;
import okhttp3.mockwebserver.MockWebServer;
import okhttp3.mockwebserver.SocketPolicy;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RetriesTest {
  private static final GenerateImageRequest CAT =
      GenerateImageRequest.builder("A cat", Action.GENERATE).build();

  private final MockWebServer server = new MockWebServer();
  private final VirtualTimer timer = new VirtualTimer();

  @BeforeEach
  void start() throws IOException {
    server.start();
  }

  @AfterEach
  void stop() throws IOException {
    server.shutdown();
  }

  @Test
  void aRefusedConnectionIsTriedAgainAfterGrowingPauses() throws IOException {
    RetryPolicy policy = RetryPolicy.DEFAULT.withMaxAttempts(5);
    try (NanoBanana nanoBanana = client(policy)) {
      int port = server.getPort();
      server.shutdown();

      assertThatThrownBy(() -> nanoBanana.submit(CAT))
          .isInstanceOf(NotSentException.class)
          .hasMessageStartingWith(
              "The request was not sent, so no task was created: java.net.ConnectException: Failed"
                  + " to connect to localhost/")
          .hasMessageContaining(":" + port);
    }

    assertThat(timer.pauses())
        .containsExactly(millis(250), millis(500), millis(1000), millis(2000));
  }

  @Test
  void aSubmitGoesThroughOnceTheServiceIsLessBusy() {
    server.enqueue(busy().setHeader("Retry-After", "7"));
    server.enqueue(busy());
    server.enqueue(created());

    try (NanoBanana nanoBanana = client(RetryPolicy.DEFAULT)) {
      assertThat(nanoBanana.submit(CAT)).isEqualTo("t1");
    }

    assertThat(timer.pauses()).containsExactly(millis(7250), millis(500));
  }

  @Test
  void anAsynchronousSubmitGoesThroughOnceTheServiceIsLessBusy() throws Exception {
    server.enqueue(busy().setHeader("Retry-After", "7"));
    server.enqueue(created());

    try (NanoBanana nanoBanana = client(RetryPolicy.DEFAULT)) {
      assertThat(nanoBanana.submitAsync(CAT).get(10, TimeUnit.SECONDS)).isEqualTo("t1");
    }

    assertThat(timer.pauses()).containsExactly(millis(7250));
  }

  @Test
  void aRetryAfterThatIsADateIsCountedFromNow() {
    server.enqueue(busy().setHeader("Retry-After", "Thu, 15 Jan 2026 09:30:07 GMT"));
    server.enqueue(created());

    try (NanoBanana nanoBanana = client(RetryPolicy.DEFAULT)) {
      nanoBanana.submit(CAT);
    }

    assertThat(timer.pauses()).containsExactly(millis(7250));
  }

  @Test
  void aRetryAfterBeyondTheCeilingIsLeftToTheCaller() {
    server.enqueue(busy().setHeader("Retry-After", "31").setBody("{\"error\": \"slow down\"}"));

    try (NanoBanana nanoBanana = client(RetryPolicy.DEFAULT)) {
      RateLimitedException e =
          catchThrowableOfType(RateLimitedException.class, () -> nanoBanana.submit(CAT));

      assertThat(e)
          .hasMessage(
              "The service was called too often, no task was created (POST "
                  + server.url("/gemini/image/generate")
                  + ": HTTP 429: slow down). Try again in 31 s.");
      assertThat(e.retryAfter()).isEqualTo(Duration.ofSeconds(31));
      assertThat(e.statusCode()).isEqualTo(429);
      assertThat(e.response().headers().get("Retry-After")).isEqualTo("31");
      assertThat(e.response().body()).isEqualTo("{\"error\": \"slow down\"}");
      assertThat(e.serviceMessage()).isEqualTo("slow down");
    }

    assertThat(timer.pauses()).isEmpty();
  }

  @Test
  void noAttemptBeginsBeyondTheBudget() {
    RetryPolicy policy =
        RetryPolicy.DEFAULT.withMaxAttempts(100).withMaxElapsedTime(Duration.ofSeconds(25));
    for (int i = 0; i < 100; i++) {
      server.enqueue(busy().setHeader("Retry-After", "10"));
    }

    try (NanoBanana nanoBanana = client(policy)) {
      assertThatThrownBy(() -> nanoBanana.submit(CAT)).isInstanceOf(RateLimitedException.class);
    }

    assertThat(server.getRequestCount()).isEqualTo(3);
    assertThat(timer.pauses()).containsExactly(millis(10_250), millis(10_500));
  }

  @Test
  void nothingIsTriedAgainUnlessAskedTo() {
    server.enqueue(busy());

    try (NanoBanana nanoBanana = client(RetryPolicy.NEVER)) {
      assertThatThrownBy(() -> nanoBanana.submit(CAT)).isInstanceOf(RateLimitedException.class);
    }

    assertThat(server.getRequestCount()).isEqualTo(1);
  }

  @Test
  void aReadIsTriedAgainOnAnyPassingFault() {
    server.enqueue(new MockResponse().setResponseCode(503).setHeader("Retry-After", "1"));
    server.enqueue(task().setSocketPolicy(SocketPolicy.DISCONNECT_DURING_RESPONSE_BODY));
    server.enqueue(busy());
    server.enqueue(new MockResponse().setResponseCode(500));
    server.enqueue(task());

    try (NanoBanana nanoBanana = client(RetryPolicy.DEFAULT.withMaxAttempts(5))) {
      assertThat(nanoBanana.result("t1").status()).isEqualTo(TaskStatus.PROCESSING);
    }

    assertThat(timer.pauses())
        .containsExactly(millis(1250), millis(500), millis(1000), millis(2000));
  }

  @Test
  void aReadThatKeepsFailingSaysThatTheTaskGoesOn() {
    for (int i = 0; i < 3; i++) {
      server.enqueue(new MockResponse().setResponseCode(502).setBody("<html>Bad Gateway</html>"));
    }

    try (NanoBanana nanoBanana = client(RetryPolicy.DEFAULT)) {
      assertThatThrownBy(() -> nanoBanana.result("t1"))
          .isInstanceOfSatisfying(
              ResultUnavailableException.class,
              e -> {
                assertThat(e.taskId()).isEqualTo("t1");
                assertThat(e.mayTaskExist()).isTrue();
              })
          .hasMessage(
              "The result of task t1 could not be read: HTTP 502. The task is not affected; read its"
                  + " result again later.");
    }
  }

  @Test
  void aResultThatMakesNoSenseIsNotReadAgain() {
    server.enqueue(new MockResponse().setBody("{\"taskId\": \"t1\"}"));

    try (NanoBanana nanoBanana = client(RetryPolicy.DEFAULT)) {
      assertThatThrownBy(() -> nanoBanana.result("t1"))
          .isInstanceOf(ResultNotUnderstoodException.class)
          .hasMessage(
              "The result of task t1 can't be understood: GET "
                  + server.url("/gemini/task/result")
                  + " was answered with HTTP 200 without a media type, beginning with"
                  + " {\"taskId\": \"t1\"}. Required value 'status' missing at path $");
    }

    assertThat(server.getRequestCount()).isEqualTo(1);
  }

  @Test
  void aTaskThatTheServiceDoesNotKnowIsNotAskedForAgain() {
    server.enqueue(
        new MockResponse().setResponseCode(404).setBody("{\"message\": [\"no\", \"such task\"]}"));

    try (NanoBanana nanoBanana = client(RetryPolicy.DEFAULT)) {
      assertThatThrownBy(() -> nanoBanana.result("t1"))
          .isInstanceOf(RefusedException.class)
          .hasMessage(
              "The service refused the call, the result of task t1 was not read (GET "
                  + server.url("/gemini/task/result")
                  + ": HTTP 404: no; such task).");
    }

    assertThat(server.getRequestCount()).isEqualTo(1);
  }

  @Test
  void anInterruptEndsThePauseBetweenAttempts() {
    server.enqueue(busy());

    try (NanoBanana nanoBanana =
        client(RetryPolicy.DEFAULT, new OkHttpClient(), Thread.currentThread()::interrupt)) {
      assertThatThrownBy(() -> nanoBanana.submit(CAT)).isInstanceOf(RateLimitedException.class);
      assertThat(Thread.interrupted()).isTrue();
    }

    assertThat(server.getRequestCount()).isEqualTo(1);
  }

  @Test
  void anInterceptorOfTheUsersCannotSendARequestTwice() {
    OkHttpClient stubborn =
        new OkHttpClient.Builder()
            .addInterceptor(
                chain -> {
                  chain.proceed(chain.request()).close();
                  return chain.proceed(chain.request());
                })
            .build();
    server.enqueue(new MockResponse().setResponseCode(503));
    server.enqueue(created());

    try (NanoBanana nanoBanana = client(RetryPolicy.DEFAULT, stubborn, () -> {})) {
      assertThatThrownBy(() -> nanoBanana.submit(CAT))
          .isInstanceOf(OutcomeUnknownException.class)
          .hasMessage(
              "The service answered POST "
                  + server.url("/gemini/image/generate")
                  + " with HTTP 503. A task may exist and be billed, so look for it before you"
                  + " submit again.");
    }

    assertThat(server.getRequestCount()).isLessThanOrEqualTo(2);
    assertThat(timer.pauses()).isEmpty();
  }

  @Test
  void aClosedClientEndsAnAsynchronousSubmitThatPauses() throws Exception {
    server.enqueue(busy().setHeader("Retry-After", "20"));
    NanoBanana nanoBanana =
        NanoBanana.builder().apiKey("sk-test").baseUrl(server.url("/").toString()).build();
    var taskId = nanoBanana.submitAsync(CAT);
    server.takeRequest();

    nanoBanana.close();

    assertThatThrownBy(() -> taskId.get(10, TimeUnit.SECONDS))
        .isInstanceOf(ExecutionException.class)
        .hasCauseInstanceOf(NanoBananaException.class);
  }

  @Test
  void aClosedClientEndsAnAsynchronousSubmitWhoseCallItCuts() throws Exception {
    server.enqueue(created().setSocketPolicy(SocketPolicy.NO_RESPONSE));
    NanoBanana nanoBanana = client(RetryPolicy.DEFAULT);
    var taskId = nanoBanana.submitAsync(CAT);
    server.takeRequest();

    nanoBanana.close();

    assertThatThrownBy(() -> taskId.get(10, TimeUnit.SECONDS))
        .isInstanceOf(ExecutionException.class)
        .hasCauseInstanceOf(OutcomeUnknownException.class);
  }

  @Test
  void aReadThatTheClosingClientCutsIsNotTriedAgain() throws Exception {
    server.enqueue(task().setSocketPolicy(SocketPolicy.NO_RESPONSE));
    NanoBanana nanoBanana = client(RetryPolicy.DEFAULT);
    var result = nanoBanana.resultAsync("t1");
    server.takeRequest();

    nanoBanana.close();

    assertThatThrownBy(() -> result.get(10, TimeUnit.SECONDS))
        .isInstanceOf(ExecutionException.class)
        .hasCauseInstanceOf(ResultUnavailableException.class);
    assertThat(timer.pauses()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(ints = {0, -1})
  void aPolicyWithoutAnAttemptIsRefused(int maxAttempts) {
    assertThatThrownBy(() -> RetryPolicy.DEFAULT.withMaxAttempts(maxAttempts))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("maxAttempts must be 1 or more, not " + maxAttempts);
    assertThatThrownBy(() -> RetryPolicy.DEFAULT.withMaxElapsedTime(Duration.ofSeconds(-1)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("maxElapsedTime must not be negative, but is PT-1S");
  }

  private NanoBanana client(RetryPolicy policy) {
    return client(policy, new OkHttpClient(), () -> {});
  }

  private NanoBanana client(RetryPolicy policy, OkHttpClient okHttpClient, Runnable onRandom) {
    return NanoBanana.builder()
        .apiKey("sk-test")
        .baseUrl(server.url("/").toString())
        .okHttpClient(okHttpClient)
        .retryPolicy(policy)
        .timer(timer)
        .random(
            () -> {
              onRandom.run();
              return 0.5;
            })
        .build();
  }

  private static MockResponse busy() {
    return new MockResponse().setResponseCode(429);
  }

  private static MockResponse created() {
    return new MockResponse().setResponseCode(201).setBody("{\"taskId\": \"t1\"}");
  }

  private static MockResponse task() {
    return new MockResponse().setBody("{\"taskId\": \"t1\", \"status\": \"processing\"}");
  }

  private static Duration millis(long millis) {
    return Duration.ofMillis(millis);
  }
}
