package ai.mountsea.nanobanana;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import ai.mountsea.nanobanana.api.Action;
import ai.mountsea.nanobanana.api.AspectRatio;
import ai.mountsea.nanobanana.api.GenerateImageRequest;
import ai.mountsea.nanobanana.api.Model;
import ai.mountsea.nanobanana.api.TaskResult;
import com.sun.net.httpserver.HttpServer;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import okhttp3.Headers;
import okhttp3.mockwebserver.MockResponse;
import okhttp3.mockwebserver.MockWebServer;
import okhttp3.mockwebserver.SocketPolicy;
import okio.Buffer;
import okio.ByteString;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class GenerateTest {
  private static final GenerateImageRequest CAT =
      GenerateImageRequest.builder("A cat", Action.GENERATE).build();
  private static final ByteString PNG =
      ByteString.decodeHex("89504e470d0a1a0a0000000d494844520000000049454e44ae426082");

  private final MockWebServer server = new MockWebServer();
  private NanoBanana nanoBanana;

  @BeforeEach
  void start() throws IOException {
    server.start();
    nanoBanana =
        NanoBanana.builder()
            .apiKey("sk-test")
            .baseUrl(server.url("/").toString())
            .timer(new VirtualTimer())
            .random(() -> 0.5)
            .build();
  }

  @AfterEach
  void stop() throws IOException {
    nanoBanana.close();
    server.close();
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void theTaskIdIsToldBeforeTheWaitingBegins(boolean async) throws Exception {
    server.enqueue(created());
    server.enqueue(completed());
    List<String> told = new ArrayList<>();
    WaitOptions options =
        WaitOptions.DEFAULT.withTaskIdListener(
            taskId -> told.add(taskId + " after " + server.getRequestCount() + " call"));

    TaskResult result = generate(options, async);

    assertThat(result.imageUrls()).hasSize(1);
    assertThat(told).containsExactly("t1 after 1 call");
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void whatTheListenerOfTheTaskIdThrowsDoesNotLoseTheId(boolean async) {
    server.enqueue(created());
    AssertionError thrown = new AssertionError("no pen");

    assertThatThrownBy(
            () ->
                generate(
                    WaitOptions.DEFAULT.withTaskIdListener(
                        taskId -> {
                          throw thrown;
                        }),
                    async))
        .isInstanceOf(TaskNotFinishedException.class)
        .hasMessage(
            "The listener of the task id threw java.lang.AssertionError: no pen. Task t1 was"
                + " created and may be running; call await with this id.")
        .satisfies(e -> assertThat(e.getCause()).isSameAs(thrown))
        .satisfies(e -> assertThat(((NanoBananaException) e).taskId()).isEqualTo("t1"));
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aFailureOfTheWaitingCarriesTheTaskId(boolean async) {
    server.enqueue(created());
    server.enqueue(new MockResponse().setResponseCode(404));

    assertThatThrownBy(() -> generate(WaitOptions.DEFAULT, async))
        .isInstanceOfSatisfying(
            RefusedException.class,
            e -> {
              assertThat(e.taskId()).isEqualTo("t1");
              assertThat(e.mayTaskExist()).isTrue();
            });
  }

  @Test
  void cancellingEndsTheWaitingToo() throws Exception {
    server.enqueue(created());
    server.enqueue(completed().setSocketPolicy(SocketPolicy.NO_RESPONSE));
    CompletableFuture<TaskResult> future = nanoBanana.generateAsync(CAT);
    server.takeRequest();
    server.takeRequest();

    future.cancel(true);
    nanoBanana.close();

    assertThat(server.getRequestCount()).isEqualTo(2);
  }

  @Test
  void aModelAndAFieldThatNobodyKnowsGoOverTheWireAsGiven() throws Exception {
    server.enqueue(created());
    GenerateImageRequest request =
        CAT.toBuilder()
            .model(new Model("not-in-the-spec"))
            .aspectRatio(AspectRatio.RATIO_1_8)
            .additionalProperty("seed", 7)
            .build();

    nanoBanana.submit(request);

    assertThat(server.takeRequest().getBody().readUtf8())
        .isEqualTo(
            "{\"prompt\":\"A cat\",\"action\":\"generate\",\"aspect_ratio\":\"1:8\","
                + "\"model\":\"not-in-the-spec\",\"seed\":7}");
  }

  @Test
  void anImageGoesThroughARequestHandlerAsBytes() throws Exception {
    server.enqueue(new MockResponse().setBody(new Buffer().write(PNG)));
    TaskResult result =
        TaskResult.fromJson(
            "{\"taskId\": \"t1\", \"status\": \"completed\", \"result\": {\"imageUrls\": [\""
                + server.url("/1.png")
                + "\"]}}");
    HttpServer web =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    web.createContext(
        "/cat",
        exchange -> {
          Image image = nanoBanana.download(result).get(0);
          exchange.getResponseHeaders().set("Content-Type", image.mediaType());
          exchange.sendResponseHeaders(200, image.bytes().length);
          image.writeTo(exchange.getResponseBody());
          exchange.close();
        });
    web.start();
    try {
      URI url = URI.create("http://127.0.0.1:" + web.getAddress().getPort() + "/cat");
      HttpResponse<byte[]> response =
          HttpClient.newHttpClient()
              .send(HttpRequest.newBuilder(url).build(), HttpResponse.BodyHandlers.ofByteArray());

      assertThat(response.headers().firstValue("Content-Type")).contains("image/png");
      assertThat(response.body()).isEqualTo(PNG.toByteArray());
    } finally {
      web.stop(0);
    }
  }

  @Test
  void aDerivedClientSharesConnectionsAndIsClosedOnItsOwn() throws Exception {
    server.enqueue(created());
    server.enqueue(created());
    server.enqueue(created());
    try (NanoBanana derived = nanoBanana.newBuilder().header("X-Team", "cats").build()) {
      nanoBanana.submit(CAT);
      derived.submit(CAT);
    }

    assertThat(server.takeRequest().getHeader("X-Team")).isNull();
    assertThat(server.takeRequest())
        .satisfies(
            second -> {
              assertThat(second.getHeader("X-Team")).isEqualTo("cats");
              assertThat(second.getSequenceNumber()).as("on the same connection").isEqualTo(1);
            });
    assertThat(nanoBanana.submit(CAT)).isEqualTo("t1");
  }

  @Test
  void theClientsOwnOkHttpClientCanBeConfigured() throws Exception {
    server.enqueue(created());
    try (NanoBanana configured =
        nanoBanana
            .newBuilder()
            .configureOkHttp(
                okHttp ->
                    okHttp.addInterceptor(
                        chain ->
                            chain.proceed(
                                chain.request().newBuilder().header("X-Own", "1").build())))
            .build()) {
      configured.submit(CAT);
    }

    assertThat(server.takeRequest().getHeader("X-Own")).isEqualTo("1");
  }

  @Test
  void anExceptionStillSaysEverythingAfterItWasSerialized() throws Exception {
    Headers headers = Headers.of("Retry-After", "5", "X-Trace", "7");
    ServiceResponse response =
        new ServiceResponse(429, headers, "{\"message\": \"slow\", \"traceId\": \"x\"}");
    TaskResult result =
        TaskResult.fromJson("{\"taskId\": \"t1\", \"status\": \"failed\", \"seed\": [1.5]}");

    RateLimitedException limited =
        serialized(new RateLimitedException("Slow down", "t1", response, null));
    TaskFailedException failed = serialized(new TaskFailedException("Failed", result));
    InvalidRequestException invalid =
        serialized(
            new InvalidRequestException(
                RequestRules.check(GenerateImageRequest.builder(" ", Action.EDIT).build())));
    OutcomeUnknownException unknown =
        serialized(new OutcomeUnknownException("Lost", null, Instant.EPOCH, null, null));

    assertThat(limited.response().headers()).isEqualTo(headers);
    assertThat(limited.serviceMessage()).isEqualTo("slow");
    assertThat(limited.traceId()).isEqualTo("x");
    assertThat(failed.result()).isEqualTo(result);
    assertThat(invalid.violations()).hasSize(2);
    assertThat(unknown.submittedAt()).isEqualTo(Instant.EPOCH);
  }

  @SuppressWarnings("unchecked")
  private static <E extends Exception> E serialized(E exception) throws Exception {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
      out.writeObject(exception);
    }
    try (ObjectInputStream in =
        new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray()))) {
      return (E) in.readObject();
    }
  }

  private TaskResult generate(WaitOptions options, boolean async) throws Exception {
    if (!async) {
      return nanoBanana.generate(CAT, options);
    }
    try {
      return nanoBanana.generateAsync(CAT, options).get(10, TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      throw catchThrowable(
                  () -> {
                    throw e.getCause();
                  })
              instanceof Exception exception
          ? exception
          : e;
    }
  }

  private static MockResponse created() {
    return new MockResponse().setResponseCode(201).setBody("{\"taskId\": \"t1\"}");
  }

  private static MockResponse completed() {
    return new MockResponse()
        .setBody(
            "{\"taskId\": \"t1\", \"status\": \"completed\","
                + " \"result\": {\"imageUrls\": [\"https://cdn.example.com/1.png\"]}}");
  }
}
