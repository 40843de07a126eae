package ai.mountsea.nanobanana;

import ai.mountsea.nanobanana.api.ApiJsonAdapters;
import ai.mountsea.nanobanana.api.ErrorBody;
import ai.mountsea.nanobanana.api.GenerateImageRequest;
import ai.mountsea.nanobanana.api.NanoBananaApi;
import ai.mountsea.nanobanana.api.TaskResult;
import com.squareup.moshi.Moshi;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.DoubleSupplier;
import javax.net.SocketFactory;
import okhttp3.ConnectionPool;
import okhttp3.Dispatcher;
import okhttp3.HttpUrl;
import okhttp3.OkHttpClient;
import org.jspecify.annotations.Nullable;
import retrofit2.Retrofit;
import retrofit2.converter.moshi.MoshiConverterFactory;

/**
 * Makes and edits images with Mountsea's Nano Banana models.
 *
 * <pre>{@code
 * try (NanoBanana nanoBanana = NanoBanana.fromEnv()) {
 *   String taskId = nanoBanana.submit(
 *       GenerateImageRequest.builder("An orange cat", Action.GENERATE).build());
 *   nanoBanana.save(nanoBanana.await(taskId), Path.of("images"));
 * }
 * }</pre>
 *
 * <p>Make one and share it: it is safe for any number of threads, and keeps its connections.
 */
public final class NanoBanana implements AutoCloseable {
  private final NanoBananaApi api;
  private final ErrorReply.Reader errors;
  private final Retries retries;
  private final ImageFiles imageFiles;
  private final Timer timer;
  private final DoubleSupplier random;
  private final @Nullable OkHttpClient ownOkHttpClient;
  private final Set<PendingCall<?, ?>> pending = ConcurrentHashMap.newKeySet();
  private volatile boolean closed;

  private NanoBanana(Builder builder) {
    if (builder.apiKey == null) {
      throw new IllegalStateException("Set the API key: NanoBanana.builder().apiKey(...)");
    }
    ApiKey apiKey = new ApiKey(builder.apiKey);
    OkHttpClient okHttpClient = builder.okHttpClient;
    if (okHttpClient == null) {
      okHttpClient = ownOkHttpClient(builder.maxConcurrentCalls);
      ownOkHttpClient = okHttpClient;
    } else {
      ownOkHttpClient = null;
    }
    okHttpClient = builder.withTimeouts(okHttpClient);
    Moshi moshi = new Moshi.Builder().add(new ApiJsonAdapters()).build();
    api =
        new Retrofit.Builder()
            .baseUrl(builder.baseUrl)
            .callFactory(new ApiCalls(apiOkHttpClient(okHttpClient), apiKey))
            .addConverterFactory(MoshiConverterFactory.create(moshi))
            .build()
            .create(NanoBananaApi.class);
    timer = builder.timer == null ? Timer.system() : builder.timer;
    random = builder.random;
    errors = new ErrorReply.Reader(moshi.adapter(ErrorBody.class), apiKey, timer.clock());
    retries = new Retries(builder.retryPolicy, timer, random);
    imageFiles = new ImageFiles(imageOkHttpClient(okHttpClient), retries);
  }

  /**
   * Makes a client from the environment: the API key from {@code MOUNTSEA_API_KEY} and, if it is
   * set, the base URL from {@code MOUNTSEA_BASE_URL}.
   *
   * @return a new client
   * @throws IllegalStateException if {@code MOUNTSEA_API_KEY} is not set
   * @throws IllegalArgumentException if one of them can't be right
   */
  public static NanoBanana fromEnv() {
    return fromEnv(System.getenv());
  }

  static NanoBanana fromEnv(Map<String, String> environment) {
    String apiKey = environment.getOrDefault("MOUNTSEA_API_KEY", "");
    if (apiKey.isBlank()) {
      throw new IllegalStateException(
          "Set the environment variable MOUNTSEA_API_KEY to your Mountsea API key.");
    }
    Builder builder = builder().apiKey(apiKey);
    String baseUrl = environment.getOrDefault("MOUNTSEA_BASE_URL", "");
    return (baseUrl.isBlank() ? builder : builder.baseUrl(baseUrl)).build();
  }

  /**
   * Returns a builder, for what {@link #fromEnv()} does not set.
   *
   * @return a new builder
   */
  public static Builder builder() {
    return new Builder();
  }

  /**
   * Submits a request. At most one POST of it is ever made, except that one which the service
   * answered with 429, or for which no connection could be made, is made again within the {@link
   * RetryPolicy}. An interrupt ends it at once, with the interrupt flag kept.
   *
   * @param request what to make
   * @return the task id; keep it, the image is paid for and comes under no other name
   * @throws InvalidRequestException if it breaks a rule; nothing was sent
   * @throws NotSentException if it never reached the service
   * @throws RefusedException if the service refused it; no task was created
   * @throws OutcomeUnknownException if a task may exist; do not submit again without looking
   */
  public String submit(GenerateImageRequest request) {
    return retries.run(submission(request)::execute);
  }

  /**
   * Submits a request like {@link #submit}, holding no thread. Cancelling ends the call in flight,
   * and says nothing of whether a task exists.
   *
   * @param request what to make
   * @return the task id, or one of the exceptions of {@link #submit}
   * @throws InvalidRequestException at once, if the request breaks a rule
   */
  public CompletableFuture<String> submitAsync(GenerateImageRequest request) {
    return tracked(retries.start(submission(request)));
  }

  /**
   * Reads how far a task is, once. Passing faults are tried again within the {@link RetryPolicy}.
   *
   * @param taskId what {@link #submit} returned, perhaps in another process
   * @return the task as it is now
   * @throws RefusedException if the service refuses to tell, as it may for an id it does not know
   * @throws ResultUnavailableException if the result could not be read
   */
  public TaskResult result(String taskId) {
    return retries.run(reading(taskId)::execute);
  }

  /**
   * Reads how far a task is like {@link #result}, holding no thread.
   *
   * @param taskId what {@link #submit} returned, perhaps in another process
   * @return the task as it is now, or one of the exceptions of {@link #result}
   */
  public CompletableFuture<TaskResult> resultAsync(String taskId) {
    return tracked(retries.start(reading(taskId)));
  }

  /**
   * Waits for a task as {@link Waiting#DEFAULT} says.
   *
   * @param taskId what {@link #submit} returned, perhaps in another process
   * @return a completed task with at least one image URL
   * @throws TaskFailedException if the task is final and has no image
   * @throws TaskNotFinishedException if the deadline passes or the thread is interrupted; the task
   *     goes on
   * @throws RefusedException if the service refuses to tell
   * @throws ResultUnavailableException if the result can't be understood
   */
  public TaskResult await(String taskId) {
    return await(taskId, Waiting.DEFAULT);
  }

  /**
   * Waits for a task. An interrupt ends it at once, with the interrupt flag kept.
   *
   * @param taskId what {@link #submit} returned, perhaps in another process
   * @param waiting how long to wait, and how often to ask
   * @return a completed task with at least one image URL
   * @throws TaskFailedException if the task is final and has no image
   * @throws TaskNotFinishedException if the deadline passes or the thread is interrupted; the task
   *     goes on
   * @throws RefusedException if the service refuses to tell
   * @throws ResultUnavailableException if the result can't be understood
   */
  public TaskResult await(String taskId, Waiting waiting) {
    Wait wait = startWait(taskId, waiting);
    try {
      return wait.get();
    } catch (InterruptedException e) {
      wait.cancel(true);
      Thread.currentThread().interrupt();
      throw wait.notFinished("The thread was interrupted", e);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException failure) {
        failure.fillInStackTrace(); // The caller's stack says more than that of the reading thread.
        throw failure;
      }
      throw new IllegalStateException(e.getCause());
    }
  }

  /**
   * Waits for a task like {@link #await(String, Waiting)}, holding no thread, so that thousands may
   * be waited for at once. Cancelling ends the call in flight and the pauses between calls, not the
   * task. What is chained to the future runs on the client's threads, so it should not block.
   *
   * @param taskId what {@link #submit} returned, perhaps in another process
   * @param waiting how long to wait, and how often to ask
   * @return a completed task with at least one image URL, or one of the exceptions of {@link
   *     #await(String, Waiting)}
   */
  public CompletableFuture<TaskResult> awaitAsync(String taskId, Waiting waiting) {
    return startWait(taskId, waiting);
  }

  /**
   * Saves the images of a completed task as {@link Saving#DEFAULT} says.
   *
   * @param result what {@link #await(String)} returned
   * @param folder where to; made if it is not there
   * @return the files, named for the task id and numbered, in the order of the image URLs
   * @throws ImageNotSavedException if an image can't be saved whole; no part of it is left
   */
  public List<Path> save(TaskResult result, Path folder) {
    return save(result, folder, Saving.DEFAULT);
  }

  /**
   * Saves the images of a completed task. The API key is not sent to their hosts.
   *
   * @param result what {@link #await(String)} returned
   * @param folder where to; made if it is not there
   * @param saving how large an image may be, and whether to overwrite
   * @return the files, named for the task id and numbered, in the order of the image URLs
   * @throws ImageNotSavedException if an image can't be saved whole; no part of it is left
   */
  public List<Path> save(TaskResult result, Path folder, Saving saving) {
    requireOpen();
    return imageFiles.save(result, folder, saving);
  }

  /**
   * Returns the generated Retrofit interface on this client's connections and API key, for what
   * this class does not offer. It sends any request, whatever the rules say, but each at most once.
   *
   * @return the interface
   */
  public NanoBananaApi api() {
    return api;
  }

  /**
   * Ends all waiting and every asynchronous call, then closes the connections and threads that this
   * client made itself; an {@link OkHttpClient} that was handed in stays as it is. Tasks in the
   * service go on. Without it, idle connections and threads end on their own within a minute or so.
   */
  @Override
  public void close() {
    closed = true;
    pending.forEach(PendingCall::close);
    timer.close();
    if (ownOkHttpClient != null) {
      ownOkHttpClient.dispatcher().executorService().shutdown();
      ownOkHttpClient.connectionPool().evictAll();
    }
  }

  private Submit submission(GenerateImageRequest request) {
    requireOpen();
    List<Violation> violations = RequestRules.check(request);
    if (!violations.isEmpty()) {
      throw new InvalidRequestException(violations);
    }
    return new Submit(api, request, errors);
  }

  private ReadResult reading(String taskId) {
    requireOpen();
    if (taskId.isBlank()) {
      throw new IllegalArgumentException("The task id is blank");
    }
    return new ReadResult(api, taskId, errors);
  }

  private Wait startWait(String taskId, Waiting waiting) {
    Wait wait = new Wait(taskId, reading(taskId), waiting, timer, random);
    CompletableFuture<TaskResult> unused = tracked(wait);
    wait.callNow();
    return wait;
  }

  /** Has the call closed with this client, unless it is complete before. */
  private <R> CompletableFuture<R> tracked(PendingCall<?, R> call) {
    pending.add(call);
    CompletableFuture<R> unused = call.whenComplete((value, failure) -> pending.remove(call));
    if (closed) {
      call.close();
    }
    return call;
  }

  private void requireOpen() {
    if (closed) {
      throw new IllegalStateException("This NanoBanana is closed");
    }
  }

  /**
   * As many threads as calls, where OkHttp's own pool has a few more, and none once idle. As many
   * idle connections as calls, so that none is closed only to be opened again; and none idle for
   * longer than servers leave them open (5 seconds is a common least), since a submit that meets a
   * connection just being closed is an outcome unknown.
   */
  private static OkHttpClient ownOkHttpClient(int maxConcurrentCalls) {
    ThreadPoolExecutor threads =
        new ThreadPoolExecutor(
            maxConcurrentCalls,
            maxConcurrentCalls,
            5,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(),
            task -> new Thread(task, "nano-banana-call"));
    threads.allowCoreThreadTimeOut(true);
    Dispatcher dispatcher = new Dispatcher(threads);
    dispatcher.setMaxRequests(maxConcurrentCalls);
    dispatcher.setMaxRequestsPerHost(maxConcurrentCalls);
    return new OkHttpClient.Builder()
        .dispatcher(dispatcher)
        .connectionPool(new ConnectionPool(maxConcurrentCalls, 4, TimeUnit.SECONDS))
        .connectTimeout(Duration.ofSeconds(10))
        .callTimeout(Duration.ofSeconds(60))
        .readTimeout(Duration.ofSeconds(60))
        .writeTimeout(Duration.ofSeconds(60))
        .build();
  }

  private static OkHttpClient apiOkHttpClient(OkHttpClient okHttpClient) {
    OkHttpClient.Builder builder =
        interruptible(okHttpClient)
            .followRedirects(false)
            .followSslRedirects(false)
            .addInterceptor(new BoundedReplies());
    // A limit on each read and write costs time, and does nothing where the call's is no longer.
    int callTimeout = okHttpClient.callTimeoutMillis();
    if (callTimeout > 0 && callTimeout <= okHttpClient.readTimeoutMillis()) {
      builder.readTimeout(Duration.ZERO);
    }
    if (callTimeout > 0 && callTimeout <= okHttpClient.writeTimeoutMillis()) {
      builder.writeTimeout(Duration.ZERO);
    }
    return builder.build();
  }

  private static OkHttpClient imageOkHttpClient(OkHttpClient okHttpClient) {
    return interruptible(okHttpClient).callTimeout(Duration.ZERO).build();
  }

  private static OkHttpClient.Builder interruptible(OkHttpClient okHttpClient) {
    OkHttpClient.Builder builder = okHttpClient.newBuilder();
    boolean usersOwn = okHttpClient.socketFactory() != SocketFactory.getDefault();
    return usersOwn ? builder : builder.socketFactory(new InterruptibleSockets());
  }

  /** Builds a {@link NanoBanana}. Only the API key is required. */
  public static final class Builder {
    private @Nullable String apiKey;
    private HttpUrl baseUrl = parseBaseUrl(NanoBananaApi.BASE_URL);
    private @Nullable OkHttpClient okHttpClient;
    private @Nullable Duration connectTimeout;
    private @Nullable Duration callTimeout;
    private int maxConcurrentCalls = 20;
    private RetryPolicy retryPolicy = RetryPolicy.DEFAULT;
    private @Nullable Timer timer;
    private DoubleSupplier random = () -> ThreadLocalRandom.current().nextDouble();

    private Builder() {}

    /**
     * Sets the API key, which is sent to the base URL as a bearer token and nowhere else.
     *
     * @param apiKey the key alone; white space around it is dropped
     * @return this
     * @throws IllegalArgumentException if it is blank or could not be sent in a header
     */
    public Builder apiKey(String apiKey) {
      String key = apiKey.strip();
      if (key.isEmpty()) {
        throw new IllegalArgumentException("The API key is blank");
      }
      if (key.startsWith("\"") || key.startsWith("'")) {
        throw new IllegalArgumentException("Give the API key alone, without quotes around it");
      }
      if (key.regionMatches(true, 0, "Bearer ", 0, 7)) {
        throw new IllegalArgumentException("Give the API key alone, without \"Bearer\" before it");
      }
      for (int i = 0; i < key.length(); i++) {
        if (key.charAt(i) <= ' ' || key.charAt(i) > '~') {
          throw new IllegalArgumentException(
              "The API key has a character that a header can't carry, at index " + i);
        }
      }
      this.apiKey = key;
      return this;
    }

    /**
     * Sets where the service is; {@link NanoBananaApi#BASE_URL} unless set.
     *
     * @param baseUrl a http or https URL, perhaps with a path
     * @return this
     * @throws IllegalArgumentException if it is no such URL
     */
    public Builder baseUrl(String baseUrl) {
      this.baseUrl = parseBaseUrl(baseUrl);
      return this;
    }

    /**
     * Sets the OkHttpClient to make calls with: its connections, limits, timeouts, proxy, TLS and
     * interceptors. It is not changed, and not closed by {@link NanoBanana#close()}. The service's
     * redirects are not followed even if it would, and its interceptors can't send a request twice.
     * Raise its limit of 5 calls per host if you submit asynchronously.
     *
     * @param okHttpClient a client of your own
     * @return this
     */
    public Builder okHttpClient(OkHttpClient okHttpClient) {
      this.okHttpClient = okHttpClient;
      return this;
    }

    /**
     * Sets how long making a connection may take, without its TLS handshake, which only the limit
     * of the call ends; 10 seconds, or what your own OkHttpClient says, unless set.
     *
     * @param connectTimeout the time, or zero for no limit
     * @return this
     */
    public Builder connectTimeout(Duration connectTimeout) {
      Durations.requireNotNegative("connectTimeout", connectTimeout);
      this.connectTimeout = connectTimeout;
      return this;
    }

    /**
     * Sets how long one call to the service may take as a whole, and how long a download may stand
     * still; 60 seconds, or what your own OkHttpClient says, unless set. A submit that takes longer
     * is {@link OutcomeUnknownException}.
     *
     * @param callTimeout the time, or zero for no limit
     * @return this
     */
    public Builder callTimeout(Duration callTimeout) {
      Durations.requireNotNegative("callTimeout", callTimeout);
      this.callTimeout = callTimeout;
      return this;
    }

    /**
     * Sets how many asynchronous calls are made at once, and how many idle connections are kept; 20
     * unless set. Further calls wait their turn. Your own OkHttpClient has its own limits.
     *
     * @param maxConcurrentCalls 1 or more
     * @return this
     */
    public Builder maxConcurrentCalls(int maxConcurrentCalls) {
      if (maxConcurrentCalls < 1) {
        throw new IllegalArgumentException(
            "maxConcurrentCalls must be 1 or more, not " + maxConcurrentCalls);
      }
      this.maxConcurrentCalls = maxConcurrentCalls;
      return this;
    }

    /**
     * Sets how often safe calls are tried again; {@link RetryPolicy#DEFAULT} unless set.
     *
     * @param retryPolicy how often, and for how long
     * @return this
     */
    public Builder retryPolicy(RetryPolicy retryPolicy) {
      this.retryPolicy = retryPolicy;
      return this;
    }

    Builder timer(Timer timer) {
      this.timer = timer;
      return this;
    }

    Builder random(DoubleSupplier random) {
      this.random = random;
      return this;
    }

    /**
     * Makes the client. It connects at its first call.
     *
     * @return a new client
     * @throws IllegalStateException if no API key was set
     */
    public NanoBanana build() {
      return new NanoBanana(this);
    }

    private OkHttpClient withTimeouts(OkHttpClient okHttpClient) {
      if (connectTimeout == null && callTimeout == null) {
        return okHttpClient;
      }
      OkHttpClient.Builder builder = okHttpClient.newBuilder();
      if (connectTimeout != null) {
        builder.connectTimeout(connectTimeout);
      }
      if (callTimeout != null) {
        builder.callTimeout(callTimeout).readTimeout(callTimeout).writeTimeout(callTimeout);
      }
      return builder.build();
    }

    private static HttpUrl parseBaseUrl(String baseUrl) {
      HttpUrl url = HttpUrl.parse(baseUrl.strip());
      if (url == null
          || url.query() != null
          || url.fragment() != null
          || !url.username().isEmpty()
          || !url.password().isEmpty()) {
        throw new IllegalArgumentException(
            "The base URL must be a http or https URL without user, query and fragment, such as "
                + NanoBananaApi.BASE_URL);
      }
      return url.encodedPath().endsWith("/") ? url : url.newBuilder().addPathSegment("").build();
    }
  }
}
