package ai.mountsea.nanobanana.ledger;

import ai.mountsea.nanobanana.NanoBanana;
import ai.mountsea.nanobanana.NanoBananaException;
import ai.mountsea.nanobanana.OutcomeUnknownException;
import ai.mountsea.nanobanana.RetryPolicy;
import ai.mountsea.nanobanana.WaitOptions;
import ai.mountsea.nanobanana.api.Action;
import ai.mountsea.nanobanana.api.GenerateImageRequest;
import ai.mountsea.nanobanana.api.TaskResult;
import ai.mountsea.nanobanana.ledger.Scenario.Call;
import ai.mountsea.nanobanana.ledger.Scenario.Event;
import ai.mountsea.nanobanana.ledger.Scenario.Listener;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import okhttp3.Connection;
import okhttp3.Dispatcher;
import okhttp3.EventListener;
import okhttp3.Interceptor;
import okhttp3.MediaType;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;
import okhttp3.tls.HandshakeCertificates;
import okio.Buffer;
import okio.BufferedSink;
import org.jspecify.annotations.Nullable;

/** The client of a scenario: the library as its users set it up. */
final class Client {
  private static final String THROWN = "Thrown on purpose";

  final NanoBanana nanoBanana;
  private final Scenario scenario;
  private final Consumer<Event> onEvent;
  private final @Nullable OkHttpClient okHttpClient;
  private final AtomicInteger calls = new AtomicInteger();

  /**
   * Makes the client.
   *
   * @param onEvent is told, on the thread of a call, what OkHttp does
   */
  Client(Scenario scenario, String url, Consumer<Event> onEvent) {
    this.scenario = scenario;
    this.onEvent = onEvent;
    NanoBanana.Builder builder =
        NanoBanana.builder()
            .apiKey(scenario.apiKey())
            .baseUrl(url)
            .maxConcurrentCalls(scenario.maxConcurrentCalls())
            .callTimeout(Duration.ofMillis(scenario.callTimeoutMillis()))
            .retryPolicy(
                RetryPolicy.DEFAULT
                    .withMaxAttempts(scenario.maxAttempts())
                    .withBaseDelay(Duration.ofMillis(scenario.baseDelayMillis())));
    if (scenario.okHttp() == Scenario.OkHttp.OF_THE_LIBRARY) {
      okHttpClient = null;
    } else {
      okHttpClient = okHttpClient();
      builder.okHttpClient(okHttpClient);
    }
    nanoBanana = builder.build();
  }

  String submit(Call call) {
    return nanoBanana.submit(request(call));
  }

  CompletableFuture<String> submitAsync(Call call) {
    return nanoBanana.submitAsync(request(call));
  }

  TaskResult await(Call call, String taskId) {
    return nanoBanana.await(taskId, waiting(call));
  }

  CompletableFuture<TaskResult> awaitAsync(Call call, String taskId) {
    return nanoBanana.awaitAsync(taskId, waiting(call));
  }

  /** Whether an exception is one that callers are told of. */
  static boolean isOfTheLibrary(Throwable failure) {
    return failure instanceof NanoBananaException;
  }

  /** Whether an exception says that there is certainly no task. */
  static boolean deniesTask(Throwable failure) {
    return failure instanceof NanoBananaException e && !e.mayTaskExist();
  }

  /** What an exception of a submit has of the service's reply. */
  static String reply(Throwable failure) {
    return failure instanceof OutcomeUnknownException e && e.response() != null
        ? e.response().body()
        : "";
  }

  /** Ends what {@link NanoBanana#close()} leaves to the user; returns what was not given back. */
  @Nullable String shutDown(long patienceMillis) throws InterruptedException {
    if (okHttpClient == null) {
      return null;
    }
    okHttpClient.dispatcher().executorService().shutdown();
    long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(patienceMillis);
    int inUse;
    do {
      inUse =
          okHttpClient.connectionPool().connectionCount()
              - okHttpClient.connectionPool().idleConnectionCount();
      if (inUse == 0) {
        break;
      }
      TimeUnit.MILLISECONDS.sleep(2);
    } while (System.nanoTime() < deadline);
    okHttpClient.connectionPool().evictAll();
    return inUse == 0 ? null : inUse + " connections of the OkHttpClient are still in use";
  }

  private GenerateImageRequest request(Call call) {
    return GenerateImageRequest.builder(
            "call-" + call.number() + "-" + "x".repeat(call.promptLength()), Action.GENERATE)
        .build();
  }

  private WaitOptions waiting(Call call) {
    return WaitOptions.DEFAULT
        .withTimeout(Duration.ofMillis(scenario.waitTimeoutMillis()))
        .withMinDelay(Duration.ofMillis(3))
        .withMaxDelay(Duration.ofMillis(20))
        .withStatusListener(
            task -> {
              if (call.listener() == Listener.THROWS_UNCHECKED) {
                throw new IllegalArgumentException(THROWN);
              }
              if (call.listener() == Listener.THROWS_CHECKED) {
                throw Client.<RuntimeException>unchecked(new Exception(THROWN));
              }
            });
  }

  private OkHttpClient okHttpClient() {
    Dispatcher dispatcher =
        new Dispatcher(
            new ThreadPoolExecutor(
                0,
                Integer.MAX_VALUE,
                5,
                TimeUnit.SECONDS,
                new SynchronousQueue<>(),
                task -> {
                  Thread thread = new Thread(task, "ledger-okhttp");
                  // OkHttp throws what an interceptor threw once more, after it told the call.
                  thread.setUncaughtExceptionHandler((t, e) -> {});
                  return thread;
                }));
    dispatcher.setMaxRequestsPerHost(scenario.maxConcurrentCalls());
    HandshakeCertificates trust = LedgerServer.trust();
    OkHttpClient.Builder builder =
        new OkHttpClient.Builder()
            .dispatcher(dispatcher)
            .eventListener(new Events())
            .readTimeout(Duration.ZERO)
            .writeTimeout(Duration.ZERO)
            .sslSocketFactory(trust.sslSocketFactory(), trust.trustManager());
    switch (scenario.okHttp()) {
      case BUFFERING -> builder.addInterceptor(chain -> chain.proceed(buffered(chain.request())));
      case REPORTING -> builder.addInterceptor(chain -> chain.proceed(reported(chain.request())));
      case RETRYING -> builder.addInterceptor(Client::retry);
      case SLEEPING -> builder.addInterceptor(this::sleep);
      case THROWING -> builder.addInterceptor(this::fail);
      default -> {}
    }
    return builder.build();
  }

  private static Request buffered(Request request) throws IOException {
    RequestBody body = request.body();
    if (body == null) {
      return request;
    }
    Buffer buffer = new Buffer();
    body.writeTo(buffer);
    MediaType mediaType = body.contentType();
    RequestBody buffered =
        new RequestBody() {
          @Override
          public @Nullable MediaType contentType() {
            return mediaType;
          }

          @Override
          public long contentLength() {
            return buffer.size();
          }

          @Override
          public void writeTo(BufferedSink sink) throws IOException {
            sink.write(buffer.snapshot());
          }
        };
    return request.newBuilder().method(request.method(), buffered).build();
  }

  private Request reported(Request request) {
    RequestBody body = request.body();
    if (body == null) {
      return request;
    }
    RequestBody reported =
        new RequestBody() {
          @Override
          public @Nullable MediaType contentType() {
            return body.contentType();
          }

          @Override
          public long contentLength() throws IOException {
            return body.contentLength();
          }

          @Override
          public void writeTo(BufferedSink sink) throws IOException {
            Buffer buffer = new Buffer();
            body.writeTo(buffer);
            sink.write(buffer, buffer.size() / 2);
            sink.flush();
            onEvent.accept(Event.REQUEST_BODY_HALF_WRITTEN);
            sink.write(buffer, buffer.size());
          }
        };
    return request.newBuilder().method(request.method(), reported).build();
  }

  private static Response retry(Interceptor.Chain chain) throws IOException {
    Request request = buffered(chain.request());
    for (int attempt = 1; ; attempt++) {
      try {
        Response response = chain.proceed(request);
        if (attempt == 3 || response.code() < 300) {
          return response;
        }
        response.close();
      } catch (IOException e) {
        if (attempt == 3 || chain.call().isCanceled()) {
          throw e;
        }
      }
    }
  }

  private Response sleep(Interceptor.Chain chain) throws IOException {
    int nap = Math.floorMod(calls.getAndIncrement() * 7, 20);
    sleep(nap);
    Response response = chain.proceed(chain.request());
    try {
      sleep(nap);
    } catch (IOException e) {
      response.close();
      throw e;
    }
    return response;
  }

  private static void sleep(int millis) throws IOException {
    try {
      TimeUnit.MILLISECONDS.sleep(millis);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException(THROWN);
    }
  }

  private Response fail(Interceptor.Chain chain) throws IOException {
    int call = calls.getAndIncrement() % 16;
    if (call < 3) {
      fail(call);
    }
    Response response = chain.proceed(chain.request());
    if (call >= 13) {
      response.close();
      fail(call - 13);
    }
    return response;
  }

  private static void fail(int how) throws IOException {
    switch (how) {
      case 0 -> throw new IOException(THROWN);
      case 1 -> throw new IllegalArgumentException(THROWN);
      default -> throw Client.<RuntimeException>unchecked(new Exception(THROWN));
    }
  }

  /** Throws a checked exception where none is declared, as Kotlin does. */
  @SuppressWarnings("unchecked")
  private static <E extends Throwable> E unchecked(Throwable failure) throws E {
    throw (E) failure;
  }

  private final class Events extends EventListener {
    @Override
    public void callStart(okhttp3.Call call) {
      onEvent.accept(Event.CALL_START);
      if (scenario.okHttp() == Scenario.OkHttp.LISTENING && calls.getAndIncrement() % 8 == 3) {
        throw new IllegalArgumentException(THROWN);
      }
    }

    @Override
    public void connectStart(okhttp3.Call call, InetSocketAddress address, Proxy proxy) {
      onEvent.accept(Event.CONNECT_START);
    }

    @Override
    public void connectionAcquired(okhttp3.Call call, Connection connection) {
      onEvent.accept(Event.CONNECTION_ACQUIRED);
    }

    @Override
    public void requestHeadersStart(okhttp3.Call call) {
      onEvent.accept(Event.REQUEST_HEADERS_START);
    }

    @Override
    public void requestBodyStart(okhttp3.Call call) {
      onEvent.accept(Event.REQUEST_BODY_START);
    }

    @Override
    public void requestBodyEnd(okhttp3.Call call, long byteCount) {
      onEvent.accept(Event.REQUEST_BODY_END);
    }

    @Override
    public void responseHeadersStart(okhttp3.Call call) {
      onEvent.accept(Event.RESPONSE_HEADERS_START);
    }

    @Override
    public void responseBodyStart(okhttp3.Call call) {
      onEvent.accept(Event.RESPONSE_BODY_START);
    }

    @Override
    public void responseBodyEnd(okhttp3.Call call, long byteCount) {
      onEvent.accept(Event.RESPONSE_BODY_END);
    }
  }
}
