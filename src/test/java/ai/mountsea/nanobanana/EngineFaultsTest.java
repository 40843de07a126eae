package ai.mountsea.nanobanana;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import ai.mountsea.nanobanana.api.Action;
import ai.mountsea.nanobanana.api.GenerateImageRequest;
import ai.mountsea.nanobanana.api.TaskResult;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.IntFunction;
import okhttp3.Call;
import okhttp3.EventListener;
import okhttp3.MediaType;
import okhttp3.OkHttpClient;
import okhttp3.Protocol;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.mockwebserver.Dispatcher;
import okhttp3.mockwebserver.MockResponse;
import okhttp3.mockwebserver.MockWebServer;
import okhttp3.mockwebserver.RecordedRequest;
import okhttp3.mockwebserver.SocketPolicy;
import okhttp3.tls.HandshakeCertificates;
import okhttp3.tls.HeldCertificate;
import okio.Buffer;
import okio.BufferedSink;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a client does when it is closed, interrupted, or answered oddly, one moment at a time. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class EngineFaultsTest {
  private static final String CREATED = "{\"taskId\":\"8472113\"}";
  private static final String COMPLETED =
      "{\"taskId\":\"t1\",\"status\":\"completed\",\"result\":{\"imageUrls\":[\"https://e.com/a\"]}}";

  private final MockWebServer server = new MockWebServer();
  private final AtomicInteger posts = new AtomicInteger();
  private final CountDownLatch release = new CountDownLatch(1);

  @BeforeEach
  void startServer() throws IOException {
    server.start();
  }

  @AfterEach
  void shutDownServer() throws IOException {
    release.countDown();
    server.shutdown();
  }

  @Test
  void anInterruptWhileASubmitIsWrittenHarmsNoOtherOnItsConnection() throws Exception {
    MockWebServer http2 = new MockWebServer();
    HeldCertificate certificate =
        new HeldCertificate.Builder().addSubjectAlternativeName("localhost").build();
    http2.useHttps(
        new HandshakeCertificates.Builder().heldCertificate(certificate).build().sslSocketFactory(),
        false);
    http2.setProtocols(List.of(Protocol.HTTP_2, Protocol.HTTP_1_1));
    int others = 10;
    CountDownLatch received = new CountDownLatch(others);
    http2.setDispatcher(
        answering(
            post -> {
              received.countDown();
              hold();
              return created(CREATED);
            }));
    HandshakeCertificates trust =
        new HandshakeCertificates.Builder()
            .addTrustedCertificate(certificate.certificate())
            .build();
    AtomicReference<Thread> victim = new AtomicReference<>();
    List<CompletableFuture<String>> submits = new ArrayList<>();

    try (http2;
        NanoBanana nanoBanana =
            NanoBanana.builder()
                .apiKey("sk-any")
                .baseUrl(http2.url("/").toString())
                .configureOkHttp(
                    okHttp ->
                        okHttp
                            .sslSocketFactory(trust.sslSocketFactory(), trust.trustManager())
                            .addInterceptor(
                                chain ->
                                    chain.proceed(
                                        Thread.currentThread() == victim.get()
                                            ? interruptedWhileWritten(chain.request())
                                            : chain.request())))
                .build()) {
      for (int i = 0; i < others; i++) {
        CompletableFuture<String> submit = new CompletableFuture<>();
        submits.add(submit);
        start(() -> submit.complete(nanoBanana.submit(request("A cat"))), submit);
      }
      received.await();
      CompletableFuture<String> interrupted = new CompletableFuture<>();
      Thread thread =
          new Thread(
              () -> {
                victim.set(Thread.currentThread());
                Throwable failure =
                    catchThrowable(() -> nanoBanana.submit(request("cat ".repeat(100_000))));
                interrupted.complete(String.valueOf(failure));
              });
      thread.start();
      // It may wait for its reply, or end at once: the others are let go when it has written.
      while (!thread.isInterrupted() && thread.isAlive()) {
        Thread.onSpinWait();
      }
      release.countDown();
      interrupted.get();
      for (CompletableFuture<String> submit : submits) {
        assertThat(submit.get()).isEqualTo("8472113");
      }
    }
  }

  @Test
  void aClosedSubmitWhoseSecondPostIsInFlightSaysThatATaskMayExist() throws Exception {
    CountDownLatch second = new CountDownLatch(2);
    server.setDispatcher(
        answering(
            post -> {
              second.countDown();
              if (post == 1) {
                return rateLimited("0");
              }
              hold();
              return created(CREATED);
            }));
    NanoBanana nanoBanana = client();

    CompletableFuture<String> submit = nanoBanana.submitAsync(request("A cat"));
    second.await();
    nanoBanana.close();

    assertThat(failureOf(submit))
        .isInstanceOfSatisfying(
            NanoBananaException.class, e -> assertThat(e.mayTaskExist()).isTrue());
  }

  @Test
  void aSubmitThatPausesWhenTheClientIsClosedMakesNoOtherPost() throws Exception {
    server.setDispatcher(answering(post -> post == 1 ? rateLimited("2") : created(CREATED)));
    CountDownLatch answered = new CountDownLatch(1);
    OkHttpClient okHttpClient =
        new OkHttpClient.Builder()
            .eventListener(
                new EventListener() {
                  @Override
                  public void callEnd(Call call) {
                    answered.countDown();
                  }
                })
            .build();
    NanoBanana nanoBanana = client(okHttpClient, server);
    CompletableFuture<String> submit = new CompletableFuture<>();

    start(() -> submit.complete(nanoBanana.submit(request("A cat"))), submit);
    answered.await();
    nanoBanana.close();

    assertThat(failureOf(submit))
        .isInstanceOfSatisfying(
            NanoBananaException.class, e -> assertThat(e.mayTaskExist()).isFalse());
    assertThat(posts).hasValue(1);
  }

  @Test
  void everyFutureEndsWhenTheClientIsClosedWhileThousandsWaitTheirTurn() throws Exception {
    server.setDispatcher(silent());
    NanoBanana nanoBanana = client();
    List<CompletableFuture<String>> submits = new ArrayList<>();
    for (int i = 0; i < 30_000; i++) {
      submits.add(nanoBanana.submitAsync(request("A cat")));
    }

    nanoBanana.close();

    CompletableFuture<Void> all =
        CompletableFuture.allOf(submits.toArray(CompletableFuture[]::new));
    assertThat(catchThrowable(() -> all.get(20, TimeUnit.SECONDS)))
        .hasCauseInstanceOf(NanoBananaException.class);
  }

  @Test
  void waitsInCallbacksOfSubmitsDoNotBlockOneAnother() throws Exception {
    server.setDispatcher(answering(post -> created(CREATED)));

    try (NanoBanana nanoBanana = client()) {
      List<CompletableFuture<TaskResult>> results = new ArrayList<>();
      for (int i = 0; i < 30; i++) {
        results.add(
            nanoBanana
                .submitAsync(request("A cat"))
                .thenApply(id -> nanoBanana.await(id, deadline(Duration.ofMinutes(10)))));
      }

      for (CompletableFuture<TaskResult> result : results) {
        assertThat(result.get(20, TimeUnit.SECONDS).taskId()).isEqualTo("t1");
      }
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aWaitEndsAtItsDeadlineThoughTheServiceIsSilent(boolean async) throws Exception {
    server.setDispatcher(silent());

    try (NanoBanana nanoBanana = client()) {
      assertThat(failureOf(wait(nanoBanana, deadline(Duration.ofMillis(200)), async)))
          .isInstanceOf(TaskNotFinishedException.class);
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aWaitEndsAtItsDeadlineThoughCallsThatHangAreBeforeIt(boolean async) throws Exception {
    server.setDispatcher(silent());

    try (NanoBanana nanoBanana = clientOfOneCall()) {
      CompletableFuture<String> first = nanoBanana.submitAsync(request("A cat"));

      assertThat(failureOf(wait(nanoBanana, deadline(Duration.ofMillis(200)), async)))
          .isInstanceOf(TaskNotFinishedException.class);
      assertThat(first).isNotDone();
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aListenerThatThrowsACheckedExceptionEndsTheWait(boolean async) throws Exception {
    server.setDispatcher(answering(post -> created(CREATED)));
    Exception thrown = new Exception("thrown by the listener");

    try (NanoBanana nanoBanana = client()) {
      Throwable failure =
          failureOf(
              wait(
                  nanoBanana,
                  listening(
                      task -> {
                        throw EngineFaultsTest.<RuntimeException>unchecked(thrown);
                      }),
                  async));

      assertThat(failure).isInstanceOf(TaskNotFinishedException.class).hasRootCause(thrown);
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void whatAnEventListenerThrowsAtALaterReadEndsTheWait(boolean async) throws Exception {
    AtomicInteger reads = new AtomicInteger();
    server.setDispatcher(
        reading(
            () ->
                new MockResponse()
                    .setBody(
                        reads.get() == 0
                            ? COMPLETED
                            : "{\"taskId\":\"t1\",\"status\":\"ready\"}")));
    OkHttpClient okHttpClient =
        new OkHttpClient.Builder()
            .eventListener(
                new EventListener() {
                  @Override
                  public void callStart(Call call) {
                    if (reads.incrementAndGet() == 2) {
                      throw new IllegalArgumentException("thrown by the event listener");
                    }
                  }
                })
            .build();

    try (NanoBanana nanoBanana = client(okHttpClient, server)) {
      CompletableFuture<TaskResult> wait = wait(nanoBanana, deadline(Duration.ofSeconds(1)), async);

      assertThat(failureOf(wait)).isInstanceOf(NanoBananaException.class);
    }
  }

  @Test
  void anErrorBodyWithAHugeNumberIsAnErrorLikeAnyOther() throws Exception {
    MockResponse error = json(400, "{\"message\":1e99999999999}");
    server.setDispatcher(
        new Dispatcher() {
          @Override
          public MockResponse dispatch(RecordedRequest request) {
            return error.clone();
          }
        });

    try (NanoBanana nanoBanana = client()) {
      assertThatThrownBy(() -> nanoBanana.submit(request("A cat")))
          .isInstanceOf(RefusedException.class);
      assertThat(failureOf(nanoBanana.submitAsync(request("A cat"))))
          .isInstanceOf(RefusedException.class);
      assertThat(failureOf(wait(nanoBanana, deadline(Duration.ofSeconds(10)), false)))
          .isInstanceOf(RefusedException.class);
      assertThat(failureOf(wait(nanoBanana, deadline(Duration.ofSeconds(10)), true)))
          .isInstanceOf(RefusedException.class);
    }
  }

  @Test
  void aLongApiKeyIsRedactedFromAnEcho() {
    String key = "eyJhbGciOiJIUzI1NiJ9.".repeat(200);
    server.setDispatcher(answering(post -> json(400, "{\"message\":\"Bad key " + key + "\"}")));

    try (NanoBanana nanoBanana =
        NanoBanana.builder().apiKey(key).baseUrl(server.url("/").toString()).build()) {
      assertThatThrownBy(() -> nanoBanana.submit(request("A cat")))
          .isInstanceOf(RefusedException.class)
          .message()
          .contains("Bad key [API key]")
          .doesNotContain("eyJhbGci");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"taskId\":8472113}",
        "{\"data\":{\"taskId\":\"8472113\"}}",
        "{\"taskId\":\"8472113\"}}, <html>",
        "{\"taskId\":\"8472113\""
      })
  void aTaskIdInAnOddReplyIsNotLost(String body) {
    server.setDispatcher(answering(post -> created(body)));

    try (NanoBanana nanoBanana = client()) {
      assertThat(nanoBanana.submit(request("A cat"))).isEqualTo("8472113");
    }
  }

  @Test
  void aTaskIdThatComesBeforeTheConnectionBreaksIsNotLost() {
    server.setDispatcher(
        answering(
            post ->
                created(CREATED + " ".repeat(CREATED.length()))
                    .setSocketPolicy(SocketPolicy.DISCONNECT_DURING_RESPONSE_BODY)));

    try (NanoBanana nanoBanana = client()) {
      assertThat(nanoBanana.submit(request("A cat"))).isEqualTo("8472113");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"\"traceId\":5", "\"errorMessage\":{}", "\"createdAt\":[]"})
  void anOddFieldBesideTheImagesOfACompletedTaskHidesNothing(String field) {
    server.setDispatcher(
        reading(
            () ->
                new MockResponse()
                    .setBody(COMPLETED.substring(0, COMPLETED.length() - 1) + "," + field + "}")));

    try (NanoBanana nanoBanana = client()) {
      assertThat(nanoBanana.await("t1").result().imageUrls()).containsExactly("https://e.com/a");
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {503, 408})
  void aBodyThatAnInterceptorBuffersIsStillSentOnce(int status) {
    server.setDispatcher(answering(post -> json(status, "{}").setHeader("Retry-After", "0")));
    OkHttpClient okHttpClient =
        new OkHttpClient.Builder()
            .addInterceptor(
                chain -> {
                  Buffer buffer = new Buffer();
                  chain.request().body().writeTo(buffer);
                  RequestBody buffered =
                      RequestBody.create(
                          buffer.readByteString(), MediaType.get("application/json"));
                  return chain.proceed(chain.request().newBuilder().post(buffered).build());
                })
            .build();

    try (NanoBanana nanoBanana = client(okHttpClient, server)) {
      assertThatThrownBy(() -> nanoBanana.submit(request("A cat")))
          .isInstanceOf(NanoBananaException.class);
    }

    assertThat(posts).hasValue(1);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aStatusListenerMayWaitForACallThoughThereIsOneAtATime(boolean async) throws Exception {
    server.setDispatcher(answering(post -> created(CREATED)));
    List<String> taskIds = new ArrayList<>();

    try (NanoBanana nanoBanana = clientOfOneCall()) {
      WaitOptions options =
          listening(result -> taskIds.add(nanoBanana.submitAsync(request("A dog")).join()));
      wait(nanoBanana, options, async).get(20, TimeUnit.SECONDS);
    }

    assertThat(taskIds).containsExactly("8472113");
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3})
  void callsGoOnHoweverManyListenersAndStagesWaitForOthers(int atOnce) throws Exception {
    server.setDispatcher(answering(post -> created(CREATED)));
    List<CompletableFuture<?>> ends = new ArrayList<>();

    try (NanoBanana nanoBanana =
        NanoBanana.builder()
            .apiKey("sk-test")
            .baseUrl(server.url("/").toString())
            .maxConcurrentCalls(atOnce)
            .build()) {
      WaitOptions options =
          listening(result -> nanoBanana.resultAsync("t1").join())
              .withTaskIdListener(id -> nanoBanana.submitAsync(request("A dog")).join());
      for (int i = 0; i < 8; i++) {
        ends.add(
            nanoBanana
                .generateAsync(request("A cat"), options)
                .thenApply(result -> nanoBanana.awaitAsync("t1").join())
                .thenCompose(result -> nanoBanana.submitAsync(request("A bird")))
                .thenApply(nanoBanana::await));
      }
      for (CompletableFuture<?> end : ends) {
        end.get(40, TimeUnit.SECONDS);
      }
    }

    assertThat(posts).hasValue(24);
  }

  @ParameterizedTest
  @ValueSource(ints = {400, 401})
  void aRefusalWhoseBodyBreaksOffIsARefusal(int status) {
    server.setDispatcher(
        answering(
            post ->
                json(status, "{\"message\":\"The service says no\"}")
                    .setSocketPolicy(SocketPolicy.DISCONNECT_DURING_RESPONSE_BODY)));

    try (NanoBanana nanoBanana = client()) {
      assertThatThrownBy(() -> nanoBanana.submit(request("A cat")))
          .isInstanceOfSatisfying(
              RefusedException.class, e -> assertThat(e.statusCode()).isEqualTo(status));
    }
  }

  private NanoBanana client() {
    return NanoBanana.builder()
        .apiKey("sk-test")
        .baseUrl(server.url("/").toString())
        .callTimeout(Duration.ZERO)
        .build();
  }

  private NanoBanana clientOfOneCall() {
    return NanoBanana.builder()
        .apiKey("sk-test")
        .baseUrl(server.url("/").toString())
        .callTimeout(Duration.ZERO)
        .maxConcurrentCalls(1)
        .build();
  }

  private static NanoBanana client(OkHttpClient okHttpClient, MockWebServer server) {
    return NanoBanana.builder()
        .apiKey("sk-test")
        .baseUrl(server.url("/").toString())
        .okHttpClient(okHttpClient)
        .callTimeout(Duration.ZERO)
        .build();
  }

  private static GenerateImageRequest request(String prompt) {
    return GenerateImageRequest.builder(prompt, Action.GENERATE).build();
  }

  private static WaitOptions deadline(Duration deadline) {
    return WaitOptions.DEFAULT.withTimeout(deadline).withMinDelay(Duration.ofMillis(20));
  }

  private static WaitOptions listening(Consumer<TaskResult> listener) {
    return deadline(Duration.ofMinutes(10)).withStatusListener(listener);
  }

  private static CompletableFuture<TaskResult> wait(
      NanoBanana nanoBanana, WaitOptions waiting, boolean async) {
    if (async) {
      return nanoBanana.awaitAsync("t1", waiting);
    }
    CompletableFuture<TaskResult> result = new CompletableFuture<>();
    start(() -> result.complete(nanoBanana.await("t1", waiting)), result);
    return result;
  }

  private static void start(Runnable call, CompletableFuture<?> end) {
    Thread thread =
        new Thread(
            () -> {
              try {
                call.run();
              } catch (Throwable e) {
                end.completeExceptionally(e);
              }
            });
    thread.setDaemon(true);
    thread.start();
  }

  private static Throwable failureOf(CompletableFuture<?> future) {
    Throwable failure = catchThrowable(() -> future.get(20, TimeUnit.SECONDS));
    assertThat(future).isDone();
    return failure.getCause() instanceof CompletionException e ? e.getCause() : failure.getCause();
  }

  private Dispatcher answering(IntFunction<MockResponse> answer) {
    return new Dispatcher() {
      @Override
      public MockResponse dispatch(RecordedRequest request) {
        return "POST".equals(request.getMethod())
            ? answer.apply(posts.incrementAndGet())
            : json(200, COMPLETED);
      }
    };
  }

  private Dispatcher reading(java.util.function.Supplier<MockResponse> answer) {
    return new Dispatcher() {
      @Override
      public MockResponse dispatch(RecordedRequest request) {
        return answer.get();
      }
    };
  }

  private static Dispatcher silent() {
    return new Dispatcher() {
      @Override
      public MockResponse dispatch(RecordedRequest request) {
        return new MockResponse().setSocketPolicy(SocketPolicy.NO_RESPONSE);
      }
    };
  }

  private void hold() {
    try {
      release.await(20, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static MockResponse created(String body) {
    return json(201, body);
  }

  private static MockResponse rateLimited(String retryAfter) {
    return json(429, "{}").setHeader("Retry-After", retryAfter);
  }

  private static MockResponse json(int status, String body) {
    return new MockResponse()
        .setResponseCode(status)
        .setHeader("Content-Type", "application/json")
        .setBody(body);
  }

  /** The first half of the body is on its way when the thread that writes it is interrupted. */
  private static Request interruptedWhileWritten(Request request) {
    RequestBody body = request.body();
    RequestBody interrupted =
        new RequestBody() {
          @Override
          public MediaType contentType() {
            return body.contentType();
          }

          @Override
          public void writeTo(BufferedSink sink) throws IOException {
            Buffer buffer = new Buffer();
            body.writeTo(buffer);
            sink.write(buffer, buffer.size() / 2);
            sink.flush();
            Thread.currentThread().interrupt();
            sink.write(buffer, buffer.size());
            sink.flush();
          }
        };
    return request.newBuilder().post(interrupted).build();
  }

  /** Throws a checked exception where none is declared, as Kotlin does. */
  @SuppressWarnings("unchecked")
  private static <E extends Throwable> E unchecked(Throwable failure) throws E {
    throw (E) failure;
  }
}
