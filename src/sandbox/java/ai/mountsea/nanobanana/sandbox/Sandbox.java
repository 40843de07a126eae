package ai.mountsea.nanobanana.sandbox;

import ai.mountsea.nanobanana.NanoBanana;
import ai.mountsea.nanobanana.RequestRules;
import ai.mountsea.nanobanana.Violation;
import ai.mountsea.nanobanana.api.Action;
import ai.mountsea.nanobanana.api.ApiJsonAdapters;
import ai.mountsea.nanobanana.api.ErrorBody;
import ai.mountsea.nanobanana.api.GenerateImageRequest;
import ai.mountsea.nanobanana.api.GenerateImageResponse;
import ai.mountsea.nanobanana.api.ImageResult;
import ai.mountsea.nanobanana.api.NanoBananaApi;
import ai.mountsea.nanobanana.api.TaskResult;
import ai.mountsea.nanobanana.api.TaskStatus;
import com.squareup.moshi.JsonDataException;
import com.squareup.moshi.Moshi;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.Method;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Queue;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import javax.imageio.ImageIO;
import okhttp3.HttpUrl;
import org.jspecify.annotations.Nullable;
import retrofit2.http.GET;
import retrofit2.http.POST;
import retrofit2.http.Query;

/**
 * The service, in this process, on loopback.
 *
 * <pre>{@code
 * try (Sandbox sandbox = Sandbox.start(); NanoBanana nanoBanana = sandbox.client()) {
 *   TaskResult result = nanoBanana.await(nanoBanana.submit(request));
 * }
 * }</pre>
 *
 * <p>It accepts any bearer token, refuses what the spec refuses, and takes each task from pending
 * over processing to completed, one step a read, unless {@link #next} says otherwise. Paths and
 * JSON are the generated ones, the rules are {@link RequestRules}: nothing of the API is written
 * down here again. Pact verifiers find the provider states at {@code /_pact/states}.
 */
public final class Sandbox implements AutoCloseable {
  static {
    // The JDK's server would hold back the end of each reply for 40 ms.
    if (System.getProperty("sun.net.httpserver.nodelay") == null) {
      System.setProperty("sun.net.httpserver.nodelay", "true");
    }
  }

  private static final String IMAGES = "/images/";
  private static final int MAX_EDITS_OF_EDITS = 8;
  private static final String STATES_PATH = "/_pact/states";

  /** What the provider states of the pact mean. */
  private static final Map<String, Script> STATES =
      Map.of(
          "a task is pending", Script.staysAt(TaskStatus.PENDING.value()),
          "a task is processing", Script.staysAt(TaskStatus.PROCESSING.value()),
          "a task is completed", Script.completesAfter(0),
          "a task has failed", Script.hasFailedWith("The sandbox was told to fail"));

  private final Moshi moshi = new Moshi.Builder().add(new ApiJsonAdapters()).build();
  private final Map<String, Task> tasks = new ConcurrentHashMap<>();
  private final Queue<Script> scripts = new ConcurrentLinkedQueue<>();
  private final List<GenerateImageRequest> requests =
      Collections.synchronizedList(new ArrayList<>());
  private final AtomicInteger ids = new AtomicInteger();
  private final HttpServer server;
  private final ExecutorService threads;

  private Sandbox(int port) throws IOException {
    InetAddress loopback = InetAddress.getByAddress(new byte[] {127, 0, 0, 1});
    server = HttpServer.create(new InetSocketAddress(loopback, port), 0);
    threads =
        Executors.newCachedThreadPool(
            task -> {
              Thread thread = new Thread(task, "sandbox");
              thread.setDaemon(true);
              return thread;
            });
    server.setExecutor(threads);
    server.createContext("/", this::handle);
    server.start();
  }

  /**
   * Starts a sandbox on any free port.
   *
   * @return a running sandbox
   */
  public static Sandbox start() {
    return start(0);
  }

  /**
   * Starts a sandbox on a port of your choice.
   *
   * @param port the port on loopback, or 0 for any that is free
   * @return a running sandbox
   * @throws UncheckedIOException if the port is taken
   */
  public static Sandbox start(int port) {
    try {
      return new Sandbox(port);
    } catch (IOException e) {
      throw new UncheckedIOException("No sandbox on port " + port, e);
    }
  }

  /**
   * Returns where the sandbox is.
   *
   * @return the base URL for clients
   */
  public String url() {
    return "http://127.0.0.1:" + server.getAddress().getPort();
  }

  /**
   * Returns a client of this sandbox.
   *
   * @return a new client, to be closed by the caller
   */
  public NanoBanana client() {
    return NanoBanana.builder().apiKey("sk-any-key-will-do").baseUrl(url()).build();
  }

  /**
   * Says what becomes of the next submits, the first of them first. Further ones go as usual.
   *
   * @param scripts one for each submit
   * @return this
   */
  public Sandbox next(Script... scripts) {
    this.scripts.addAll(List.of(scripts));
    return this;
  }

  /**
   * Returns what tasks were made of, those whose reply got lost included.
   *
   * @return the requests since the start, in their order
   */
  public List<GenerateImageRequest> requests() {
    synchronized (requests) {
      return List.copyOf(requests);
    }
  }

  /**
   * Returns how many tasks were made.
   *
   * @return the number since the start
   */
  public int submitted() {
    return requests.size();
  }

  /** Stops the sandbox at once; its tasks are gone. */
  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }

  private void handle(HttpExchange exchange) throws IOException {
    try (exchange) {
      @Nullable Reply reply;
      try {
        reply = route(exchange);
      } catch (RuntimeException e) {
        reply = error(500, e.toString());
      }
      if (reply == null) {
        return; // Closing the exchange ends the connection.
      }
      reply.headers().forEach(exchange.getResponseHeaders()::set);
      exchange.sendResponseHeaders(
          reply.status(), reply.body().length == 0 ? -1 : reply.body().length);
      exchange.getResponseBody().write(reply.body());
    }
  }

  private @Nullable Reply route(HttpExchange exchange) throws IOException {
    String path = exchange.getRequestURI().getPath();
    String method = exchange.getRequestMethod();
    if (path.startsWith(IMAGES)) {
      return method.equals("GET") ? image(path) : error(405, "Only GET");
    }
    if (path.equals(STATES_PATH)) {
      return method.equals("POST") ? changeState(exchange) : error(405, "Only POST");
    }
    for (Method operation : NanoBananaApi.class.getMethods()) {
      POST post = operation.getAnnotation(POST.class);
      if (post != null && path.equals("/" + post.value())) {
        return method.equals("POST") ? authorized(exchange, this::submit) : error(405, "Only POST");
      }
      GET get = operation.getAnnotation(GET.class);
      if (get != null && path.equals("/" + get.value())) {
        String parameter = queryParameter(operation);
        return method.equals("GET")
            ? authorized(exchange, e -> result(e, parameter))
            : error(405, "Only GET");
      }
    }
    return error(404, "No such path: " + path);
  }

  private @Nullable Reply authorized(HttpExchange exchange, Handler handler) throws IOException {
    String authorization = exchange.getRequestHeaders().getFirst("Authorization");
    boolean hasToken = authorization != null && authorization.matches("(?i)Bearer +\\S+");
    return hasToken ? handler.handle(exchange) : error(401, "A bearer token is required");
  }

  private @Nullable Reply submit(HttpExchange exchange) throws IOException {
    String contentType = exchange.getRequestHeaders().getFirst("Content-Type");
    if (contentType == null
        || !contentType.toLowerCase(Locale.ROOT).matches("application/json *(;.*)?")) {
      return error(415, "The body must be application/json");
    }
    GenerateImageRequest request;
    try {
      request = moshi.adapter(GenerateImageRequest.class).nonNull().fromJson(body(exchange));
    } catch (IOException | JsonDataException e) {
      return error(400, String.valueOf(e.getMessage()));
    }
    List<Violation> violations = RequestRules.check(request);
    if (!violations.isEmpty()) {
      return error(400, violations.stream().map(Violation::message).toList());
    }
    Script script = Objects.requireNonNullElse(scripts.poll(), Script.USUAL);
    if (script.reply() == Script.Reply.TOO_MANY_REQUESTS) {
      return error(429, "The sandbox was told to say so")
          .withHeader("Retry-After", String.valueOf(script.retryAfter().toSeconds()));
    }
    requests.add(request);
    String id = newTask(request, script);
    return script.reply() == Script.Reply.NONE
        ? null
        : json(201, GenerateImageResponse.class, GenerateImageResponse.builder(id).build());
  }

  private String newTask(GenerateImageRequest request, Script script) {
    String id = "sandbox-" + ids.incrementAndGet();
    tasks.put(id, new Task(request, script, now()));
    return id;
  }

  /** Makes what a provider state says; its reply is what a verifier puts into the request. */
  private Reply changeState(HttpExchange exchange) throws IOException {
    Object change;
    try {
      change = moshi.adapter(Object.class).fromJson(body(exchange));
    } catch (IOException e) {
      return error(400, String.valueOf(e.getMessage()));
    }
    Object state = change instanceof Map<?, ?> map ? map.get("state") : null;
    if (state == null
        || state.equals("")
        || "teardown".equals(((Map<?, ?>) change).get("action"))) {
      return json(200, Object.class, Map.of());
    }
    Script script = STATES.get(state);
    if (script == null) {
      return error(
          400, "No such state: " + state + ". There are: " + new TreeSet<>(STATES.keySet()));
    }
    GenerateImageRequest request =
        GenerateImageRequest.builder(state.toString(), Action.GENERATE).build();
    return json(
        200,
        GenerateImageResponse.class,
        GenerateImageResponse.builder(newTask(request, script)).build());
  }

  private static String body(HttpExchange exchange) throws IOException {
    return new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
  }

  private Reply result(HttpExchange exchange, String parameter) {
    HttpUrl url = HttpUrl.get(url() + exchange.getRequestURI());
    String id = url.queryParameter(parameter);
    if (id == null || id.isEmpty()) {
      return error(400, parameter + " is required");
    }
    Task task = tasks.get(id);
    if (task == null) {
      return error(404, "No such task: " + id);
    }
    TaskStatus status = task.script.status(task.reads.getAndIncrement());
    TaskResult.Builder result =
        TaskResult.builder(id, status).createdAt(task.createdAt).traceId("trace-" + id);
    if (status.equals(TaskStatus.COMPLETED)) {
      result
          .finishedAt(task.finishedAt())
          .result(ImageResult.builder().imageUrls(List.of(url() + IMAGES + id + ".png")).build());
    } else if (status.equals(TaskStatus.FAILED)) {
      result.finishedAt(task.finishedAt()).errorMessage(task.script.errorMessage());
    }
    return json(200, TaskResult.class, result.build());
  }

  private Reply image(String path) throws IOException {
    BufferedImage image = paint(path, MAX_EDITS_OF_EDITS);
    if (image == null) {
      return error(404, "No such image: " + path);
    }
    ByteArrayOutputStream png = new ByteArrayOutputStream();
    ImageIO.write(image, "png", png);
    return Reply.of(200, "image/png", png.toByteArray());
  }

  /** Paints the image at a path of this server, and for an edit those that it is made from. */
  private @Nullable BufferedImage paint(String path, int depth) {
    Task task =
        path.startsWith(IMAGES) && path.endsWith(".png")
            ? tasks.get(path.substring(IMAGES.length(), path.length() - ".png".length()))
            : null;
    if (task == null || depth == 0) {
      return null;
    }
    List<BufferedImage> sources = new ArrayList<>();
    List<String> imageUrls = task.request.imageUrls();
    for (String imageUrl : imageUrls == null ? List.<String>of() : imageUrls) {
      if (imageUrl.startsWith(url() + "/")) {
        BufferedImage source = paint(URI.create(imageUrl).getPath(), depth - 1);
        if (source != null) {
          sources.add(source);
        }
      }
    }
    return Painter.paint(task.request, sources);
  }

  private Reply error(int status, Object message) {
    return json(status, ErrorBody.class, ErrorBody.builder().message(message).build());
  }

  private <T> Reply json(int status, Class<T> type, T value) {
    String json = moshi.adapter(type).toJson(value);
    return Reply.of(status, "application/json", json.getBytes(StandardCharsets.UTF_8));
  }

  private static String queryParameter(Method operation) {
    return Arrays.stream(operation.getParameters())
        .map(parameter -> parameter.getAnnotation(Query.class))
        .map(Query::value)
        .findFirst()
        .orElseThrow();
  }

  private static OffsetDateTime now() {
    return OffsetDateTime.now(ZoneOffset.UTC);
  }

  private interface Handler {
    @Nullable Reply handle(HttpExchange exchange) throws IOException;
  }

  @SuppressWarnings("ArrayRecordComponent") // written once, never compared
  private record Reply(int status, Map<String, String> headers, byte[] body) {
    static Reply of(int status, String contentType, byte[] body) {
      return new Reply(status, Map.of("Content-Type", contentType), body);
    }

    Reply withHeader(String name, String value) {
      Map<String, String> more = new HashMap<>(headers);
      more.put(name, value);
      return new Reply(status, more, body);
    }
  }

  private static final class Task {
    final GenerateImageRequest request;
    final Script script;
    final OffsetDateTime createdAt;
    final AtomicInteger reads = new AtomicInteger();
    private @Nullable OffsetDateTime finishedAt;

    Task(GenerateImageRequest request, Script script, OffsetDateTime createdAt) {
      this.request = request;
      this.script = script;
      this.createdAt = createdAt;
    }

    synchronized OffsetDateTime finishedAt() {
      if (finishedAt == null) {
        finishedAt = now();
      }
      return finishedAt;
    }
  }
}
