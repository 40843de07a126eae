package ai.mountsea.nanobanana;

import static okhttp3.mockwebserver.SocketPolicy.DISCONNECT_AFTER_REQUEST;
import static okhttp3.mockwebserver.SocketPolicy.DISCONNECT_AT_END;
import static okhttp3.mockwebserver.SocketPolicy.DISCONNECT_AT_START;
import static okhttp3.mockwebserver.SocketPolicy.DISCONNECT_DURING_REQUEST_BODY;
import static okhttp3.mockwebserver.SocketPolicy.DISCONNECT_DURING_RESPONSE_BODY;
import static okhttp3.mockwebserver.SocketPolicy.DO_NOT_READ_REQUEST_BODY;
import static okhttp3.mockwebserver.SocketPolicy.FAIL_HANDSHAKE;
import static okhttp3.mockwebserver.SocketPolicy.NO_RESPONSE;
import static okhttp3.mockwebserver.SocketPolicy.RESET_STREAM_AT_START;
import static okhttp3.mockwebserver.SocketPolicy.STALL_SOCKET_AT_START;
import static org.assertj.core.api.Assertions.assertThat;

import ai.mountsea.nanobanana.api.Action;
import ai.mountsea.nanobanana.api.GenerateImageRequest;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;
import okhttp3.OkHttpClient;
import okhttp3.Protocol;
import okhttp3.mockwebserver.Dispatcher;
import okhttp3.mockwebserver.MockResponse;
import okhttp3.mockwebserver.MockWebServer;
import okhttp3.mockwebserver.RecordedRequest;
import okhttp3.mockwebserver.SocketPolicy;
import okio.Buffer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * One submit against each thing that can go wrong, sync and async, with a client of the library's
 * and one of the user's: how many POSTs reached the server, what the caller is told, and that
 * nothing leaks. The table is printed at the end.
 */
class FaultMatrixTest {
  private static final String KEY = "sk-secret-1234567890";
  private static final Duration SHORT = Duration.ofMillis(500);
  private static final String CREATED = "{\"taskId\": \"t1\"}";
  private static final String LARGE_PROMPT = "cat ".repeat(4 * 1024 * 1024);
  private static final String SUCCESS = "t1";
  private static final String NOT_SENT = "NotSentException";
  private static final String REFUSED = "RefusedException";
  private static final String UNAUTHORIZED = "UnauthorizedException";
  private static final String RATE_LIMITED = "RateLimitedException";
  private static final String UNKNOWN = "OutcomeUnknownException";

  private static final Set<Thread> OTHERS = new HashSet<>();
  private static final Map<String, List<String>> TABLE = new LinkedHashMap<>();

  static Stream<Fault> faults() {
    List<Fault> faults = new ArrayList<>();
    // The service can't be reached.
    faults.add(fault("unknown host", NOT_SENT).baseUrl(server -> "http://nobody.invalid/"));
    faults.add(
        fault("connection refused", NOT_SENT)
            .baseUrl(
                server -> {
                  String url = server.url("/").toString();
                  shutDown(server);
                  return url;
                }));
    faults.add(
        fault("TLS handshake failure", NOT_SENT)
            .reply(policy(FAIL_HANDSHAKE))
            .server(server -> server.useHttps(sslContext().getSocketFactory(), false)));

    // The connection breaks.
    faults.add(fault("dropped at once", UNKNOWN).reply(policy(DISCONNECT_AT_START)).large());
    faults.add(
        fault("dropped in the middle of the body", UNKNOWN)
            .reply(policy(DISCONNECT_DURING_REQUEST_BODY))
            .large());
    faults.add(
        fault("dropped after the request", UNKNOWN)
            .reply(policy(DISCONNECT_AFTER_REQUEST))
            .posts(1));
    faults.add(
        fault("dropped in the middle of the reply", UNKNOWN)
            .reply(created(CREATED).setSocketPolicy(DISCONNECT_DURING_RESPONSE_BODY))
            .posts(1));
    faults.add(
        fault("a reused connection dropped", UNKNOWN)
            .reply(policy(DISCONNECT_AFTER_REQUEST))
            .afterASuccess()
            .posts(1));

    // The service is silent or slow.
    faults.add(
        fault("read timeout", UNKNOWN)
            .reply(policy(NO_RESPONSE))
            .posts(1)
            .client(client -> client.readTimeout(Duration.ofMillis(200))));
    faults.add(
        fault("write timeout", UNKNOWN)
            .reply(policy(STALL_SOCKET_AT_START))
            .large()
            .client(client -> client.writeTimeout(Duration.ofMillis(200))));
    faults.add(
        fault("call timeout", UNKNOWN)
            .reply(policy(NO_RESPONSE))
            .posts(1)
            .client(client -> client.callTimeout(Duration.ofMillis(200))));

    // HTTP/2.
    faults.add(
        fault("HTTP/2 stream refused", UNKNOWN)
            .reply(policy(RESET_STREAM_AT_START).setHttp2ErrorCode(7))
            .http2());
    faults.add(
        fault("HTTP/2 stream reset before the body is read", UNKNOWN)
            .reply(created("").setSocketPolicy(DO_NOT_READ_REQUEST_BODY).setHttp2ErrorCode(2))
            .http2());
    faults.add(
        fault("HTTP/2 connection dropped", UNKNOWN)
            .reply(policy(DISCONNECT_AFTER_REQUEST))
            .http2()
            .posts(1));
    faults.add(
        fault("HTTP/2 GOAWAY after the call before", SUCCESS)
            .reply(created(CREATED))
            .afterASuccess(created(CREATED).setSocketPolicy(DISCONNECT_AT_END))
            .http2()
            .posts(1)
            .raced());

    // A success that is none.
    faults.add(fault("201 without a body", UNKNOWN).reply(created("")).posts(1));
    faults.add(fault("201 truncated JSON", UNKNOWN).reply(created("{\"taskId\": \"t")).posts(1));
    faults.add(fault("201 not JSON", UNKNOWN).reply(created("<html>OK</html>")).posts(1));
    faults.add(fault("201 null", UNKNOWN).reply(created("null")).posts(1));
    faults.add(
        fault("201 with a number for an id", "7").reply(created("{\"taskId\": 7}")).posts(1));
    faults.add(
        fault("201 with a nested id", SUCCESS)
            .reply(created("{\"data\": {\"taskId\": \"t1\"}}"))
            .posts(1));
    faults.add(
        fault("201 followed by garbage", SUCCESS).reply(created(CREATED + "<!-- -->")).posts(1));
    faults.add(
        fault("201 whose last chunk is missing", SUCCESS)
            .reply(
                created("")
                    .removeHeader("Content-Length")
                    .setHeader("Transfer-Encoding", "chunked")
                    .setBody(new Buffer().writeUtf8("10\r\n" + CREATED + "\r\n"))
                    .setSocketPolicy(DISCONNECT_AT_END))
            .posts(1));
    for (int status : List.of(400, 401)) {
      faults.add(
          fault(status + " whose body breaks off", status == 400 ? REFUSED : UNAUTHORIZED)
              .reply(
                  status(status)
                      .setBody("{\"message\": \"no" + " ".repeat(100_000))
                      .setSocketPolicy(DISCONNECT_DURING_RESPONSE_BODY))
              .posts(1));
    }
    faults.add(fault("201 without taskId", UNKNOWN).reply(created("{\"id\": \"t1\"}")).posts(1));
    faults.add(fault("201 empty taskId", UNKNOWN).reply(created("{\"taskId\": \"\"}")).posts(1));
    faults.add(
        fault("204", UNKNOWN)
            .reply(created("").setResponseCode(204).removeHeader("Content-Length"))
            .posts(1));
    faults.add(
        fault("200 instead of 201", SUCCESS).reply(created(CREATED).setResponseCode(200)).posts(1));
    faults.add(
        fault("201 of 100 MB", UNKNOWN)
            .reply(created("").setBody(hundredMegabytes("{\"taskId\": \"")))
            .posts(1));

    // Redirects.
    for (int status : List.of(301, 302, 303, 307, 308)) {
      faults.add(
          fault(status + " to the same origin", UNKNOWN)
              .reply(status(status).setHeader("Location", "/elsewhere"))
              .posts(1));
      faults.add(
          fault(status + " to another origin", UNKNOWN)
              .reply(status(status).setHeader("Location", "http://127.0.0.1:9/elsewhere"))
              .posts(1));
    }

    // Refusals.
    for (int status : List.of(400, 402, 404, 409, 422)) {
      faults.add(fault("" + status, REFUSED).reply(status(status)).posts(1));
    }
    faults.add(fault("401", UNAUTHORIZED).reply(status(401)).posts(1));
    faults.add(fault("403", UNAUTHORIZED).reply(status(403)).posts(1));
    faults.add(fault("429", RATE_LIMITED).reply(status(429)).posts(3));
    faults.add(rateLimited("2", 3));
    faults.add(rateLimited("Thu, 15 Jan 2026 09:30:02 GMT", 3));
    faults.add(rateLimited("Thu, 15 Jan 1970 09:30:02 GMT", 3));
    faults.add(rateLimited("99999999999999999999", 1));
    faults.add(rateLimited("-1", 3));
    faults.add(rateLimited("soon", 3));

    // A proxy gives up.
    faults.add(fault("499", UNKNOWN).reply(status(499)).posts(1));
    faults.add(fault("408", UNKNOWN).reply(status(408)).posts(1));
    faults.add(
        fault("408 Retry-After: 0", UNKNOWN)
            .reply(status(408).setHeader("Retry-After", "0"))
            .posts(1));

    // The service breaks.
    for (int status : List.of(500, 501, 502, 503, 504)) {
      faults.add(fault("" + status, UNKNOWN).reply(status(status)).posts(1));
    }
    faults.add(
        fault("503 Retry-After: 0", UNKNOWN)
            .reply(status(503).setHeader("Retry-After", "0"))
            .posts(1));
    faults.add(
        fault("500 of 100 MB", UNKNOWN).reply(status(500).setBody(hundredMegabytes(""))).posts(1));

    // The caller.
    faults.add(fault("interrupt or cancel", UNKNOWN).reply(policy(NO_RESPONSE)).posts(1).stopped());
    return faults.stream();
  }

  @ParameterizedTest
  @MethodSource("faults")
  void aSubmitMakesAtMostOnePostAndTellsTheTruth(Fault fault) throws Exception {
    for (boolean async : List.of(false, true)) {
      for (boolean ownClient : List.of(false, true)) {
        run(fault, async, ownClient);
      }
    }
  }

  @BeforeAll
  static void rememberThreads() {
    OTHERS.addAll(Thread.getAllStackTraces().keySet());
  }

  @AfterAll
  static void nothingOfOursStillRuns() throws InterruptedException {
    awaitEndOfOurThreads();
    System.out.printf(
        "%n%-46s %5s  %-27s %-27s %s%n", "fault", "POSTs", "sync", "async", "may a task exist?");
    TABLE.forEach(
        (fault, row) ->
            System.out.printf(
                "%-46s %5s  %-27s %-27s %s%n",
                fault, row.get(0), row.get(1), row.get(row.size() - 2), row.get(2)));
  }

  private static void awaitEndOfOurThreads() throws InterruptedException {
    for (Thread thread : Thread.getAllStackTraces().keySet()) {
      if (!OTHERS.contains(thread)
          && thread.getName().matches("nano-banana.*|OkHttp (Dispatcher|http).*")) {
        thread.join(10_000);
        assertThat(thread.isAlive()).as(thread.getName()).isFalse();
      }
    }
  }

  private static void run(Fault fault, boolean async, boolean ownClient) throws Exception {
    Service service = new Service(fault);
    MockWebServer server = new MockWebServer();
    server.setDispatcher(service);
    if (fault.http2) {
      server.setProtocols(List.of(Protocol.H2_PRIOR_KNOWLEDGE));
    }
    fault.server.accept(server);
    server.start();
    OkHttpClient.Builder okHttp = new OkHttpClient.Builder();
    if (fault.http2) {
      okHttp.protocols(List.of(Protocol.H2_PRIOR_KNOWLEDGE));
    }
    fault.client.accept(okHttp);
    OkHttpClient okHttpClient = okHttp.build();
    NanoBanana.Builder builder =
        NanoBanana.builder().apiKey(KEY).timer(new VirtualTimer()).random(() -> 0.5);
    if (fault.stopped) {
      builder.callTimeout(SHORT); // A connection that stands still doesn't notice an interrupt.
    }
    boolean needsOkHttp = fault.http2 || fault.needsOkHttp;
    if (ownClient || needsOkHttp) {
      builder.okHttpClient(okHttpClient);
    }
    Outcome outcome;
    try (NanoBanana nanoBanana = builder.baseUrl(fault.baseUrl.apply(server)).build()) {
      if (fault.before != null) {
        service.next = fault.before;
        assertThat(nanoBanana.submit(request("first"))).isEqualTo("t1");
        service.begun.set(0);
        service.posts.set(0);
        service.next = fault.reply;
      }
      GenerateImageRequest request = request(fault.large ? LARGE_PROMPT : "A cat");
      outcome =
          async
              ? submitAsync(nanoBanana, request, fault, service)
              : submit(nanoBanana, request, fault, service);
    } finally {
      awaitEndOfOurThreads();
      assertThat(okHttpClient.connectionPool().connectionCount())
          .as("connections that leaked")
          .isEqualTo(okHttpClient.connectionPool().idleConnectionCount());
      okHttpClient.connectionPool().evictAll();
      server.shutdown();
    }

    if (fault.raced && outcome.name().equals(UNKNOWN)) {
      assertThat(service.posts.get()).as("POSTs").isZero();
      return;
    }
    assertThat(service.posts.get()).as("POSTs").isEqualTo(fault.posts);
    assertThat(service.begun.get()).as("POSTs begun").isLessThanOrEqualTo(Math.max(1, fault.posts));
    if (fault.stopped && async) {
      assertThat(outcome.failure).isInstanceOf(CancellationException.class);
    } else {
      assertThat(outcome.name()).isEqualTo(fault.expected);
      assertThat(outcome.mayTaskExist())
          .isEqualTo(!outcome.failed() || fault.expected.equals(UNKNOWN));
    }
    assertThat(outcome.stackTrace()).doesNotContain(KEY);
    TABLE
        .computeIfAbsent(fault.name, name -> new ArrayList<>(List.of("" + fault.posts)))
        .addAll(List.of(outcome.name(), outcome.mayTaskExist() ? "yes" : "no"));
  }

  private static Outcome submit(
      NanoBanana nanoBanana, GenerateImageRequest request, Fault fault, Service service) {
    Thread caller = Thread.currentThread();
    if (fault.stopped) {
      service.onReceived = caller::interrupt;
    }
    try {
      return new Outcome(nanoBanana.submit(request), null);
    } catch (RuntimeException e) {
      if (fault.stopped) {
        assertThat(Thread.interrupted()).as("the interrupt flag is kept").isTrue();
      }
      return new Outcome(null, e);
    }
  }

  private static Outcome submitAsync(
      NanoBanana nanoBanana, GenerateImageRequest request, Fault fault, Service service)
      throws Exception {
    CountDownLatch received = new CountDownLatch(1);
    service.onReceived = received::countDown;
    CompletableFuture<String> taskId = nanoBanana.submitAsync(request);
    if (fault.stopped) {
      assertThat(received.await(10, TimeUnit.SECONDS)).isTrue();
      taskId.cancel(true);
    }
    try {
      return new Outcome(taskId.get(20, TimeUnit.SECONDS), null);
    } catch (ExecutionException e) {
      return new Outcome(null, e.getCause());
    } catch (CancellationException e) {
      return new Outcome(null, e);
    }
  }

  private static GenerateImageRequest request(String prompt) {
    return GenerateImageRequest.builder(prompt, Action.GENERATE).build();
  }

  private static Fault fault(String name, String expected) {
    return new Fault(name, expected);
  }

  private static Fault rateLimited(String retryAfter, int posts) {
    return fault("429 Retry-After: " + retryAfter, RATE_LIMITED)
        .reply(status(429).setHeader("Retry-After", retryAfter))
        .posts(posts);
  }

  private static MockResponse policy(SocketPolicy policy) {
    return created(CREATED).setSocketPolicy(policy);
  }

  private static MockResponse created(String body) {
    return new MockResponse().setResponseCode(201).setBody(body);
  }

  private static MockResponse status(int status) {
    return new MockResponse().setResponseCode(status).setBody("{\"message\": \"no, " + KEY + "\"}");
  }

  private static Buffer hundredMegabytes(String start) {
    Buffer body = new Buffer().writeUtf8(start);
    Buffer block = new Buffer().writeUtf8("x".repeat(1024 * 1024));
    for (int i = 0; i < 100; i++) {
      block.copyTo(body, 0, block.size());
    }
    return body;
  }

  private static void shutDown(MockWebServer server) {
    try {
      server.shutdown();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static SSLContext sslContext() {
    try {
      return SSLContext.getDefault();
    } catch (java.security.NoSuchAlgorithmException e) {
      throw new AssertionError(e);
    }
  }

  private record Outcome(String taskId, Throwable failure) {
    String name() {
      return failure == null ? taskId : failure.getClass().getSimpleName();
    }

    boolean failed() {
      return failure != null;
    }

    boolean mayTaskExist() {
      return !(failure instanceof NanoBananaException e) || e.mayTaskExist();
    }

    String stackTrace() {
      StringWriter trace = new StringWriter();
      if (failure != null) {
        failure.printStackTrace(new PrintWriter(trace));
      }
      return trace.toString();
    }
  }

  /** Answers everything alike and counts the POSTs that came whole. */
  private static final class Service extends Dispatcher {
    final AtomicInteger begun = new AtomicInteger();
    final AtomicInteger posts = new AtomicInteger();
    volatile MockResponse next;
    volatile Runnable onReceived = () -> {};

    Service(Fault fault) {
      this.next = fault.reply;
    }

    @Override
    public MockResponse dispatch(RecordedRequest request) {
      if ("POST".equals(request.getMethod())) {
        begun.incrementAndGet();
        if (request.getBodySize() == Long.parseLong(request.getHeader("Content-Length"))) {
          posts.incrementAndGet();
          onReceived.run();
        }
      }
      return next.clone();
    }

    @Override
    public MockResponse peek() {
      return next.clone();
    }
  }

  /** One row of the matrix. */
  private static final class Fault {
    final String name;
    final String expected;
    MockResponse reply = created(CREATED);
    MockResponse before;
    int posts;
    boolean large;
    boolean http2;
    boolean needsOkHttp;
    boolean stopped;
    boolean raced;
    Function<MockWebServer, String> baseUrl = server -> server.url("/").toString();
    Consumer<MockWebServer> server = server -> {};
    Consumer<OkHttpClient.Builder> client = client -> {};

    Fault(String name, String expected) {
      this.name = name;
      this.expected = expected;
    }

    Fault reply(MockResponse reply) {
      this.reply = reply;
      return this;
    }

    Fault posts(int posts) {
      this.posts = posts;
      return this;
    }

    Fault large() {
      this.large = true;
      return this;
    }

    Fault http2() {
      this.http2 = true;
      return this;
    }

    /** The fault may also come while the POST is on its way: then nobody can know. */
    Fault raced() {
      this.raced = true;
      return this;
    }

    Fault stopped() {
      this.stopped = true;
      return this;
    }

    Fault afterASuccess() {
      return afterASuccess(created(CREATED));
    }

    Fault afterASuccess(MockResponse before) {
      this.before = before;
      return this;
    }

    Fault baseUrl(Function<MockWebServer, String> baseUrl) {
      this.baseUrl = baseUrl;
      return this;
    }

    Fault server(Consumer<MockWebServer> server) {
      this.server = server;
      return this;
    }

    Fault client(Consumer<OkHttpClient.Builder> client) {
      this.client = client;
      this.needsOkHttp = true;
      return this;
    }

    @Override
    public String toString() {
      return name;
    }
  }
}
