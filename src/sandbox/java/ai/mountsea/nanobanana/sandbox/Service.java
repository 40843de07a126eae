package ai.mountsea.nanobanana.sandbox;

import ai.mountsea.nanobanana.RequestRules;
import ai.mountsea.nanobanana.Violation;
import ai.mountsea.nanobanana.api.AspectRatio;
import ai.mountsea.nanobanana.api.ErrorBody;
import ai.mountsea.nanobanana.api.GenerateImageRequest;
import ai.mountsea.nanobanana.api.GenerateImageResponse;
import ai.mountsea.nanobanana.api.ImageResult;
import ai.mountsea.nanobanana.api.Model;
import ai.mountsea.nanobanana.api.NanoBananaApi;
import ai.mountsea.nanobanana.api.Resolution;
import ai.mountsea.nanobanana.api.TaskResult;
import ai.mountsea.nanobanana.api.TaskStatus;
import ai.mountsea.nanobanana.sandbox.Behavior.Answer;
import ai.mountsea.nanobanana.sandbox.Behavior.Step;
import com.squareup.moshi.JsonDataException;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.lang.reflect.Method;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import retrofit2.http.GET;
import retrofit2.http.POST;
import retrofit2.http.Query;

/**
 * Answers as the service is documented to. Paths and JSON are the generated ones, the rules are
 * {@link RequestRules}: nothing of the API is written down here again.
 */
final class Service {
  private static final int MOST_WARNINGS = 10;
  private static final Pattern IMAGE_PATH = Pattern.compile("/images/(.+)\\.png");
  private static final Pattern IMAGE_URL =
      Pattern.compile("[Hh][Tt][Tt][Pp]://([^/?#@]+)/images/([^/?#]+)\\.png");
  private static final int MAX_TITLE = 1_000;
  private static final int PIXELS_PER_K = 1024;

  private final Memory memory;
  private final Pictures pictures;

  Service(Memory memory, Pictures pictures) {
    this.memory = memory;
    this.pictures = pictures;
  }

  /**
   * An operation of the API, as it is generated. Read at the first call, so that starting a sandbox
   * takes no time.
   *
   * @param method the HTTP method
   * @param path the path, from its first slash
   * @param query the query parameters
   */
  record Operation(String method, String path, List<String> query) {
    static final Operation SUBMIT = of(NanoBananaApi.class, "generateImage");
    static final Operation RESULT = of(NanoBananaApi.class, "getTaskResult");

    /** Returns the operation of an id, which is the name of its method. */
    static Operation of(Class<?> api, String id) {
      Method generated =
          Arrays.stream(api.getMethods())
              .filter(each -> each.getName().equals(id))
              .findFirst()
              .orElseThrow();
      POST post = generated.getAnnotation(POST.class);
      return new Operation(
          post == null ? "GET" : "POST",
          "/" + (post == null ? generated.getAnnotation(GET.class).value() : post.value()),
          Arrays.stream(generated.getParameters())
              .map(parameter -> parameter.getAnnotation(Query.class))
              .filter(Objects::nonNull)
              .map(Query::value)
              .toList());
    }

    @Override
    public String toString() {
      return method + " " + path;
    }
  }

  /** Answers a call if it is one of the service's. */
  boolean handle(Call call) throws BadRequestException {
    Request request = call.request();
    Matcher image = IMAGE_PATH.matcher(request.path());
    Operation operation = operation(call);
    if (Operation.SUBMIT.equals(operation)) {
      submit(call);
    } else if (Operation.RESULT.equals(operation)) {
      requireToken(request);
      result(call);
    } else if (image.matches()) {
      call.requireMethod("GET");
      image(call, image.group(1));
    } else {
      return false;
    }
    return true;
  }

  /**
   * Returns the operation that is called, or null if the path is of none.
   *
   * @throws BadRequestException if the path is called by another method than those of its
   *     operations
   */
  private static @Nullable Operation operation(Call call) throws BadRequestException {
    Operation another = null;
    for (Operation each : List.of(Operation.SUBMIT, Operation.RESULT)) {
      if (each.path().equals(call.request().path())) {
        if (call.isOf(each.method())) {
          return each;
        }
        another = each;
      }
    }
    if (another != null) {
      call.requireMethod(another.method());
    }
    return null;
  }

  /** The response to what is refused. */
  Reply error(BadRequestException e) {
    Reply reply = error(e.status(), e.sentence());
    return e.allowed().isEmpty()
        ? reply
        : reply.withHeader("Allow", String.join(", ", e.allowed()));
  }

  /** The body of an error. */
  Reply error(int status, Object message) {
    return Reply.json(status, ErrorBody.builder().message(message).build().toJson());
  }

  private static void requireToken(Request request) throws BadRequestException {
    String authorization = request.header("Authorization");
    if (authorization == null || !authorization.matches("(?i)Bearer +\\S+")) {
      throw new BadRequestException(
          401, "A bearer token is required: Authorization: Bearer and any token");
    }
  }

  private void submit(Call call) {
    String at = OffsetDateTime.now(ZoneOffset.UTC).toString();
    Map<?, ?> fields = null;
    List<String> warnings = new ArrayList<>();
    Memory.Outcome outcome = null;
    Reply reply;
    try {
      requireToken(call.request());
      requireJson(call.request());
      String text = call.request().text();
      fields = readJson(text) instanceof Map<?, ?> map ? map : null;
      GenerateImageRequest request = read(text);
      warnings.addAll(warnings(request));
      List<Violation> violations = RequestRules.check(request);
      if (violations.isEmpty()) {
        List<Painter.Source> sources = sources(call, request);
        outcome = memory.submit(request, sources, size(fields, sources));
        reply = reply(call, outcome);
      } else {
        reply = error(400, violations.stream().map(Violation::message).toList());
      }
    } catch (BadRequestException e) {
      reply = error(e);
    }
    Task task = outcome == null ? null : outcome.task();
    String duplicated = outcome == null ? null : outcome.duplicated();
    memory.record(
        new Submit(
            at,
            fields,
            call.requestText(),
            responseText(reply),
            Call.outcome(reply),
            outcome == null ? null : outcome.script(),
            task == null ? null : task.id,
            duplicated,
            List.copyOf(warnings)));
    warnings.forEach(warning -> call.log(Level.WARNING, warning));
    if (duplicated != null) {
      call.log(Level.DEBUG, "The same request was submitted before, as " + duplicated);
    }
    call.note(task == null ? "" : task.id);
    call.note(fields == null ? "" : Call.quoted(fields.get("prompt")));
    call.reply(outcome == null ? Step.USUAL.delay() : outcome.behavior().submit().delay(), reply);
  }

  private static void requireJson(Request request) throws BadRequestException {
    String contentType = request.header("Content-Type"); // Some verifiers of pacts send it twice.
    if (contentType == null
        || !contentType.toLowerCase(Locale.ROOT).matches("application/json *([;,].*)?")) {
      throw new BadRequestException(415, "The header Content-Type must be application/json");
    }
    if (request.header("Content-Encoding") != null) {
      throw new BadRequestException(415, "The sandbox reads no Content-Encoding");
    }
  }

  private Reply reply(Call call, Memory.Outcome outcome) {
    Step step = outcome.behavior().submit();
    Answer answer = step.answer(0);
    Task task = outcome.task();
    Reply reply =
        answer != null
            ? reply(call, answer, task)
            : task == null
                ? error(500, "No task was made")
                : Reply.json(201, GenerateImageResponse.builder(task.id).build().toJson());
    return reply.withDelivery(step.delivery());
  }

  private static Reply reply(Call call, Answer answer, @Nullable Task task) {
    String body = task == null ? answer.body() : filledIn(answer.body(), call, task);
    Reply reply = Reply.of(answer.status(), "", body);
    return new Reply(
        answer.status(), answer.headers(), reply.body(), 0, null, Reply.Delivery.WHOLE);
  }

  private static String filledIn(String text, Call call, Task task) {
    return text.replace("$imageUrl", imageUrl(call, task)).replace("$taskId", task.id);
  }

  /** The image's URL, at the address by which the sandbox was called. */
  private static String imageUrl(Call call, Task task) {
    return call.address() + "/images/" + task.id + ".png";
  }

  private static String responseText(Reply reply) {
    return switch (reply.delivery()) {
      case LOST -> "";
      case WHOLE, CUT ->
          reply.head(true, true)
              + new String(reply.body(), java.nio.charset.StandardCharsets.UTF_8);
    };
  }

  private static GenerateImageRequest read(String json) throws BadRequestException {
    try {
      return GenerateImageRequest.fromJson(json);
    } catch (JsonDataException e) {
      throw new BadRequestException(400, String.valueOf(e.getMessage()));
    }
  }

  /** Reads any JSON. */
  static @Nullable Object readJson(String text) throws BadRequestException {
    try {
      return Json.read(text, "The body");
    } catch (IOException e) {
      throw new BadRequestException(400, String.valueOf(e.getMessage()));
    }
  }

  /** What the spec doesn't know. Most often it is a typo. */
  private static List<String> warnings(GenerateImageRequest request) {
    List<String> warnings = new ArrayList<>();
    warnIfUnknown(
        GenerateImageRequest.JSON_PROPERTY_MODEL, request.model(), Model.values(), warnings);
    warnIfUnknown(
        GenerateImageRequest.JSON_PROPERTY_ASPECT_RATIO,
        request.aspectRatio(),
        AspectRatio.values(),
        warnings);
    warnIfUnknown(
        GenerateImageRequest.JSON_PROPERTY_RESOLUTION,
        request.resolution(),
        Resolution.values(),
        warnings);
    Set<String> unknown = request.additionalProperties().keySet();
    for (String name : unknown.stream().limit(MOST_WARNINGS).toList()) {
      String meant =
          KnownFields.NAMES.stream()
              .filter(known -> KnownFields.plain(known).equals(KnownFields.plain(name)))
              .findFirst()
              .map(known -> "; did you mean " + known + "?")
              .orElse("");
      warnings.add("The field " + Call.quoted(name) + " is unknown and has no effect" + meant);
    }
    if (unknown.size() > MOST_WARNINGS) {
      warnings.add((unknown.size() - MOST_WARNINGS) + " more fields are unknown");
    }
    return warnings;
  }

  private static void warnIfUnknown(
      String field, @Nullable Object value, List<?> known, List<String> warnings) {
    if (value != null && !known.contains(value)) {
      warnings.add("The " + field + " " + Call.quoted(value) + " is none that the spec knows");
    }
  }

  /** The names of the fields of a request. */
  private static final class KnownFields {
    static final List<String> NAMES =
        List.of(
            GenerateImageRequest.JSON_PROPERTY_PROMPT,
            GenerateImageRequest.JSON_PROPERTY_ACTION,
            GenerateImageRequest.JSON_PROPERTY_NUM_IMAGES,
            GenerateImageRequest.JSON_PROPERTY_IMAGE_URLS,
            GenerateImageRequest.JSON_PROPERTY_ASPECT_RATIO,
            GenerateImageRequest.JSON_PROPERTY_MODEL,
            GenerateImageRequest.JSON_PROPERTY_RESOLUTION);

    /** The name without what typos are made of: case, separators and a plural. */
    static String plain(String name) {
      return name.toLowerCase(Locale.ROOT).replaceAll("[^a-z]|s$", "");
    }
  }

  /** About how many bytes a task of these fields keeps. */
  private static long size(@Nullable Map<?, ?> fields, List<Painter.Source> sources) {
    return 500
        + Size.of(fields)
        + sources.stream().mapToLong(source -> 64 + Size.of(source.prompt())).sum();
  }

  /** The images that are edited, if they are the sandbox's own, as many as are painted. */
  private List<Painter.Source> sources(Call call, GenerateImageRequest request) {
    List<Painter.Source> sources = new ArrayList<>();
    List<String> imageUrls = request.imageUrls();
    for (String imageUrl : imageUrls == null ? List.<String>of() : imageUrls) {
      Matcher matcher = IMAGE_URL.matcher(imageUrl);
      if (matcher.matches() && call.isAddress(matcher.group(1))) {
        Task task = memory.task(matcher.group(2));
        if (task != null && sources.size() < Painter.MAX_SOURCES) {
          int[] size = size(task.request);
          sources.add(new Painter.Source(title(task.request), size[0], size[1]));
        }
      }
    }
    return List.copyOf(sources);
  }

  private void result(Call call) throws BadRequestException {
    String taskId = Operation.RESULT.query().get(0);
    String id = call.request().queryParameter(taskId);
    if (id == null || id.isEmpty()) {
      throw new BadRequestException(400, "The query parameter " + taskId + " is required");
    }
    Task task = task(id);
    int read = memory.read(task);
    Step step = task.behavior.read();
    Answer answer = step.answer(read);
    String status = task.status(read);
    Reply reply =
        answer == null ? Reply.json(200, result(call, task, status)) : reply(call, answer, task);
    memory.recordRead(task.id, answer == null ? status : Call.outcome(reply), responseText(reply));
    call.note(task.id);
    call.note(answer == null ? status : "");
    call.reply(step.delay(), reply.withDelivery(step.delivery()));
  }

  private Task task(String id) throws BadRequestException {
    Task task = memory.task(id);
    if (task == null) {
      throw new BadRequestException(
          404,
          memory.wasForgotten(id)
              ? "The sandbox has forgotten this task, for it keeps the newest "
                  + Memory.MAX_TASKS
                  + " only, or fewer if they are long: "
                  + id
              : "No such task: " + id);
    }
    return task;
  }

  private String result(Call call, Task task, String status) throws BadRequestException {
    TaskStatus taskStatus = new TaskStatus(status);
    TaskResult.Builder result =
        TaskResult.builder(task.id, taskStatus)
            .createdAt(task.createdAt)
            .traceId("trace-" + task.id);
    if (taskStatus.equals(TaskStatus.COMPLETED)) {
      result
          .finishedAt(task.finishedAt)
          .result(ImageResult.builder().imageUrls(imageUrl(call, task)).build());
    } else if (taskStatus.equals(TaskStatus.FAILED)) {
      result.finishedAt(task.finishedAt).errorMessage(task.behavior.errorMessage());
    }
    String own = task.behavior.result();
    if (own == null || !taskStatus.equals(TaskStatus.COMPLETED)) {
      return result.build().toJson();
    }
    String others = result.result(null).build().toJson();
    return others.substring(0, others.length() - 1)
        + ",\""
        + TaskResult.JSON_PROPERTY_RESULT
        + "\":"
        + filledIn(own, call, task)
        + "}";
  }

  private void image(Call call, String id) throws BadRequestException {
    Task task = task(id);
    call.note(task.id);
    Step step = task.behavior.image();
    Answer answer = step.answer(0);
    if (answer != null) {
      call.reply(step.delay(), reply(call, answer, task).withDelivery(step.delivery()));
    } else {
      var unused =
          pictures
              .paint(subject(task))
              .handle(
                  (png, failure) ->
                      failure == null
                          ? Reply.of(200, "image/png", png)
                          : error(500, "The picture can't be painted: " + failure.getCause()))
              .thenAccept(
                  reply ->
                      call.reply(
                          step.delay(),
                          reply.withPadding(step.padding()).withDelivery(step.delivery())));
    }
  }

  private static Painter.Subject subject(Task task) {
    GenerateImageRequest request = task.request;
    int[] size = size(request);
    return new Painter.Subject(
        title(request),
        "sandbox · "
            + request.action()
            + (request.model() == null ? "" : " · " + request.model().value()),
        size[0],
        size[1],
        task.sources);
  }

  /** As much of a prompt as a picture shows, and what tells it from others that begin alike. */
  private static String title(GenerateImageRequest request) {
    String prompt = request.prompt();
    return prompt.length() <= MAX_TITLE
        ? prompt
        : prompt.substring(0, MAX_TITLE) + "… " + Integer.toHexString(prompt.hashCode());
  }

  /** Exactly the aspect ratio, and about the area of a square of the resolution. */
  private static int[] size(GenerateImageRequest request) {
    AspectRatio aspectRatio = request.aspectRatio();
    Resolution resolution = request.resolution();
    String ratio = aspectRatio == null ? "" : aspectRatio.value();
    String k = resolution == null ? "" : resolution.value();
    String[] sides =
        ratio.matches("[1-9][0-9]?:[1-9][0-9]?") ? ratio.split(":") : new String[] {"1", "1"};
    int width = Integer.parseInt(sides[0]);
    int height = Integer.parseInt(sides[1]);
    int side = PIXELS_PER_K * (k.matches("[1-4]K") ? k.charAt(0) - '0' : 1);
    int unit = Math.max(1, (int) Math.round(side / Math.sqrt(width * height)));
    return new int[] {width * unit, height * unit};
  }
}
