package ai.mountsea.nanobanana;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import ai.mountsea.nanobanana.api.Action;
import ai.mountsea.nanobanana.api.GenerateImageRequest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.Charset;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import okhttp3.Call;
import okhttp3.EventListener;
import okhttp3.Interceptor;
import okhttp3.MediaType;
import okhttp3.OkHttpClient;
import okhttp3.Protocol;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;
import okhttp3.ResponseBody;
import okhttp3.logging.HttpLoggingInterceptor;
import okhttp3.mockwebserver.Dispatcher;
import okhttp3.mockwebserver.MockResponse;
import okhttp3.mockwebserver.MockWebServer;
import okhttp3.mockwebserver.RecordedRequest;
import okhttp3.mockwebserver.SocketPolicy;
import okio.Buffer;
import okio.BufferedSink;
import okio.BufferedSource;
import okio.GzipSink;
import okio.Okio;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever interceptors of the user's do: nothing is paid for twice, and no failure lies. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class InterceptorsTest {
  private static final GenerateImageRequest CAT =
      GenerateImageRequest.builder("A cat", Action.GENERATE).build();
  private static final MockResponse CREATED = json(201, "{\"taskId\":\"t1\"}");

  private final MockWebServer server = new MockWebServer();
  private final AtomicInteger posts = new AtomicInteger();
  private final OkHttpClient other = new OkHttpClient();
  private volatile MockResponse answer = CREATED;
  private volatile String received = "";

  @BeforeEach
  void startServer() throws IOException {
    server.setDispatcher(
        new Dispatcher() {
          @Override
          public MockResponse dispatch(RecordedRequest request) {
            posts.incrementAndGet();
            received = request.getBody().readUtf8();
            return answer;
          }
        });
    server.start();
  }

  @AfterEach
  void shutDownServer() throws IOException {
    server.shutdown();
    other.connectionPool().evictAll();
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aRequestThatIsSentByOtherMeansIsOfUnknownOutcomeWhenTheInterceptorThrows(boolean async) {
    Interceptor interceptor =
        chain -> {
          other.newCall(chain.request()).execute().close();
          throw new ConnectException("Made up");
        };

    try (NanoBanana nanoBanana = client(with(interceptor))) {
      assertThatThrownBy(() -> submit(nanoBanana, async))
          .isInstanceOf(OutcomeUnknownException.class)
          .hasMessage(
              "An interceptor read the request and didn't pass it on, so whether it was sent is not"
                  + " known: java.net.ConnectException: Made up. A task may exist and be billed, so"
                  + " look for it before you submit again.");
    }
    assertThat(posts).hasValue(1);
  }

  @ParameterizedTest
  @ValueSource(ints = {429, 400, 401, 500, 302})
  void aRequestThatIsSentByOtherMeansIsOfUnknownOutcomeWhenTheInterceptorAnswers(int status) {
    Interceptor interceptor =
        chain -> {
          other.newCall(chain.request()).execute().close();
          return madeUp(chain.request(), status);
        };

    try (NanoBanana nanoBanana = client(with(interceptor))) {
      assertThatThrownBy(() -> nanoBanana.submit(CAT))
          .isInstanceOf(OutcomeUnknownException.class)
          .hasMessageStartingWith(
              "An interceptor answered POST " + server.url("/gemini/image/generate"));
    }
    assertThat(posts).hasValue(1);
  }

  @ParameterizedTest
  @ValueSource(ints = {429, 400, 401, 500, 302, 204})
  void theIdThatTheServiceAnsweredOutranksWhatAnInterceptorMakesOfIt(int status) {
    Interceptor interceptor =
        chain -> {
          chain.proceed(chain.request()).close();
          return madeUp(chain.request(), status);
        };

    try (NanoBanana nanoBanana = client(with(interceptor))) {
      assertThat(nanoBanana.submit(CAT)).isEqualTo("t1");
    }
    assertThat(posts).hasValue(1);
  }

  @ParameterizedTest
  @ValueSource(ints = {429, 400, 401})
  void whatANetworkInterceptorMakesOfAnAnswerIsNoRefusal(int status) {
    Interceptor interceptor =
        chain -> chain.proceed(chain.request()).newBuilder().code(status).build();

    try (NanoBanana nanoBanana = client(builder -> builder.addNetworkInterceptor(interceptor))) {
      assertThatThrownBy(() -> nanoBanana.submit(CAT))
          .isInstanceOf(OutcomeUnknownException.class)
          .extracting(e -> ((NanoBananaException) e).taskId())
          .isEqualTo("t1");
    }
    assertThat(posts).hasValue(1);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aNetworkInterceptorThatReplacesTheBodyChangesNothing(boolean isLengthWrong) {
    RequestBody replaced =
        new RequestBody() {
          @Override
          public MediaType contentType() {
            return MediaType.get("application/json");
          }

          @Override
          public long contentLength() {
            return CAT.toJson().length() + (isLengthWrong ? 1 : 0);
          }

          @Override
          public void writeTo(BufferedSink sink) throws IOException {
            sink.writeUtf8(CAT.toJson());
          }
        };
    Interceptor interceptor =
        chain -> chain.proceed(chain.request().newBuilder().post(replaced).build());
    answer = json(503, "{}").setHeader("Retry-After", "0");

    try (NanoBanana nanoBanana = client(builder -> builder.addNetworkInterceptor(interceptor))) {
      assertThatThrownBy(() -> nanoBanana.submit(CAT)).isInstanceOf(OutcomeUnknownException.class);
    }
    assertThat(posts.get()).isLessThanOrEqualTo(1);
  }

  @Test
  void bodiesMayBeWrappedOnTheWayToTheNetwork() {
    Interceptor progress =
        chain -> {
          RequestBody body = chain.request().body();
          RequestBody wrapped =
              new RequestBody() {
                @Override
                public MediaType contentType() {
                  return body.contentType();
                }

                @Override
                public long contentLength() throws IOException {
                  return body.contentLength();
                }

                @Override
                public void writeTo(BufferedSink sink) throws IOException {
                  body.writeTo(sink);
                }
              };
          return chain.proceed(chain.request().newBuilder().post(wrapped).build());
        };

    try (NanoBanana nanoBanana =
        client(builder -> builder.addInterceptor(progress).addNetworkInterceptor(progress))) {
      assertThat(nanoBanana.submit(CAT)).isEqualTo("t1");
    }
    assertThat(received).isEqualTo(CAT.toJson());
  }

  @Test
  void bodiesMayBeCompressedOnTheWayToTheNetwork() {
    Interceptor gzip =
        chain -> {
          RequestBody body = chain.request().body();
          RequestBody compressed =
              new RequestBody() {
                @Override
                public MediaType contentType() {
                  return body.contentType();
                }

                @Override
                public void writeTo(BufferedSink sink) throws IOException {
                  try (BufferedSink gzipped = Okio.buffer(new GzipSink(sink))) {
                    body.writeTo(gzipped);
                  }
                }
              };
          return chain.proceed(
              chain
                  .request()
                  .newBuilder()
                  .header("Content-Encoding", "gzip")
                  .post(compressed)
                  .build());
        };

    try (NanoBanana nanoBanana = client(with(gzip))) {
      assertThat(nanoBanana.submit(CAT)).isEqualTo("t1");
    }
    assertThat(posts).hasValue(1);
  }

  @Test
  void aLoggerMayReadTheBodyAndARefusedConnectionIsStillNotSent() throws IOException {
    server.shutdown();
    StringBuilder log = new StringBuilder();
    HttpLoggingInterceptor logger = new HttpLoggingInterceptor(log::append);
    logger.setLevel(HttpLoggingInterceptor.Level.BODY);

    try (NanoBanana nanoBanana =
        client(builder -> builder.addInterceptor(logger).addNetworkInterceptor(logger))) {
      assertThatThrownBy(() -> nanoBanana.submit(CAT)).isInstanceOf(NotSentException.class);
    }
    assertThat(log).contains(CAT.toJson());
  }

  @Test
  void aNetworkInterceptorThatReadsTheBodyAndThrowsMayHaveSentIt() {
    Interceptor interceptor =
        chain -> {
          chain.request().body().writeTo(new Buffer());
          throw new IOException("Made up");
        };

    try (NanoBanana nanoBanana = client(builder -> builder.addNetworkInterceptor(interceptor))) {
      assertThatThrownBy(() -> nanoBanana.submit(CAT)).isInstanceOf(OutcomeUnknownException.class);
    }
  }

  @Test
  void anInterceptorThatAnswersInPlaceOfTheServiceIsBelieved() {
    AtomicInteger asked = new AtomicInteger();
    Interceptor limiter =
        chain -> {
          asked.incrementAndGet();
          return madeUp(chain.request(), 429);
        };

    try (NanoBanana nanoBanana = client(with(limiter))) {
      assertThatThrownBy(() -> nanoBanana.submit(CAT)).isInstanceOf(RateLimitedException.class);
    }
    assertThat(asked).hasValue(3);
    assertThat(posts).hasValue(0);
  }

  @ParameterizedTest
  @ValueSource(ints = {408, 499})
  void aProxyThatGaveUpIsNoRefusal(int status) {
    answer = json(status, "{}");

    try (NanoBanana nanoBanana = client(builder -> {})) {
      assertThatThrownBy(() -> nanoBanana.submit(CAT)).isInstanceOf(OutcomeUnknownException.class);
    }
    assertThat(posts).hasValue(1);
  }

  @ParameterizedTest
  @ValueSource(ints = {409, 429, 400, 500})
  void anErrorThatNamesATaskIsNoRefusal(int status) {
    answer = json(status, "{\"message\":\"Exists\",\"data\":{\"task_id\":\"t9\"}}");

    try (NanoBanana nanoBanana = client(builder -> {})) {
      assertThatThrownBy(() -> nanoBanana.submit(CAT))
          .isInstanceOf(OutcomeUnknownException.class)
          .hasMessageContaining(", which names task t9. A task may exist")
          .extracting(e -> ((NanoBananaException) e).taskId())
          .isEqualTo("t9");
    }
    assertThat(posts).hasValue(1);
  }

  @ParameterizedTest
  @CsvSource({
    "; charset=utf-16, UTF-16, ''",
    "; charset=utf-16le, UTF-16LE, ''",
    "; charset=UTF-32BE, UTF-32BE, ''",
    "; charset=iso-8859-1, ISO-8859-1, ''",
    "; charset=nonsense, UTF-8, ''",
    "; charset=utf-8, UTF-8, '\ufeff'",
    "'', UTF-8, '\ufeff'",
    "'', UTF-16LE, '\ufeff'",
    "'', UTF-16BE, '\ufeff'",
    "'', UTF-16LE, ''",
    "'', UTF-16BE, ''"
  })
  void anIdInWhateverEncodingIsNotLost(String declared, String charset, String mark) {
    String body = mark + "{\"taskId\":\"t\u00e9\"}";
    answer =
        new MockResponse()
            .setResponseCode(201)
            .setHeader("Content-Type", "application/json" + declared)
            .setBody(new Buffer().writeString(body, Charset.forName(charset)));

    try (NanoBanana nanoBanana = client(builder -> {})) {
      assertThat(nanoBanana.submit(CAT)).isEqualTo("t\u00e9");
    }
  }

  @Test
  void anIdSpelledAnotherWayIsNotLost() {
    answer = json(201, "{\"Task_ID\":\"t1\"}");

    try (NanoBanana nanoBanana = client(builder -> {})) {
      assertThat(nanoBanana.submit(CAT)).isEqualTo("t1");
    }
  }

  @Test
  void aResponseThatIsNotWholeSaysSo() {
    answer = json(201, "{\"x\":\"" + "y".repeat(1 << 20) + "\",\"taskId\":\"t1\"}");
    try (NanoBanana nanoBanana = client(builder -> {})) {
      assertThatThrownBy(() -> nanoBanana.submit(CAT))
          .hasMessageContaining(", of which only the first MiB was read. A task may exist");

      answer = json(201, "This is no gzip at all").setHeader("Content-Encoding", "gzip");
      assertThatThrownBy(() -> nanoBanana.submit(CAT))
          .hasMessageContaining(
              "and an empty body, and it broke off: java.io.IOException: ID1ID2:");
    }
  }

  @Test
  void anEventListenerThatThrowsWhenTheResponseHasComeLosesNoId() {
    try (NanoBanana nanoBanana =
        client(
            builder ->
                builder.eventListener(
                    new EventListener() {
                      @Override
                      public void responseBodyEnd(Call call, long byteCount) {
                        throw new IllegalStateException("Made up");
                      }
                    }))) {
      assertThat(nanoBanana.submit(CAT)).isEqualTo("t1");
    }
  }

  @Test
  void theKeyInTheNameOfAHeaderIsNotShown() {
    answer = json(400, "{}").addHeader("x-SK-INTERCEPTED", "sk-intercepted");

    try (NanoBanana nanoBanana = client(builder -> {})) {
      RefusedException e =
          catchThrowableOfType(RefusedException.class, () -> nanoBanana.submit(CAT));
      assertThat(e.response().headers().toString()).doesNotContainIgnoringCase("sk-intercepted");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {":no name", "a name: x", "na\u0007me: x", "no colon"})
  void aHeaderThatHttpDoesNotAllowHidesNothing(String header) throws Exception {
    try (ServerSocket raw = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        NanoBanana nanoBanana =
            NanoBanana.builder()
                .apiKey("sk-intercepted")
                .baseUrl("http://127.0.0.1:" + raw.getLocalPort())
                .build()) {
      Thread service = new Thread(() -> answerWith(raw, header));
      service.start();

      for (boolean async : List.of(false, true)) {
        assertThatThrownBy(() -> submit(nanoBanana, async))
            .isInstanceOf(RefusedException.class)
            .hasMessageContaining("HTTP 400: No")
            .satisfies(e -> assertThat(((RefusedException) e).response().headers()).isNotNull());
      }
      service.join();
    }
  }

  /** Answers two connections. */
  private static void answerWith(ServerSocket server, String header) {
    for (int i = 0; i < 2; i++) {
      try (Socket socket = server.accept()) {
        BufferedSource in = Okio.buffer(Okio.source(socket));
        for (String line = in.readUtf8LineStrict(); !line.isEmpty(); ) {
          line = in.readUtf8LineStrict();
        }
        BufferedSink out = Okio.buffer(Okio.sink(socket));
        out.writeUtf8("HTTP/1.1 400 No\r\n" + header + "\r\nContent-Length: 16\r\n");
        out.writeUtf8("Connection: close\r\n\r\n{\"message\":\"No\"}").flush();
        socket.shutdownOutput();
        while (!in.exhausted()) { // Or the reply may be lost with a reset.
          in.skip(1);
        }
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  @Test
  void nothingIsSentByTheGeneratedInterfaceAfterClose() throws IOException {
    NanoBanana nanoBanana = client(builder -> {});
    retrofit2.Call<?> before = nanoBanana.api().generateImage(CAT);
    nanoBanana.close();

    assertThatThrownBy(before::execute).hasMessage("This NanoBanana is closed");
    assertThatThrownBy(() -> nanoBanana.api().generateImage(CAT).execute())
        .hasMessage("This NanoBanana is closed");
    assertThatThrownBy(() -> nanoBanana.api().getTaskResult("t1").execute())
        .hasMessage("This NanoBanana is closed");
    assertThat(posts).hasValue(0);
  }

  @Test
  void theConnectionBreaksAndNoInterceptorCanSendAgain() {
    answer = new MockResponse().setSocketPolicy(SocketPolicy.DISCONNECT_AFTER_REQUEST);
    Interceptor stubborn =
        chain -> {
          for (int i = 0; i < 4; i++) {
            try {
              return chain.proceed(chain.request());
            } catch (IOException e) {
              // Again.
            }
          }
          throw new ConnectException("Made up");
        };

    try (NanoBanana nanoBanana =
        client(builder -> builder.addInterceptor(stubborn).retryOnConnectionFailure(true))) {
      assertThatThrownBy(() -> nanoBanana.submit(CAT)).isInstanceOf(OutcomeUnknownException.class);
    }
    assertThat(posts).hasValue(1);
  }

  private static String submit(NanoBanana nanoBanana, boolean async) {
    if (!async) {
      return nanoBanana.submit(CAT);
    }
    try {
      return nanoBanana.submitAsync(CAT).join();
    } catch (CompletionException e) {
      throw (NanoBananaException) e.getCause();
    }
  }

  private NanoBanana client(Consumer<OkHttpClient.Builder> configuration) {
    return NanoBanana.builder()
        .apiKey("sk-intercepted")
        .baseUrl(server.url("/").toString())
        .configureOkHttp(configuration)
        .retryPolicy(RetryPolicy.DEFAULT.withBaseDelay(Duration.ZERO))
        .build();
  }

  private static Consumer<OkHttpClient.Builder> with(Interceptor interceptor) {
    return builder -> builder.addInterceptor(interceptor);
  }

  private static Response madeUp(Request request, int status) {
    return new Response.Builder()
        .request(request)
        .protocol(Protocol.HTTP_1_1)
        .code(status)
        .message("Made up")
        .body(ResponseBody.create("", null))
        .build();
  }

  private static MockResponse json(int status, String body) {
    return new MockResponse()
        .setResponseCode(status)
        .setHeader("Content-Type", "application/json")
        .setBody(body);
  }
}
