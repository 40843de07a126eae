package ai.mountsea.nanobanana;

import ai.mountsea.nanobanana.api.ApiJsonAdapters;
import ai.mountsea.nanobanana.api.GenerateImageRequest;
import ai.mountsea.nanobanana.api.GenerateImageResponse;
import ai.mountsea.nanobanana.api.NanoBananaApi;
import ai.mountsea.nanobanana.api.TaskResult;
import com.squareup.moshi.Moshi;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Consumer;
import java.util.function.DoubleSupplier;
import okhttp3.Headers;
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
 *   TaskResult result = nanoBanana.generate(
 *       GenerateImageRequest.builder("An orange cat", Action.GENERATE).build());
 *   nanoBanana.save(result, Path.of("images"));
 * }
 * }</pre>
 *
 * <p>Make one and share it: it is safe for any number of threads, and keeps its connections.
 *
 * <p>Every failure is a {@link NanoBananaException}. What happens when a call is ended early:
 *
 * <ul>
 *   <li>During a pause between attempts, an interrupt, a cancelled future or {@link #close()} ends
 *       it at once, and nothing more is sent.
 *   <li>A submit in flight is {@link OutcomeUnknownException} when {@link #close()} ends it. An
 *       interrupt of the thread that submits is noticed when the connection is read or written
 *       next: if the response came first, it wins and {@code submit} returns the task id; otherwise
 *       the outcome is unknown. The interrupt flag is kept.
 *   <li>Waiting ends at once in all three cases; the task is not affected.
 *   <li>A future that you cancel or complete yourself ends the call behind it, and says nothing of
 *       whether a task exists.
 * </ul>
 *
 * <p>Asynchronous calls, and all polls of a task, are made on threads of the client's. So
 * interceptors see the caller's thread-locals in {@code submit}, {@code submitOnce}, {@code
 * result}, {@code download} and {@code save}, and while {@code generate} and {@code generateOnce}
 * submit, but not while these or {@code await} wait, nor in any {@code Async} form. Stages that you
 * chain to a future, and status listeners, run on such a thread, too, and may block: other threads
 * make the calls that wait.
 *
 * <p>An interceptor of yours may change, answer or repeat a call. What passes through it to the
 * network is sent at most once, and what the service answered outranks what the interceptor makes
 * of it. Only an interceptor that sends the request by other means is beyond that: then a failure
 * says that a task may exist.
 */
public final class NanoBanana implements AutoCloseable {
  private final Builder builder;
  private final Transport transport;
  private final Engine engine;
  private final ApiKey apiKey;
  private final NanoBananaApi api;
  private final Images images;

  private NanoBanana(Builder builder) {
    if (builder.apiKey == null) {
      throw new IllegalStateException("Set the API key: NanoBanana.builder().apiKey(...)");
    }
    this.builder = builder.copy();
    apiKey = new ApiKey(builder.apiKey);
    transport = builder.transport();
    engine = transport.newEngine(builder.random);
    Headers headers =
        builder
            .headers
            .newBuilder()
            .set("User-Agent", ApiCalls.USER_AGENT)
            .set("Authorization", apiKey.authorization())
            .build();
    api =
        new Retrofit.Builder()
            .baseUrl(builder.baseUrl)
            .callFactory(
                new ApiCalls(transport.submits(), transport.reads(), headers, engine::isClosed))
            .addConverterFactory(
                MoshiConverterFactory.create(
                    new Moshi.Builder().add(new ApiJsonAdapters()).build()))
            .build()
            .create(NanoBananaApi.class);
    images = new Images(transport.downloads(), builder.retryPolicy, engine);
  }

  /**
   * Makes a client from the environment: the API key from {@code MOUNTSEA_API_KEY} and, if it is
   * set, the base URL from {@code MOUNTSEA_BASE_URL}.
   *
   * @return a new client
   * @throws IllegalStateException if {@code MOUNTSEA_API_KEY} is not set
   * @throws IllegalArgumentException if one of them is invalid
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
    if (!baseUrl.isBlank()) {
      try {
        builder.baseUrl(baseUrl);
      } catch (IllegalArgumentException e) {
        throw new IllegalArgumentException("MOUNTSEA_BASE_URL: " + e.getMessage(), e);
      }
    }
    return builder.build();
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
   * Returns a builder with the settings of this client, for one that differs in a timeout, a header
   * or the like. The client that it builds shares this one's connections and threads, unless it
   * gets other ones. Each is closed on its own.
   *
   * @return a new builder
   */
  public Builder newBuilder() {
    Builder copy = builder.copy();
    copy.parent = transport;
    return copy;
  }

  /**
   * Submits a request and waits for its image as the client's {@link WaitOptions} say.
   *
   * @param request what to make
   * @return a completed task with at least one image URL
   * @throws InvalidRequestException if it breaks a rule; nothing was sent
   * @throws NanoBananaException as {@link #submit} and {@link #await(String)} do; if it has a task
   *     id, call {@code await} with that
   */
  public TaskResult generate(GenerateImageRequest request) {
    return generate(request, builder.waitOptions);
  }

  /**
   * Submits a request and waits for its image. The listener of the task id is called before the
   * waiting begins.
   *
   * @param request what to make
   * @param options how to wait
   * @return a completed task with at least one image URL
   * @throws InvalidRequestException if it breaks a rule; nothing was sent
   * @throws NanoBananaException as {@link #submit} and {@link #await(String)} do; if it has a task
   *     id, call {@code await} with that
   */
  public TaskResult generate(GenerateImageRequest request, WaitOptions options) {
    requireOptions(options);
    String taskId = submit(request);
    notifyOfTaskId(taskId, options);
    return await(taskId, options);
  }

  /**
   * Submits a request and waits for its image like {@link #generate(GenerateImageRequest)}, holding
   * no thread.
   *
   * @param request what to make
   * @return a completed task with at least one image URL
   * @throws InvalidRequestException at once, if the request breaks a rule
   */
  public CompletableFuture<TaskResult> generateAsync(GenerateImageRequest request) {
    return generateAsync(request, builder.waitOptions);
  }

  /**
   * Submits a request and waits for its image like {@link #generate(GenerateImageRequest,
   * WaitOptions)}, holding no thread.
   *
   * @param request what to make
   * @param options how to wait
   * @return a completed task with at least one image URL
   * @throws InvalidRequestException at once, if the request breaks a rule
   */
  public CompletableFuture<TaskResult> generateAsync(
      GenerateImageRequest request, WaitOptions options) {
    requireOptions(options);
    requireValid(request);
    Sequence<TaskResult> sequence = new Sequence<>();
    sequence.then(
        () -> submitAsync(request),
        taskId -> {
          notifyOfTaskId(taskId, options);
          sequence.then(() -> awaitAsync(taskId, options), sequence::complete);
        });
    return sequence.future();
  }

  /**
   * Submits a request. At most one billable POST is made: only one that the service answered with
   * 429, or for which no connection could be made, is made again within the {@link RetryPolicy}.
   *
   * @param request what to make
   * @return the task id; keep it, the image is paid for and can be had under no other name
   * @throws InvalidRequestException if it breaks a rule; nothing was sent
   * @throws NotSentException if it never reached the service
   * @throws RefusedException if the service refused it; no task was created
   * @throws OutcomeUnknownException if a task may exist; look for it before you submit again
   */
  public String submit(GenerateImageRequest request) {
    requireValid(request);
    return submission(request).run();
  }

  /**
   * Submits a request like {@link #submit}, holding no thread.
   *
   * @param request what to make
   * @return the task id, or one of the exceptions of {@link #submit}
   * @throws InvalidRequestException at once, if the request breaks a rule
   */
  public CompletableFuture<String> submitAsync(GenerateImageRequest request) {
    requireValid(request);
    return submission(request).start();
  }

  /**
   * Submits a request unless it was submitted under the same key before, by this or any other
   * process that used the same store: then that task is returned. The store is written before and
   * after the submit, so that not even a crash in between leads to a second one.
   *
   * @param key your name for one image, such as the number of an order; one request only
   * @param request what to make
   * @param store where what was submitted is recorded, such as a {@link FileTaskStore}
   * @return the task id, which is in the store
   * @throws IllegalArgumentException if the key is blank or was used for another request; nothing
   *     was sent
   * @throws OutcomeUnknownException also if an earlier submit of the key may have created a task;
   *     nothing was sent now, and nothing is until a person has recorded in the store what became
   *     of it
   * @throws NotSentException also if the store can't be read or written: nothing was sent now; call
   *     again with the same key, for a task may exist from before
   * @throws TaskNotFinishedException if a task was created, but the store can't be written: keep
   *     the task id
   * @throws NanoBananaException as {@link #submit} does
   */
  public String submitOnce(String key, GenerateImageRequest request, TaskStore store) {
    requireValid(request);
    return new Once(this, key, store).submit(request);
  }

  /**
   * Submits a request unless it was submitted under the same key before, and waits for its image.
   *
   * <pre>{@code
   * try (FileTaskStore store = FileTaskStore.open(Path.of("tasks.jsonl"))) {
   *   TaskResult result = nanoBanana.generateOnce("order-4711", request, store);
   * }
   * }</pre>
   *
   * @param key your name for one image, such as the number of an order; one request only
   * @param request what to make
   * @param store where what was submitted is recorded, such as a {@link FileTaskStore}
   * @return a completed task with at least one image URL
   * @throws NanoBananaException as {@link #submitOnce} and {@link #await(String)} do
   */
  public TaskResult generateOnce(String key, GenerateImageRequest request, TaskStore store) {
    return generateOnce(key, request, store, builder.waitOptions);
  }

  /**
   * Submits a request unless it was submitted under the same key before, and waits for its image.
   *
   * @param key your name for one image, such as the number of an order; one request only
   * @param request what to make
   * @param store where what was submitted is recorded, such as a {@link FileTaskStore}
   * @param options how to wait
   * @return a completed task with at least one image URL
   * @throws NanoBananaException as {@link #submitOnce} and {@link #await(String)} do
   */
  public TaskResult generateOnce(
      String key, GenerateImageRequest request, TaskStore store, WaitOptions options) {
    requireOptions(options);
    requireValid(request);
    return new Once(this, key, store).generate(request, options);
  }

  /**
   * Reads the state of a task, once. Transient failures are retried within the {@link RetryPolicy}.
   *
   * @param taskId what {@link #submit} returned, perhaps in another process
   * @return the task as it is now
   * @throws RefusedException if the service refuses to tell, as it may for an unknown id
   * @throws ResultUnavailableException if the result can't be read at present
   * @throws ResultNotUnderstoodException if the response is no result
   */
  public TaskResult result(String taskId) {
    return reading(taskId).run();
  }

  /**
   * Reads the state of a task like {@link #result}, holding no thread.
   *
   * @param taskId what {@link #submit} returned, perhaps in another process
   * @return the task as it is now, or one of the exceptions of {@link #result}
   */
  public CompletableFuture<TaskResult> resultAsync(String taskId) {
    return reading(taskId).start();
  }

  /**
   * Waits for a task as the client's {@link WaitOptions} say.
   *
   * @param taskId what {@link #submit} returned, perhaps in another process
   * @return a completed task with at least one image URL
   * @throws NanoBananaException as {@link #await(String, WaitOptions)} does
   */
  public TaskResult await(String taskId) {
    return await(taskId, builder.waitOptions);
  }

  /**
   * Waits for a task. A status that this version doesn't know counts as final if the result says
   * when it finished, and then as a success if it has an image URL. Which task the result names is
   * not compared with the id: it is what the service answers for it.
   *
   * @param taskId what {@link #submit} returned, perhaps in another process
   * @param options how long to wait, and how often to poll
   * @return a completed task with at least one image URL
   * @throws TaskFailedException if the task failed
   * @throws TaskNotFinishedException if the timeout passes, the thread is interrupted or the client
   *     is closed; the task is not affected
   * @throws RefusedException if the service refuses to tell
   * @throws ResultNotUnderstoodException if the response is no result, or has no image URL that is
   *     understood
   */
  public TaskResult await(String taskId, WaitOptions options) {
    Wait wait = waiting(taskId, options);
    CompletableFuture<TaskResult> future = wait.startTimed();
    try {
      return future.get();
    } catch (InterruptedException e) {
      wait.end("The thread was interrupted", e);
      Thread.currentThread().interrupt();
      return wait.outcome();
    } catch (ExecutionException e) {
      return wait.outcome();
    }
  }

  /**
   * Waits for a task like {@link #await(String)}, holding no thread.
   *
   * @param taskId what {@link #submit} returned, perhaps in another process
   * @return a completed task with at least one image URL, or one of the exceptions of {@link
   *     #await(String, WaitOptions)}
   */
  public CompletableFuture<TaskResult> awaitAsync(String taskId) {
    return awaitAsync(taskId, builder.waitOptions);
  }

  /**
   * Waits for a task like {@link #await(String, WaitOptions)}, holding no thread, so that thousands
   * can be awaited at once.
   *
   * @param taskId what {@link #submit} returned, perhaps in another process
   * @param options how long to wait, and how often to poll
   * @return a completed task with at least one image URL, or one of the exceptions of {@link
   *     #await(String, WaitOptions)}
   */
  public CompletableFuture<TaskResult> awaitAsync(String taskId, WaitOptions options) {
    return waiting(taskId, options).startTimed();
  }

  /**
   * Downloads the images of a completed task into memory, as {@link SaveOptions#DEFAULT} says.
   *
   * @param result what {@link #await(String)} returned
   * @return the images, in the order of the image URLs
   * @throws ImageDownloadException if one of them can't be downloaded whole
   */
  public List<Image> download(TaskResult result) {
    return download(result, SaveOptions.DEFAULT);
  }

  /**
   * Downloads the images of a completed task into memory. The API key is not sent to their hosts.
   *
   * @param result what {@link #await(String)} returned
   * @param options how large an image may be and how long a download may take
   * @return the images, in the order of the image URLs
   * @throws ImageDownloadException if one of them can't be downloaded whole
   */
  public List<Image> download(TaskResult result, SaveOptions options) {
    return images.download(result, requireOptions(options));
  }

  /**
   * Downloads the images of a completed task like {@link #download(TaskResult)}, on the client's
   * threads.
   *
   * @param result what {@link #await(String)} returned
   * @return the images, in the order of the image URLs, or {@link ImageDownloadException}
   */
  public CompletableFuture<List<Image>> downloadAsync(TaskResult result) {
    return downloadAsync(result, SaveOptions.DEFAULT);
  }

  /**
   * Downloads the images of a completed task like {@link #download(TaskResult, SaveOptions)}, on
   * the client's threads.
   *
   * @param result what {@link #await(String)} returned
   * @param options how large an image may be and how long a download may take
   * @return the images, in the order of the image URLs, or {@link ImageDownloadException}
   */
  public CompletableFuture<List<Image>> downloadAsync(TaskResult result, SaveOptions options) {
    return images.downloadAsync(result, requireOptions(options));
  }

  /**
   * Saves the images of a completed task as {@link SaveOptions#DEFAULT} says.
   *
   * @param result what {@link #await(String)} returned
   * @param folder where to; made if it is not there
   * @return the files, named for the task id and numbered, in the order of the image URLs
   * @throws ImageDownloadException if an image can't be saved whole; no part of it is left
   */
  public List<Path> save(TaskResult result, Path folder) {
    return save(result, folder, SaveOptions.DEFAULT);
  }

  /**
   * Saves the images of a completed task: each is forced to the disk and then gets its name. Images
   * that are there already are kept, so a call that failed can be repeated. The API key is not sent
   * to their hosts.
   *
   * @param result what {@link #await(String)} returned
   * @param folder where to; made if it is not there
   * @param options how large an image may be, how long a download may take, and whether to
   *     overwrite
   * @return the files, named for the task id and numbered, in the order of the image URLs
   * @throws ImageDownloadException if an image can't be saved whole; no part of it is left, and the
   *     exception names the images that were saved before it
   */
  public List<Path> save(TaskResult result, Path folder, SaveOptions options) {
    return images.save(result, folder, requireOptions(options));
  }

  /**
   * Saves the images of a completed task like {@link #save(TaskResult, Path)}, on the client's
   * threads.
   *
   * @param result what {@link #await(String)} returned
   * @param folder where to; made if it is not there
   * @return the files, in the order of the image URLs, or {@link ImageDownloadException}
   */
  public CompletableFuture<List<Path>> saveAsync(TaskResult result, Path folder) {
    return saveAsync(result, folder, SaveOptions.DEFAULT);
  }

  /**
   * Saves the images of a completed task like {@link #save(TaskResult, Path, SaveOptions)}, on the
   * client's threads.
   *
   * @param result what {@link #await(String)} returned
   * @param folder where to; made if it is not there
   * @param options how large an image may be, how long a download may take, and whether to
   *     overwrite
   * @return the files, in the order of the image URLs, or {@link ImageDownloadException}
   */
  public CompletableFuture<List<Path>> saveAsync(
      TaskResult result, Path folder, SaveOptions options) {
    return images.saveAsync(result, folder, requireOptions(options));
  }

  /**
   * Returns the generated Retrofit interface on this client's connections and API key, for what
   * this class does not offer. It sends any request, whatever the rules say, but each call at most
   * once, and none after {@link #close()}.
   *
   * @return the interface
   */
  public NanoBananaApi api() {
    return api;
  }

  /**
   * Ends everything that is under way: see above for what each call says. Calls that are made
   * afterwards fail without sending anything. Connections and threads that this client made are
   * closed, unless a client that shares them is open; an {@link OkHttpClient} that was handed in
   * stays as it is. Tasks in the service are not affected. Without it, idle connections and threads
   * end within a minute or so.
   */
  @Override
  public void close() {
    if (engine.close()) {
      transport.release();
    }
  }

  private static <O> O requireOptions(O options) {
    return Objects.requireNonNull(options, "options");
  }

  private static void requireValid(GenerateImageRequest request) {
    List<Violation> violations = RequestRules.check(Objects.requireNonNull(request, "request"));
    if (!violations.isEmpty()) {
      throw new InvalidRequestException(violations);
    }
  }

  private Retried<String> submission(GenerateImageRequest request) {
    Submit submit =
        new Submit(
            () -> api.generateImage(request),
            json -> GenerateImageResponse.fromJson(json).taskId(),
            apiKey,
            engine.timer().clock());
    return new Retried<>(submit, builder.retryPolicy, engine);
  }

  private Retried<TaskResult> reading(String taskId) {
    return new Retried<>(read(taskId), builder.retryPolicy, engine);
  }

  private Wait waiting(String taskId, WaitOptions options) {
    return new Wait(read(taskId), requireOptions(options), engine);
  }

  private ReadResult read(String taskId) {
    if (Objects.requireNonNull(taskId, "taskId").isBlank()) {
      throw new IllegalArgumentException("The task id is blank");
    }
    return new ReadResult(api, taskId, apiKey, engine.timer().clock());
  }

  static void notifyOfTaskId(String taskId, WaitOptions options) {
    try {
      options.taskIdListener().accept(taskId);
    } catch (Throwable thrown) { // Kotlin's lambdas can throw checked exceptions.
      throw new TaskNotFinishedException(
          "The listener of the task id threw "
              + thrown
              + ". Task "
              + taskId
              + " was created and may be running; call await with this id.",
          taskId,
          null,
          thrown);
    }
  }

  /** Builds a {@link NanoBanana}. Only the API key is required. */
  public static final class Builder {
    private static final Set<String> OWN_HEADERS =
        Set.of(
            "authorization",
            "user-agent",
            "host",
            "connection",
            "content-type",
            "content-length",
            "content-encoding",
            "accept-encoding",
            "transfer-encoding",
            "te",
            "trailer",
            "expect",
            "upgrade",
            "range");

    private @Nullable String apiKey;
    private HttpUrl baseUrl = parseBaseUrl(NanoBananaApi.BASE_URL);
    private Headers headers = Headers.of();
    private RetryPolicy retryPolicy = RetryPolicy.DEFAULT;
    private WaitOptions waitOptions = WaitOptions.DEFAULT;
    private DoubleSupplier random = () -> ThreadLocalRandom.current().nextDouble();
    private final Transport.Settings settings;
    private @Nullable Transport parent;

    private Builder() {
      this(new Transport.Settings());
    }

    private Builder(Transport.Settings settings) {
      this.settings = settings;
    }

    /**
     * Sets the API key, which is sent to the base URL as a bearer token and nowhere else.
     *
     * @param apiKey the key alone; white space around it is removed
     * @return this
     * @throws IllegalArgumentException if it is blank or can't be sent in a header
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
     * Sets where the service is. The default is {@link NanoBananaApi#BASE_URL}.
     *
     * @param baseUrl an absolute http or https URL, perhaps with a path
     * @return this
     * @throws IllegalArgumentException if it is no such URL
     */
    public Builder baseUrl(String baseUrl) {
      this.baseUrl = parseBaseUrl(baseUrl);
      return this;
    }

    /**
     * Sets a header that is sent with each call to the service, but not to the hosts of images.
     *
     * @param name the name, not one that says how the message is sent, such as {@code
     *     Content-Length}, nor {@code Authorization} or {@code User-Agent}
     * @param value the value
     * @return this
     * @throws IllegalArgumentException if a header can't carry it, or the client sets it itself
     */
    public Builder header(String name, String value) {
      if (OWN_HEADERS.contains(name.toLowerCase(Locale.ROOT))) {
        throw new IllegalArgumentException("The client sets " + name + " itself");
      }
      headers = headers.newBuilder().set(name, value).build();
      return this;
    }

    /**
     * Sets an OkHttpClient of your own to make calls with: its connections, timeouts, proxy, TLS
     * and interceptors. It is not changed, and {@link NanoBanana#close()} doesn't close it.
     * Redirects of the service are not followed, and nothing that an interceptor passes on is sent
     * twice. To change only some settings of the client's own, use {@link #configureOkHttp}.
     *
     * @param okHttpClient a client of your own
     * @return this
     */
    public Builder okHttpClient(OkHttpClient okHttpClient) {
      settings.okHttpClient = okHttpClient;
      parent = null;
      return this;
    }

    /**
     * Changes settings of the OkHttpClient that calls are made with: adds an interceptor or an
     * event listener, sets a proxy, a certificate or a timeout. May be called several times.
     *
     * @param configuration is given OkHttp's builder, with this library's defaults
     * @return this
     */
    public Builder configureOkHttp(Consumer<OkHttpClient.Builder> configuration) {
      settings.configuration = settings.configuration.andThen(configuration);
      return this;
    }

    /**
     * Sets how long establishing a TCP connection may take. The default is 10 seconds, or what your
     * own OkHttpClient says. The TLS handshake is limited by the call timeout.
     *
     * @param connectTimeout the time, at most 24 days, or zero for no limit
     * @return this
     */
    public Builder connectTimeout(Duration connectTimeout) {
      settings.connectTimeout = Durations.requireTimeout("connectTimeout", connectTimeout);
      return this;
    }

    /**
     * Sets how long one call to the service may take as a whole. The default is 60 seconds, or what
     * your own OkHttpClient says. A submit that takes longer is {@link OutcomeUnknownException}.
     *
     * @param callTimeout the time, at most 24 days, or zero for no limit
     * @return this
     */
    public Builder callTimeout(Duration callTimeout) {
      settings.callTimeout = Durations.requireTimeout("callTimeout", callTimeout);
      return this;
    }

    /**
     * Sets how many asynchronous calls are made at once, and how many idle connections are kept.
     * The default is 20. Further calls wait for their turn.
     *
     * @param maxConcurrentCalls 1 or more
     * @return this
     */
    public Builder maxConcurrentCalls(int maxConcurrentCalls) {
      if (maxConcurrentCalls < 1) {
        throw new IllegalArgumentException(
            "maxConcurrentCalls must be 1 or more, not " + maxConcurrentCalls);
      }
      settings.maxConcurrentCalls = maxConcurrentCalls;
      parent = null;
      return this;
    }

    /**
     * Sets how often safe calls are retried. The default is {@link RetryPolicy#DEFAULT}.
     *
     * @param retryPolicy how often, and for how long
     * @return this
     */
    public Builder retryPolicy(RetryPolicy retryPolicy) {
      this.retryPolicy = retryPolicy;
      return this;
    }

    /**
     * Sets how to wait where a call doesn't say. The default is {@link WaitOptions#DEFAULT}.
     *
     * @param waitOptions how long to wait, and how often to poll
     * @return this
     */
    public Builder waitOptions(WaitOptions waitOptions) {
      this.waitOptions = waitOptions;
      return this;
    }

    Builder timer(Timer timer) {
      settings.timer = timer;
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

    private Transport transport() {
      return parent == null ? new Transport(settings) : parent.derive(settings);
    }

    private Builder copy() {
      Builder copy = new Builder(settings.copy());
      copy.apiKey = apiKey;
      copy.baseUrl = baseUrl;
      copy.headers = headers;
      copy.retryPolicy = retryPolicy;
      copy.waitOptions = waitOptions;
      copy.random = random;
      return copy;
    }

    private static HttpUrl parseBaseUrl(String baseUrl) {
      HttpUrl url = HttpUrl.parse(baseUrl.strip());
      if (url == null) {
        throw new IllegalArgumentException(
            "The base URL "
                + RequestRules.withoutSecrets(baseUrl)
                + " is not an absolute http or https URL, such as "
                + NanoBananaApi.BASE_URL);
      }
      if (url.query() != null
          || url.fragment() != null
          || !url.username().isEmpty()
          || !url.password().isEmpty()) {
        throw new IllegalArgumentException(
            "The base URL must not have a user, a query or a fragment: "
                + url.redact()
                + " should look like "
                + NanoBananaApi.BASE_URL);
      }
      return url.encodedPath().endsWith("/") ? url : url.newBuilder().addPathSegment("").build();
    }
  }
}
