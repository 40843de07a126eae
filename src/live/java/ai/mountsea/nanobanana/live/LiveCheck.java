package ai.mountsea.nanobanana.live;

import ai.mountsea.nanobanana.FileTaskStore;
import ai.mountsea.nanobanana.Image;
import ai.mountsea.nanobanana.ImageDownloadException;
import ai.mountsea.nanobanana.NanoBanana;
import ai.mountsea.nanobanana.NanoBananaException;
import ai.mountsea.nanobanana.OutcomeUnknownException;
import ai.mountsea.nanobanana.ResultNotUnderstoodException;
import ai.mountsea.nanobanana.RetryPolicy;
import ai.mountsea.nanobanana.TaskFailedException;
import ai.mountsea.nanobanana.TaskNotFinishedException;
import ai.mountsea.nanobanana.TaskRecord;
import ai.mountsea.nanobanana.WaitOptions;
import ai.mountsea.nanobanana.api.Action;
import ai.mountsea.nanobanana.api.GenerateImageRequest;
import ai.mountsea.nanobanana.api.ImageResult;
import ai.mountsea.nanobanana.api.TaskResult;
import ai.mountsea.nanobanana.api.TaskStatus;
import ai.mountsea.nanobanana.spec.OpenEnums;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.LocalDate;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import okhttp3.HttpUrl;
import okhttp3.MediaType;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.dataformat.yaml.YAMLMapper;

/**
 * Compares what the service answers with the spec. {@code mvn -Plive verify} runs it.
 *
 * <p>Tier 0 needs no key, tier 1 a key; neither can be billed, for none of their requests is one
 * that the service could make an image of. Tier 2 submits one image. All of it takes a bounded
 * time, and what was received is kept in {@link Observations}, whatever the library makes of it.
 */
final class LiveCheck {
  private static final String SUBMIT = "POST /gemini/image/generate";
  private static final String RESULT = "GET /gemini/task/result";
  private static final String UNKNOWN_TASK = "00000000-0000-0000-0000-000000000000";
  private static final String NOT_JSON = "This is not JSON";
  private static final int MOST_IMAGES = 4;
  private static final GenerateImageRequest REQUEST =
      GenerateImageRequest.builder(
              "A fluffy orange cat running through a sunny meadow", Action.GENERATE)
          .build();

  private final Settings settings;
  private final PrintStream out;
  private final JsonNode pact;
  private final ResponseCheck check;
  private final Redaction redaction;
  private final Observations observations;
  private final Exchange.Recorder recorder;
  private final Set<String> findings = new LinkedHashSet<>();
  private final Set<String> paidFor = new LinkedHashSet<>();

  /**
   * What to check, and how.
   *
   * @param url where the service is
   * @param key the API key, for tiers 1 and 2
   * @param isPaid whether an image may be submitted
   * @param observed where exchanges are kept
   * @param output where images and the report go
   * @param callTimeout for each call
   * @param waitTimeout for the task
   * @param pollDelay the shortest pause between two reads of the task
   */
  record Settings(
      String url,
      @Nullable String key,
      boolean isPaid,
      Path observed,
      Path output,
      Duration callTimeout,
      Duration waitTimeout,
      Duration pollDelay,
      Clock clock) {
    /** Returns the URL, if the key and the prompt may be sent there. */
    HttpUrl parsedUrl() {
      HttpUrl parsed = HttpUrl.parse(url);
      if (parsed == null) {
        throw new IllegalArgumentException(
            (url.isBlank() ? "Say where the service is" : url + " is not an http or https URL")
                + ": -Dlive.url=https://api.mountsea.ai");
      }
      if (!parsed.isHttps() && !isLoopback(parsed)) {
        throw new IllegalArgumentException(
            "-Dlive.url must be https, or the API key could be read on its way");
      }
      return parsed;
    }
  }

  private LiveCheck(Settings settings, PrintStream out) throws IOException {
    this.settings = settings;
    this.out = out;
    JsonNode spec =
        OpenEnums.marked(
            YAMLMapper.shared().readTree(Path.of("openapi", "nano-banana.yaml").toFile()));
    pact =
        JsonMapper.shared().readTree(Path.of("pacts", "nano-banana-java-mountsea.json").toFile());
    check = new ResponseCheck(spec);
    redaction = new Redaction(spec, settings.key(), REQUEST.prompt());
    observations = new Observations(settings.observed(), LocalDate.now(settings.clock()));
    String authority = authority(settings.parsedUrl());
    recorder =
        new Exchange.Recorder(
            url -> authority(url).equals(authority) && operation("", url) != null);
  }

  /**
   * Checks the service.
   *
   * @param args the URL, 1 for tier 2, the folder for exchanges (may be empty) and that for images;
   *     the API key is in the environment variable {@code MOUNTSEA_API_KEY}
   */
  public static void main(String... args) throws IOException {
    String key = System.getenv().getOrDefault("MOUNTSEA_API_KEY", "").strip();
    Path output = Path.of(args[3]);
    try {
      HttpUrl url = HttpUrl.parse(args[0]);
      Path observed =
          !args[2].isEmpty()
              ? Path.of(args[2])
              : url != null && isLoopback(url)
                  ? output.resolve("observed")
                  : Path.of("openapi", "observed");
      Settings settings =
          new Settings(
              args[0],
              key.isEmpty() ? null : key,
              args[1].equals("1"),
              observed,
              output,
              Duration.ofSeconds(60),
              Duration.ofMinutes(10),
              Duration.ofSeconds(3),
              Clock.systemUTC());
      System.exit(run(settings, System.out).isEmpty() ? 0 : 1);
    } catch (IllegalArgumentException e) {
      System.out.println(e.getMessage() + ". Nothing was sent.");
      System.exit(2);
    }
  }

  /**
   * Returns a sentence for each finding.
   *
   * @throws IllegalArgumentException if the settings are wrong; nothing was sent
   */
  static List<String> run(Settings settings, PrintStream out) throws IOException {
    settings.parsedUrl();
    if (settings.isPaid() && settings.key() == null) {
      throw new IllegalArgumentException("-Dlive.paid=1 needs a key in MOUNTSEA_API_KEY");
    }
    if (settings.key() != null) {
      NanoBanana.builder().apiKey(settings.key()); // Refuses what is not a key.
    }
    LiveCheck live = new LiveCheck(settings, out);
    try {
      live.tiers();
    } finally {
      live.observations.close();
      live.report();
    }
    return List.copyOf(live.findings);
  }

  private void tiers() throws IOException {
    out.printf("Live check of %s%n", settings.url());
    out.println("Tier 0, without a key: two requests, which can't be billed.");
    out.println(
        settings.key() == null
            ? "Tier 1 is skipped: MOUNTSEA_API_KEY is not set."
            : "Tier 1, with a key: two requests that no image can be made of.");
    out.println(
        settings.isPaid()
            ? "Tier 2: one image, for which you will be billed, by the default model."
            : "Tier 2 is skipped: without -Dlive.paid=1, no image is submitted.");
    if (!withoutKey()) {
      out.println("Tier 0 was not refused as it should be, so nothing else is sent.");
    } else if (settings.key() != null && !withKey(settings.key())) {
      out.println("Tier 1 was not refused as it should be, so no image is submitted.");
    } else if (settings.key() != null && settings.isPaid()) {
      paid(settings.key());
    }
  }

  /** Both operations as in the pact, where they have no token. */
  private boolean withoutKey() throws IOException {
    boolean isRefused = true;
    for (JsonNode interaction : pact.path("interactions")) {
      JsonNode request = interaction.path("request");
      if (request.path("headers").has("Authorization")) {
        continue;
      }
      HttpUrl.Builder url = at(request.path("path").asString());
      request
          .path("query")
          .forEachEntry((name, values) -> url.addQueryParameter(name, values.path(0).asString()));
      JsonNode body = request.path("body").path("content");
      boolean isSubmit = request.path("method").asString().equals("POST");
      Exchange exchange =
          call(
              isSubmit ? "submit-without-token" : "result-without-token",
              "without a token",
              new Request.Builder().url(url.build()),
              isSubmit ? body : null,
              interaction.path("response").path("status").asString(""));
      isRefused = exchange != null && exchange.status() / 100 == 4 && isRefused;
    }
    return isRefused;
  }

  private boolean withKey(String key) throws IOException {
    Exchange unknown =
        call(
            "result-of-unknown-task",
            "for an unknown task",
            authorized(key, resultOf(UNKNOWN_TASK)),
            null,
            "4xx");
    if (unknown != null && (unknown.status() == 401 || unknown.status() == 403)) {
      findings.add("The service refuses the key: status " + unknown.status() + ".");
      return false;
    }
    Exchange invalid =
        call(
            "submit-of-invalid-json",
            "with a body that is not JSON",
            authorized(key, at(SUBMIT.substring(5)).build()),
            JsonNodeFactory.instance.stringNode(NOT_JSON),
            "4xx");
    if (invalid != null && invalid.isSuccess()) {
      paidFor.add("perhaps an image, by a submit that is not even JSON");
    }
    return unknown != null
        && !unknown.isRedirect()
        && invalid != null
        && !invalid.isRedirect()
        && !invalid.isSuccess();
  }

  private void paid(String key) throws IOException {
    OnePost onePost = new OnePost();
    Path tasks = settings.observed().resolve("tasks.jsonl");
    try (FileTaskStore store = FileTaskStore.open(tasks);
        NanoBanana submits =
            NanoBanana.builder()
                .apiKey(key)
                .baseUrl(settings.url())
                .callTimeout(settings.callTimeout())
                .retryPolicy(RetryPolicy.NEVER)
                .configureOkHttp(
                    http -> http.addNetworkInterceptor(onePost).addNetworkInterceptor(recorder))
                .build();
        NanoBanana reads = submits.newBuilder().retryPolicy(RetryPolicy.DEFAULT).build()) {
      String name = nameOfImage(store);
      String taskId = submit(submits, store, name);
      out.printf("POSTs of an image: %d%n", onePost.sent());
      if (taskId == null) {
        TaskRecord known = store.find(name);
        if (known != null && known.state() != TaskRecord.State.NOT_SUBMITTED) {
          findings.add(
              "No image is submitted until a person has settled " + name + " in " + tasks + ".");
        }
        return;
      }
      boolean isSaved = false;
      try {
        isSaved = save(reads, name, taskId, await(reads, taskId, key));
        if (isSaved) {
          end(store, name, TaskRecord.State.DONE);
        }
      } catch (TaskFailedException e) {
        findings.add("The task failed: " + redaction.kept(String.valueOf(e.getMessage())));
        end(store, name, TaskRecord.State.FAILED);
        return;
      } finally {
        keep(null);
      }
      if (!isSaved) {
        findings.add(
            "No image was saved. The task is in "
                + tasks
                + ", so the next run takes it up and submits nothing.");
      }
    } catch (IllegalStateException | IllegalArgumentException e) {
      findings.add(redaction.kept(String.valueOf(e.getMessage())));
    }
  }

  /** The first name under which no task has ended yet. */
  private static String nameOfImage(FileTaskStore store) {
    for (int number = 1; ; number++) {
      String name = "live-" + number;
      TaskRecord known = store.find(name);
      if (known == null
          || (known.state() != TaskRecord.State.DONE && known.state() != TaskRecord.State.FAILED)) {
        return name;
      }
    }
  }

  private static void end(FileTaskStore store, String name, TaskRecord.State state) {
    TaskRecord known = store.find(name);
    if (known != null) {
      store.replace(name, known, known.to(state, known.taskId(), null));
    }
  }

  /** Returns the task id, which is in the store by then; null if there is none. */
  private @Nullable String submit(NanoBanana submits, FileTaskStore store, String name)
      throws IOException {
    String taskId;
    try {
      taskId = submits.submitOnce(name, REQUEST, store);
    } catch (NanoBananaException e) {
      List<Exchange> exchanges = recorder.take();
      taskId =
          e.taskId() != null
              ? e.taskId()
              : e instanceof OutcomeUnknownException ? idIn(exchanges) : null;
      if (taskId != null) {
        redaction.taskId(taskId);
        TaskRecord known = store.find(name);
        if (known != null && known.taskId() == null) {
          store.replace(name, known, known.to(TaskRecord.State.SUBMITTED, taskId, null));
        }
      }
      findings.add("The submit failed: " + redaction.kept(String.valueOf(e.getMessage())));
      if (e.mayTaskExist()) {
        paidFor.add(
            taskId == null ? "perhaps an image whose task id is unknown" : "task " + taskId);
      }
      keep(exchanges);
      return taskId;
    }
    List<Exchange> exchanges = recorder.take();
    redaction.taskId(taskId);
    if (exchanges.isEmpty()) {
      out.printf("Task %s of an earlier run is taken up.%n", taskId);
    } else {
      out.printf("Task %s was submitted.%n", taskId);
      paidFor.add("task " + taskId);
    }
    keep(exchanges);
    return taskId;
  }

  /** A task id where the library doesn't look for it. */
  private static @Nullable String idIn(List<Exchange> exchanges) {
    for (Exchange exchange : exchanges) {
      JsonNode body = ResponseCheck.json(exchange.responseBody());
      if (exchange.isSuccess() && body != null) {
        for (String field : List.of("task_id", "taskID", "id")) {
          JsonNode id = body.findValue(field);
          if (id != null && id.isValueNode() && !id.isNull() && !id.asString("").isBlank()) {
            return id.asString();
          }
        }
      }
    }
    return null;
  }

  /**
   * Returns the image URLs by their places. If the library doesn't understand the result, these are
   * all of its URLs: the image is paid for.
   */
  private Map<String, String> await(NanoBanana reads, String taskId, String key)
      throws IOException {
    long end = System.nanoTime() + settings.waitTimeout().toNanos();
    Map<String, String> urls = new LinkedHashMap<>();
    try {
      TaskResult result =
          reads.await(
              taskId,
              WaitOptions.DEFAULT
                  .withTimeout(settings.waitTimeout())
                  .withMinDelay(settings.pollDelay())
                  .withStatusListener(
                      task -> out.printf("Status: %s%n", redaction.text(task.status().value()))));
      keep(null);
      result.imageUrls().forEach(url -> urls.put(String.valueOf(urls.size()), url));
      return urls;
    } catch (TaskFailedException e) {
      throw e;
    } catch (NanoBananaException e) {
      findings.add(redaction.kept(String.valueOf(e.getMessage())));
      urls(ResponseCheck.json(keep(null)), "", urls);
      boolean readsOn = e instanceof ResultNotUnderstoodException;
      boolean readsAgain = readsOn || e instanceof TaskNotFinishedException;
      while (urls.isEmpty() && readsAgain) {
        readsAgain = readsOn && System.nanoTime() - end < 0;
        pause();
        Exchange again = call(null, "again", authorized(key, resultOf(taskId)), null, "200");
        urls(ResponseCheck.json(again == null ? null : again.responseBody()), "", urls);
      }
    }
    if (!urls.isEmpty()) {
      findings.add(
          "The library finds no image in this result; its URLs are at `"
              + String.join("`, `", urls.keySet())
              + "`.");
    }
    return urls;
  }

  private static void urls(@Nullable JsonNode node, String path, Map<String, String> urls) {
    if (node == null) {
      return;
    }
    if (node.isString() && HttpUrl.parse(node.asString()) != null) {
      urls.put(path, node.asString());
    }
    for (Map.Entry<String, JsonNode> each : node.properties()) {
      urls(each.getValue(), path.isEmpty() ? each.getKey() : path + "." + each.getKey(), urls);
    }
    for (int i = 0; node.isArray() && i < node.size(); i++) {
      urls(node.get(i), path + "[" + i + "]", urls);
    }
  }

  /** Returns whether there is an image, whole and of a known format. */
  private boolean save(NanoBanana reads, String name, String taskId, Map<String, String> urls)
      throws IOException {
    Files.createDirectories(settings.output());
    int saved = 0;
    for (String url : urls.values().stream().limit(MOST_IMAGES).toList()) {
      TaskResult one =
          TaskResult.builder(taskId, TaskStatus.COMPLETED)
              .result(ImageResult.builder().imageUrls(url).build())
              .build();
      try {
        Image image = reads.download(one).get(0);
        saved++;
        Path file =
            settings.output().resolve(name + "-" + saved + "." + image.mediaType().substring(6));
        Files.write(file, image.bytes());
        out.printf("Image: %s, in %s%n", image, file);
      } catch (ImageDownloadException e) {
        findings.add("An image can't be downloaded: " + redaction.kept(e.getMessage()));
      }
    }
    return saved > 0;
  }

  /**
   * Makes a call that is no submit of an image.
   *
   * @param name under which the exchange is kept, or null for that of its status
   * @param expected a status, or 4xx
   */
  private @Nullable Exchange call(
      @Nullable String name,
      String what,
      Request.Builder request,
      @Nullable JsonNode body,
      String expected)
      throws IOException {
    if (body != null) {
      String text = body.isString() ? body.asString() : body.toString();
      request.post(RequestBody.create(text, MediaType.get("application/json")));
    }
    String operation = body == null ? RESULT : SUBMIT;
    OkHttpClient http =
        new OkHttpClient.Builder()
            .callTimeout(settings.callTimeout())
            .readTimeout(settings.callTimeout())
            .followRedirects(false)
            .retryOnConnectionFailure(false)
            .addNetworkInterceptor(new OnePost())
            .addNetworkInterceptor(recorder)
            .build();
    String failure = "";
    try (Response response = http.newCall(request.build()).execute()) {
      response.body().bytes();
    } catch (InterruptedIOException e) {
      failure = "no response within " + settings.callTimeout().toMillis() / 1000.0 + " seconds";
    } catch (IOException e) {
      failure = "no response: " + redaction.kept(String.valueOf(e.getMessage()));
    } finally {
      http.dispatcher().executorService().shutdown();
      http.connectionPool().evictAll();
    }
    List<Exchange> exchanges = recorder.take();
    String described = operation + " " + what;
    if (exchanges.isEmpty()) {
      findings.add(described + ": " + failure + ".");
      out.println(described + ": " + failure);
      return null;
    }
    Exchange exchange = exchanges.get(0);
    String status = String.valueOf(exchange.status());
    out.println(described + ": " + status);
    if (!exchange.isRedirect() && !status.matches(expected.replace('x', '.'))) {
      findings.add(described + ": status " + status + ", expected " + expected + ".");
    }
    keep(name == null ? nameOf(exchange) : name, exchange, body);
    return exchange;
  }

  /**
   * Judges and writes exchanges of tier 2.
   *
   * @param exchanges null for what the recorder has
   * @return the last body of a result, if there is one
   */
  private @Nullable String keep(@Nullable List<Exchange> exchanges) throws IOException {
    String last = null;
    for (Exchange exchange : exchanges == null ? recorder.take() : exchanges) {
      boolean isSubmit = exchange.method().equals("POST");
      keep(
          nameOf(exchange),
          exchange,
          isSubmit ? JsonMapper.shared().readTree(REQUEST.toJson()) : null);
      last = isSubmit || exchange.responseBody() == null ? last : exchange.responseBody();
    }
    return last;
  }

  private void keep(String name, Exchange exchange, @Nullable JsonNode body) throws IOException {
    String operation = operation(exchange.method(), exchange.url());
    if (operation == null || exchange.responseBody() == null) {
      observations.write(name, "$imageUrl", null, exchange, redaction);
      return;
    }
    ResponseCheck.Verdict verdict = check.judge(operation, exchange, redaction);
    findings.addAll(verdict.findings());
    observations.seen(verdict.facts());
    observations.write(
        name, operation.substring(operation.indexOf(' ') + 1), body, exchange, redaction);
  }

  private String nameOf(Exchange exchange) {
    if (exchange.responseBody() == null) {
      return exchange.isSuccess() ? "image" : "image-status-" + exchange.status();
    }
    String name = exchange.method().equals("POST") ? "submit" : "result";
    if (!exchange.isSuccess()) {
      return name + "-status-" + exchange.status();
    }
    if (name.equals("submit")) {
      return name;
    }
    JsonNode body = ResponseCheck.json(exchange.responseBody());
    JsonNode status = body == null ? null : body.get("status");
    return status == null || !status.isString()
        ? name + "-unreadable"
        : name
            + "-"
            + redaction
                .text(status.asString())
                .toLowerCase(Locale.ROOT)
                .replaceAll("[^a-z0-9]+", "-");
  }

  private void report() throws IOException {
    out.printf(
        "Sent %d requests. Billed: %s.%n",
        recorder.sent(), paidFor.isEmpty() ? "nothing" : String.join(", ", paidFor));
    StringBuilder report = new StringBuilder();
    if (findings.isEmpty()) {
      report.append("The service answers as the spec says.\n");
    } else {
      report.append("The service is not what the spec says:\n");
      findings.forEach(finding -> report.append("- ").append(finding).append('\n'));
    }
    report.append(
        observations.changed().isEmpty()
            ? "%s is as before, but for the dates.%n".formatted(settings.observed())
            : "New or changed in %s: %s.%n"
                .formatted(settings.observed(), String.join(", ", observations.changed())));
    Files.createDirectories(settings.output());
    Files.writeString(settings.output().resolve("report.md"), report);
    out.print(report);
  }

  private Request.Builder authorized(String key, HttpUrl url) {
    return new Request.Builder().url(url).header("Authorization", "Bearer " + key);
  }

  private HttpUrl resultOf(String taskId) {
    return at(RESULT.substring(4)).addQueryParameter("taskId", taskId).build();
  }

  private HttpUrl.Builder at(String path) {
    return settings.parsedUrl().newBuilder().addPathSegments(path.substring(1));
  }

  /** The operation that a URL is of; null if it is none. */
  private static @Nullable String operation(String method, HttpUrl url) {
    for (String operation : List.of(SUBMIT, RESULT)) {
      String[] parts = operation.split(" ");
      if (url.encodedPath().endsWith(parts[1]) && (method.isEmpty() || method.equals(parts[0]))) {
        return operation;
      }
    }
    return null;
  }

  private static String authority(HttpUrl url) {
    return url.host() + ":" + url.port();
  }

  private static boolean isLoopback(HttpUrl url) {
    return List.of("127.0.0.1", "localhost", "::1").contains(url.host());
  }

  private void pause() {
    try {
      Thread.sleep(settings.pollDelay().toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("Interrupted", e);
    }
  }
}
