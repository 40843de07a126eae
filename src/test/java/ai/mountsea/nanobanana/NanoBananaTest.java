package ai.mountsea.nanobanana;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.mountsea.nanobanana.api.Action;
import ai.mountsea.nanobanana.api.AspectRatio;
import ai.mountsea.nanobanana.api.GenerateImageRequest;
import ai.mountsea.nanobanana.api.ImageResult;
import ai.mountsea.nanobanana.api.Model;
import ai.mountsea.nanobanana.api.NanoBananaApi;
import ai.mountsea.nanobanana.api.Resolution;
import ai.mountsea.nanobanana.api.TaskResult;
import ai.mountsea.nanobanana.api.TaskStatus;
import com.squareup.moshi.Moshi;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.SocketTimeoutException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import okhttp3.HttpUrl;
import okhttp3.OkHttpClient;
import okhttp3.mockwebserver.MockResponse;
import okhttp3.mockwebserver.MockWebServer;
import okhttp3.mockwebserver.RecordedRequest;
import okhttp3.mockwebserver.SocketPolicy;
import okio.Buffer;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class NanoBananaTest {
  private static final String KEY = "sk-secret-1234567890";

  /** The page's own request, less its resolution. */
  private static final GenerateImageRequest PAGE_REQUEST =
      GenerateImageRequest.builder(
              "A fluffy orange cat running through a sunny meadow", Action.GENERATE)
          .numImages(1)
          .imageUrls(List.of("https://example.com/image1.jpg", "https://example.com/image2.jpg"))
          .aspectRatio(AspectRatio.RATIO_1_1)
          .model(Model.NANO_BANANA_FAST)
          .build();

  private final MockWebServer server = new MockWebServer();
  private NanoBanana nanoBanana;

  @BeforeEach
  void start() throws IOException {
    server.start();
    nanoBanana = client().build();
  }

  @AfterEach
  void stop() throws IOException {
    nanoBanana.close();
    server.close();
  }

  @Test
  void thePagesRequestGoesOutAsThePageHasIt() throws Exception {
    server.enqueue(created("t1"));

    assertThat(nanoBanana.submit(PAGE_REQUEST)).isEqualTo("t1");

    RecordedRequest sent = server.takeRequest();
    assertThat(sent.getRequestLine()).isEqualTo("POST /gemini/image/generate HTTP/1.1");
    assertThat(sent.getHeader("Authorization")).isEqualTo("Bearer " + KEY);
    assertThat(sent.getHeader("Content-Type")).startsWith("application/json");
    assertThat(json(sent.getBody().readUtf8()))
        .isEqualTo(
            json(
                """
                {
                  "prompt": "A fluffy orange cat running through a sunny meadow",
                  "action": "generate",
                  "num_images": 1,
                  "image_urls": [
                    "https://example.com/image1.jpg",
                    "https://example.com/image2.jpg"
                  ],
                  "aspect_ratio": "1:1",
                  "model": "nano-banana-fast"
                }
                """));
  }

  @Test
  void thePagesRequestAsItStandsIsRefusedBeforeAnythingIsSent() {
    GenerateImageRequest request = PAGE_REQUEST.toBuilder().resolution(Resolution.ONE_K).build();

    assertThatThrownBy(() -> nanoBanana.submit(request))
        .isInstanceOf(InvalidRequestException.class)
        .hasMessage(
            "Invalid request, nothing was sent. " + RequestRules.check(request).get(0).message());
    assertThat(server.getRequestCount()).isZero();
  }

  @Test
  void anEditWithoutImagesIsRefusedBeforeAnythingIsSent() {
    GenerateImageRequest request = GenerateImageRequest.builder("Bluer", Action.EDIT).build();

    assertThatThrownBy(() -> nanoBanana.submit(request))
        .isInstanceOf(InvalidRequestException.class);
    assertThatThrownBy(() -> nanoBanana.submitAsync(request))
        .isInstanceOf(InvalidRequestException.class);
    assertThat(server.getRequestCount()).isZero();
  }

  @Test
  void theGeneratedInterfaceSendsWhatTheRulesRefuse() throws Exception {
    server.enqueue(created("t1"));
    GenerateImageRequest request = PAGE_REQUEST.toBuilder().resolution(Resolution.ONE_K).build();

    assertThat(nanoBanana.api().generateImage(request).execute().body().taskId()).isEqualTo("t1");

    RecordedRequest sent = server.takeRequest();
    assertThat(json(sent.getBody().readUtf8())).containsEntry("resolution", "1K");
    assertThat(sent.getHeader("Authorization")).isEqualTo("Bearer " + KEY);
  }

  @Test
  void everyCallSaysWhichLibraryMakesIt(@TempDir Path folder) throws Exception {
    server.enqueue(created("t1"));
    server.enqueue(new MockResponse().setBody("{\"taskId\": \"t1\", \"status\": \"processing\"}"));
    server.enqueue(new MockResponse().setBody(png()));

    nanoBanana.submit(PAGE_REQUEST);
    nanoBanana.result("t1");
    nanoBanana.save(completed("t1", server.url("/1.png").toString()), folder);

    for (int call = 1; call <= 3; call++) {
      assertThat(server.takeRequest().getHeader("User-Agent")).matches("nano-banana-java/[0-9].*");
    }
  }

  @Test
  void aResultIsAskedForByItsTaskIdWhateverItLooksLike() throws Exception {
    server.enqueue(
        new MockResponse().setBody("{\"taskId\": \"a b&c=猫\", \"status\": \"processing\"}"));

    TaskResult result = nanoBanana.result("a b&c=猫");

    assertThat(result.status()).isEqualTo(TaskStatus.PROCESSING);
    assertThat(server.takeRequest().getRequestUrl().queryParameter("taskId")).isEqualTo("a b&c=猫");
  }

  @Test
  void theKeyIsNotSentToTheHostOfAnImage(@TempDir Path folder) throws Exception {
    try (MockWebServer images = new MockWebServer()) {
      images.enqueue(new MockResponse().setBody(png()));
      TaskResult result = completed("t1", images.url("/1.png").toString());

      assertThat(nanoBanana.save(result, folder)).containsExactly(folder.resolve("t1-1.png"));

      assertThat(images.takeRequest().getHeaders().toString())
          .doesNotContain(KEY)
          .doesNotContain("Authorization");
    }
  }

  @Test
  void theKeyIsNotSentWhereTheServiceRedirects() throws Exception {
    try (MockWebServer other = new MockWebServer()) {
      HttpUrl location = other.url("/gemini/task/result?taskId=t1");
      server.enqueue(new MockResponse().setResponseCode(302).setHeader("Location", location));

      assertThatThrownBy(() -> nanoBanana.result("t1"))
          .isInstanceOf(ResultNotUnderstoodException.class)
          .hasMessage(
              "The result of task t1 was not read: GET "
                  + server.url("/gemini/task/result")
                  + " was answered with HTTP 302 to "
                  + location
                  + ". Check the base URL.");

      assertThat(other.getRequestCount()).isZero();
    }
  }

  @Test
  void theKeyIsInNoMessageEvenIfTheServiceEchoesIt() {
    server.enqueue(
        new MockResponse()
            .setResponseCode(401)
            .setBody("{\"message\": \"Bad token Bearer " + KEY + "\"}"));

    assertThatThrownBy(() -> nanoBanana.submit(PAGE_REQUEST))
        .isInstanceOfSatisfying(
            UnauthorizedException.class,
            e -> {
              assertThat(e)
                  .hasMessage(
                      "The service refused the API key, no task was created (POST "
                          + server.url("/gemini/image/generate")
                          + ": HTTP 401: Bad token Bearer [API key]). Check that the key is right"
                          + " and may be used for this.");
              assertThat(e.response().body()).doesNotContain(KEY);
            });
    assertThat(nanoBanana.toString()).doesNotContain(KEY);
  }

  @Test
  void theKeyIsInNoMessageEvenIfTheServiceRedirectsToIt() {
    server.enqueue(
        new MockResponse().setResponseCode(302).setHeader("Location", "/login?token=" + KEY));

    assertThatThrownBy(() -> nanoBanana.result("t1"))
        .hasMessage(
            "The result of task t1 was not read: GET "
                + server.url("/gemini/task/result")
                + " was answered with HTTP 302 to /login?token=[API key]. Check the base URL.");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "sk-SECRET/+\"123",
        "sk-SECRET\\/+\\\"123",
        "\\u0073k-SECRET/\\u002B\\u0022123",
        "sk-SECRET\\u002f\\u002b\\u0022123"
      })
  void theKeyIsInNoMessageHoweverJsonHasEscapedIt(String echoed) {
    String inJson = echoed.contains("\\") ? echoed : echoed.replace("\"", "\\\"");
    try (NanoBanana secret = client().apiKey("sk-SECRET/+\"123").build()) {
      server.enqueue(
          new MockResponse().setResponseCode(401).setBody("{\"message\": \"No " + inJson + "!\"}"));
      assertThatThrownBy(() -> secret.submit(PAGE_REQUEST))
          .isInstanceOfSatisfying(
              UnauthorizedException.class,
              e -> {
                assertThat(e).hasMessageContaining("HTTP 401: No [API key]!");
                assertThat(e.response().body()).isEqualTo("{\"message\": \"No [API key]!\"}");
              });

      server.enqueue(
          new MockResponse()
              .setBody(
                  "{\"taskId\": \"t1\", \"status\": \"failed\", \"errorMessage\": \"No "
                      + inJson
                      + "!\"}"));
      assertThatThrownBy(() -> secret.await("t1"))
          .hasMessage("Task t1 did not succeed; its status is failed: No [API key]!.");
    }
  }

  @Test
  void aThreadThatIsInterruptedAlreadySendsNothing() {
    server.enqueue(created("t1"));
    nanoBanana.submit(PAGE_REQUEST);

    Thread.currentThread().interrupt();
    assertThatThrownBy(() -> nanoBanana.submit(PAGE_REQUEST)).isInstanceOf(NotSentException.class);

    assertThat(Thread.interrupted()).as("the interrupt flag is kept").isTrue();
    assertThat(server.getRequestCount()).isEqualTo(1);
  }

  @Test
  void theEnvironmentSaysWhereAndWithWhichKey() throws Exception {
    server.enqueue(created("t1"));
    Map<String, String> environment =
        Map.of(
            "MOUNTSEA_API_KEY",
            " " + KEY + "\n",
            "MOUNTSEA_BASE_URL",
            server.url("/proxy/v1").toString());

    try (NanoBanana fromEnv = NanoBanana.fromEnv(environment)) {
      fromEnv.submit(PAGE_REQUEST);
    }

    RecordedRequest sent = server.takeRequest();
    assertThat(sent.getPath()).isEqualTo("/proxy/v1/gemini/image/generate");
    assertThat(sent.getHeader("Authorization")).isEqualTo("Bearer " + KEY);
  }

  @Test
  void aMissingKeyIsOneClearSentence() {
    assertThatThrownBy(() -> NanoBanana.fromEnv(Map.of("MOUNTSEA_API_KEY", " ")))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("Set the environment variable MOUNTSEA_API_KEY to your Mountsea API key.");
    assertThatThrownBy(() -> NanoBanana.builder().build())
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("Set the API key: NanoBanana.builder().apiKey(...)");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", " ", "\"sk-1\"", "'sk-1'", "Bearer sk-1", "sk-\u00e9", "sk 1", "sk-1\nsk-2"})
  void aKeyThatCannotBeRightIsRefusedWithoutBeingShown(String key) {
    assertThatThrownBy(() -> NanoBanana.builder().apiKey(key))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageNotContaining("sk");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "api.mountsea.ai",
        "ftp://api.mountsea.ai",
        "https://",
        "https://u:p@api.mountsea.ai",
        "https://api.mountsea.ai?x=1",
        "https://api.mountsea.ai#x"
      })
  void aBaseUrlThatCannotBeRightIsRefused(String baseUrl) {
    assertThatThrownBy(() -> NanoBanana.builder().baseUrl(baseUrl))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("The base URL ")
        .hasMessageEndingWith(" " + NanoBananaApi.BASE_URL)
        .hasMessageNotContaining("u:p");
  }

  @Test
  void anOkHttpClientOfYourOwnIsUsedAndLeftOpen() throws Exception {
    server.enqueue(created("t1"));
    OkHttpClient own =
        new OkHttpClient.Builder()
            .addInterceptor(
                chain -> chain.proceed(chain.request().newBuilder().header("X-Own", "1").build()))
            .build();

    try (NanoBanana withOwn = client().okHttpClient(own).build()) {
      withOwn.submit(PAGE_REQUEST);
    }

    assertThat(server.takeRequest().getHeader("X-Own")).isEqualTo("1");
    assertThat(own.dispatcher().executorService().isShutdown()).isFalse();
  }

  @Test
  void aCallHasAMinuteUnlessItsLimitIsSet() {
    assertThat(nanoBanana.api().getTaskResult("t1").timeout().timeoutNanos())
        .isEqualTo(Duration.ofMinutes(1).toNanos());
  }

  @Test
  void theLimitOfACallEndsOneWhoseReplyTricklesInToo() {
    server.enqueue(created("t1").throttleBody(1, 100, TimeUnit.MILLISECONDS));

    try (NanoBanana limited = client().callTimeout(Duration.ofMillis(300)).build()) {
      assertThatThrownBy(() -> limited.submit(PAGE_REQUEST))
          .isInstanceOf(OutcomeUnknownException.class)
          .hasMessage(
              "The request was sent, but how the service answered is not known:"
                  + " java.io.InterruptedIOException: timeout. A task may exist and be billed, so look for it before you submit"
                  + " again.");
    }
  }

  @Test
  @Timeout(30)
  void theLimitOfACallEndsAHandshakeThatStandsStill() throws IOException {
    try (ServerSocket silent = new ServerSocket(0);
        NanoBanana limited =
            client()
                .baseUrl("https://localhost:" + silent.getLocalPort())
                .callTimeout(Duration.ofMillis(300))
                .retryPolicy(RetryPolicy.NEVER)
                .build()) {
      assertThatThrownBy(() -> limited.submit(PAGE_REQUEST)).isInstanceOf(NotSentException.class);
    }
  }

  @Test
  @Timeout(30)
  void aShorterLimitOnReadsInYourOwnOkHttpClientStays() {
    server.enqueue(new MockResponse().setSocketPolicy(SocketPolicy.NO_RESPONSE));
    OkHttpClient own =
        new OkHttpClient.Builder()
            .callTimeout(Duration.ofMinutes(1))
            .readTimeout(Duration.ofMillis(200))
            .build();

    try (NanoBanana withOwn = client().okHttpClient(own).build()) {
      assertThatThrownBy(() -> withOwn.submit(PAGE_REQUEST))
          .isInstanceOf(OutcomeUnknownException.class)
          .hasCauseInstanceOf(SocketTimeoutException.class);
    }
  }

  @Test
  void aClosedClientSaysSo() {
    nanoBanana.close();

    assertThatThrownBy(() -> nanoBanana.submit(PAGE_REQUEST))
        .isInstanceOf(NotSentException.class)
        .hasMessage("The request was not sent, so no task was created: The client was closed");
    assertThatThrownBy(() -> nanoBanana.submitAsync(PAGE_REQUEST).get(10, TimeUnit.SECONDS))
        .hasCauseInstanceOf(NotSentException.class);
    assertThatThrownBy(() -> nanoBanana.await("t1")).isInstanceOf(TaskNotFinishedException.class);
    assertThatThrownBy(() -> nanoBanana.result("t1"))
        .isInstanceOf(ResultUnavailableException.class);
    assertThat(server.getRequestCount()).isZero();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"authorization", "User-Agent", "Content-Length", "Expect", "Accept-Encoding"})
  void aHeaderThatTheClientSetsItselfIsRefused(String name) {
    assertThatThrownBy(() -> client().header(name, "1"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("The client sets " + name + " itself");
  }

  @Test
  void aTimeoutThatOkHttpCannotCountIsRefused() {
    assertThatThrownBy(() -> client().callTimeout(Duration.ofSeconds(Long.MAX_VALUE, 999_999_999)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("callTimeout must be at most 24 days, or zero for no limit");
    client().callTimeout(Duration.ofDays(24)).build().close();
  }

  @Test
  @SuppressWarnings("NullAway")
  void whatIsNullIsRefusedBeforeAnythingIsSent(@TempDir Path folder) {
    TaskResult result =
        TaskResult.builder("t1", TaskStatus.COMPLETED)
            .result(ImageResult.builder().imageUrls("http://127.0.0.1:1/a.png").build())
            .build();
    try (NanoBanana ofOneCall = client().maxConcurrentCalls(1).build()) {
      Map<String, ThrowingCallable> calls = new TreeMap<>();
      calls.put("generate options", () -> ofOneCall.generate(PAGE_REQUEST, null));
      calls.put("generateAsync options", () -> ofOneCall.generateAsync(PAGE_REQUEST, null));
      calls.put("generateOnce store", () -> ofOneCall.generateOnce("k", PAGE_REQUEST, null));
      calls.put("submit request", () -> ofOneCall.submit(null));
      calls.put("submitOnce store", () -> ofOneCall.submitOnce("k", PAGE_REQUEST, null));
      calls.put("await options", () -> ofOneCall.await("t1", null));
      calls.put("await taskId", () -> ofOneCall.await(null));
      calls.put("awaitAsync options", () -> ofOneCall.awaitAsync("t1", null));
      calls.put("download options", () -> ofOneCall.download(result, null));
      calls.put("downloadAsync options", () -> ofOneCall.downloadAsync(result, null));
      calls.put("save options", () -> ofOneCall.save(result, folder, null));
      calls.put("saveAsync options", () -> ofOneCall.saveAsync(result, folder, null));
      calls.forEach(
          (call, made) ->
              assertThatThrownBy(made)
                  .as(call)
                  .isInstanceOf(NullPointerException.class)
                  .hasMessage(call.substring(call.indexOf(' ') + 1)));

      server.enqueue(new MockResponse().setBody("{\"taskId\":\"t1\",\"status\":\"pending\"}"));
      assertThat(ofOneCall.resultAsync("t1").join().status()).isEqualTo(TaskStatus.PENDING);
      assertThat(server.getRequestCount()).isEqualTo(1);
    }
  }

  private NanoBanana.Builder client() {
    return NanoBanana.builder().apiKey(KEY).baseUrl(server.url("/").toString());
  }

  private static MockResponse created(String taskId) {
    return new MockResponse().setResponseCode(201).setBody("{\"taskId\": \"" + taskId + "\"}");
  }

  private static TaskResult completed(String taskId, String imageUrl) {
    return TaskResult.builder(taskId, TaskStatus.COMPLETED)
        .result(ImageResult.builder().imageUrls(List.of(imageUrl)).build())
        .build();
  }

  private static Buffer png() {
    return new Buffer()
        .write(
            okio.ByteString.decodeHex("89504e470d0a1a0a0000000d494844520000000049454e44ae426082"));
  }

  @SuppressWarnings("unchecked")
  private static Map<String, Object> json(String text) throws IOException {
    return (Map<String, Object>) new Moshi.Builder().build().adapter(Object.class).fromJson(text);
  }
}
