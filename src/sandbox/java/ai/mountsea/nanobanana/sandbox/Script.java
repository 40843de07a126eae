package ai.mountsea.nanobanana.sandbox;

import ai.mountsea.nanobanana.sandbox.Behavior.Answer;
import ai.mountsea.nanobanana.sandbox.Behavior.Step;
import ai.mountsea.nanobanana.sandbox.Reply.Delivery;
import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What becomes of a submit, its task or its image, instead of the usual. Hand it to {@link
 * Sandbox#next}.
 *
 * <pre>{@code
 * sandbox.next(
 *     Script.tooManyRequests(Duration.ZERO),
 *     Script.failsWith("No cats today").whenPromptContains("cat").times(3));
 * }</pre>
 *
 * <p>Immutable. Over HTTP, a script is a JSON object with the same names: {@code {"script":
 * "failsWith", "errorMessage": "No cats today"}}.
 */
public final class Script {
  private static final Set<String> OWN_HEADERS =
      Set.of("content-length", "transfer-encoding", "connection");

  private final String name;
  private final Map<String, Object> arguments;
  private final Behavior behavior;
  private final int times;
  private final @Nullable String word;

  private Script(
      String name,
      Map<String, Object> arguments,
      Behavior behavior,
      int times,
      @Nullable String word) {
    this.name = name;
    this.arguments = arguments;
    this.behavior = behavior;
    this.times = times;
    this.word = word;
  }

  private Script(String name, Map<String, Object> arguments, Behavior behavior) {
    this(name, arguments, behavior, 1, null);
  }

  /**
   * Answers the submit with any JSON; no task is made.
   *
   * @param status the HTTP status, 200 to 599
   * @param body the body, sent as {@code application/json}
   * @return the script
   */
  public static Script answers(int status, String body) {
    return answers(status, Map.of("Content-Type", "application/json"), body);
  }

  /**
   * Answers the submit with anything; no task is made.
   *
   * @param status the HTTP status, 200 to 599
   * @param headers the headers, without those that the sandbox sets: {@code Content-Length}, {@code
   *     Transfer-Encoding} and {@code Connection}
   * @param body the body, sent in UTF-8
   * @return the script
   */
  public static Script answers(int status, Map<String, String> headers, String body) {
    Answer answer = answer(status, headers, body);
    return new Script(
        "answers",
        arguments(answer),
        Behavior.USUAL.withSubmit(Step.answers(answer)).withoutTask());
  }

  /**
   * Refuses the API key with status 401; no task is made.
   *
   * @return the script
   */
  public static Script refusesKey() {
    return refuses("refusesKey", Map.of(), 401, Map.of(), "The sandbox was told to refuse the key");
  }

  /**
   * Refuses the submit with status 402, for want of credit; no task is made.
   *
   * @return the script
   */
  public static Script noCredit() {
    return refuses(
        "noCredit", Map.of(), 402, Map.of(), "The sandbox was told that no credit is left");
  }

  /**
   * Refuses the submit with status 429; no task is made.
   *
   * @param retryAfter what the header {@code Retry-After} says: whole seconds
   * @return the script
   * @throws IllegalArgumentException if it is negative or not whole
   */
  public static Script tooManyRequests(Duration retryAfter) {
    requireSensible(retryAfter);
    if (retryAfter.toNanosPart() != 0) {
      throw new IllegalArgumentException("retryAfter must be whole seconds: " + retryAfter);
    }
    return refuses(
        "tooManyRequests",
        Map.of("retryAfterSeconds", retryAfter.toSeconds()),
        429,
        Map.of("Retry-After", String.valueOf(retryAfter.toSeconds())),
        "The sandbox was told to refuse the request as one too many");
  }

  /**
   * Makes the task at once, and answers the submit late.
   *
   * @param delay how late
   * @return the script
   */
  public static Script slowSubmit(Duration delay) {
    return new Script(
        "slowSubmit", delayArgument(delay), Behavior.USUAL.withSubmit(Step.late(delay)));
  }

  /**
   * Ends the connection without a response; no task is made.
   *
   * @return the script
   */
  public static Script losesRequest() {
    return new Script(
        "losesRequest",
        Map.of(),
        Behavior.USUAL.withSubmit(Step.delivered(Delivery.LOST)).withoutTask());
  }

  /**
   * Makes the task, and ends the connection without a response.
   *
   * @return the script
   */
  public static Script losesReply() {
    return new Script(
        "losesReply", Map.of(), Behavior.USUAL.withSubmit(Step.delivered(Delivery.LOST)));
  }

  /**
   * Makes the task, and ends the connection in the middle of the response.
   *
   * @return the script
   */
  public static Script cutsReply() {
    return new Script(
        "cutsReply", Map.of(), Behavior.USUAL.withSubmit(Step.delivered(Delivery.CUT)));
  }

  /**
   * Makes a task that is completed after some reads.
   *
   * @param reads how many reads find it pending or processing: 0 for a task that is completed at
   *     once, many for one that outlasts every timeout; 2 is the default
   * @return the script
   */
  public static Script completesAfter(int reads) {
    return new Script(
        "completesAfter",
        Map.of("reads", reads),
        Behavior.USUAL.withStatus(requireNotNegative(reads), "completed", null));
  }

  /**
   * Makes a task that is completed at once, with any result.
   *
   * @param resultJson the JSON of the field {@code result}; {@code $imageUrl} in it becomes the URL
   *     of the task's image
   * @return the script
   */
  public static Script completesWith(String resultJson) {
    try {
      Json.read(resultJson, "resultJson");
    } catch (IOException e) {
      throw new IllegalArgumentException(e.getMessage(), e);
    }
    return new Script(
        "completesWith", Map.of("resultJson", resultJson), Behavior.USUAL.withResult(resultJson));
  }

  /**
   * Makes a task that fails at once.
   *
   * @param errorMessage why
   * @return the script
   */
  public static Script failsWith(String errorMessage) {
    return new Script(
        "failsWith",
        Map.of("errorMessage", errorMessage),
        Behavior.USUAL.withStatus(0, "failed", errorMessage));
  }

  /**
   * Makes a task that fails after some reads.
   *
   * @param reads how many reads find it pending or processing
   * @param errorMessage why
   * @return the script
   */
  public static Script failsAfter(int reads, String errorMessage) {
    Map<String, Object> arguments = new LinkedHashMap<>();
    arguments.put("reads", reads);
    arguments.put("errorMessage", errorMessage);
    return new Script(
        "failsAfter",
        arguments,
        Behavior.USUAL.withStatus(requireNotNegative(reads), "failed", errorMessage));
  }

  /**
   * Makes a task that has one status from its first read on.
   *
   * @param status any text, also one that is not documented
   * @return the script
   */
  public static Script staysAt(String status) {
    return new Script(
        "staysAt", Map.of("status", status), Behavior.USUAL.withStatus(0, status, null));
  }

  /**
   * Makes a task whose result can't be read: each read is answered with this.
   *
   * @param status the HTTP status, 200 to 599
   * @param body the body, sent as {@code application/json}; {@code $taskId} in it becomes the
   *     task's id, {@code $imageUrl} the URL of its image
   * @return the script
   */
  public static Script resultAnswers(int status, String body) {
    return resultAnswers(status, Map.of("Content-Type", "application/json"), body);
  }

  /**
   * Makes a task whose result can't be read: each read is answered with this.
   *
   * @param status the HTTP status, 200 to 599
   * @param headers the headers, without those that the sandbox sets: {@code Content-Length}, {@code
   *     Transfer-Encoding} and {@code Connection}
   * @param body the body, sent in UTF-8; {@code $taskId} in it becomes the task's id, {@code
   *     $imageUrl} the URL of its image
   * @return the script
   */
  public static Script resultAnswers(int status, Map<String, String> headers, String body) {
    Answer answer = answer(status, headers, body);
    return new Script(
        "resultAnswers", arguments(answer), Behavior.USUAL.withRead(Step.answers(answer)));
  }

  /**
   * Answers as the service once did: with exchanges that {@code mvn -Plive verify} has recorded in
   * {@code openapi/observed}, or that have their format, which {@code README.md} there describes.
   * What is not given goes as usual.
   *
   * @param exchanges each a JSON object with {@code request} and {@code response}: at most one of a
   *     submit, at most one of an image, and any number of reads, which answer in this order, the
   *     last of them again and again; {@code $taskId} in a body becomes the task's id, {@code
   *     $imageUrl} the URL of its image
   * @return the script
   * @throws IllegalArgumentException if one of them is not an exchange, has a field that the format
   *     doesn't have, or was cut off
   */
  public static Script replays(String... exchanges) {
    List<Recording> all = Arrays.stream(exchanges).map(Recording::parse).toList();
    List<Recording> submits = of(Recording.Kind.SUBMIT, all);
    List<Recording> images = of(Recording.Kind.IMAGE, all);
    if (all.isEmpty() || submits.size() > 1 || images.size() > 1) {
      throw new IllegalArgumentException(
          "Replay at least one exchange, at most one of a submit and at most one of an image");
    }
    all.forEach(each -> answer(each.status(), each.headers(), each.body()));
    Behavior behavior =
        Behavior.USUAL.withRead(Step.answers(answers(of(Recording.Kind.READ, all))));
    if (!submits.isEmpty()) {
      behavior = behavior.withSubmit(Step.answers(answers(submits)));
      behavior = submits.get(0).isSuccess() ? behavior : behavior.withoutTask();
    }
    if (!images.isEmpty() && !images.get(0).isSuccess()) {
      behavior = behavior.withImage(Step.answers(answers(images)));
    }
    return new Script(
        "replays", Map.of("exchanges", all.stream().map(Recording::json).toList()), behavior);
  }

  /**
   * Completes the task, but its image is gone: status 404.
   *
   * @return the script
   */
  public static Script imageGone() {
    return new Script(
        "imageGone",
        Map.of(),
        completedAtOnce(
            Step.answers(new Answer(404, Map.of("Content-Type", "text/plain"), "Gone\n"))));
  }

  /**
   * Completes the task, but its image is sent late.
   *
   * @param delay how late
   * @return the script
   */
  public static Script imageSlow(Duration delay) {
    return new Script("imageSlow", delayArgument(delay), completedAtOnce(Step.late(delay)));
  }

  /**
   * Completes the task, but the connection ends in the middle of its image.
   *
   * @return the script
   */
  public static Script imageCut() {
    return new Script("imageCut", Map.of(), completedAtOnce(Step.delivered(Delivery.CUT)));
  }

  /**
   * Completes the task, but its image is huge: zero bytes follow it.
   *
   * @param bytes how many
   * @return the script
   */
  public static Script imageHuge(long bytes) {
    if (bytes < 0 || bytes > ScriptKind.MAX_BYTES) {
      throw new IllegalArgumentException(
          "bytes must be 0 to " + ScriptKind.MAX_BYTES + ", not " + bytes);
    }
    return new Script("imageHuge", Map.of("bytes", bytes), completedAtOnce(Step.padded(bytes)));
  }

  /**
   * Completes the task, but in the place of its image is a page of HTML, with status 200.
   *
   * @return the script
   */
  public static Script imageIsHtml() {
    return new Script(
        "imageIsHtml",
        Map.of(),
        completedAtOnce(
            Step.answers(
                new Answer(
                    200,
                    Map.of("Content-Type", "text/html"),
                    "<!DOCTYPE html><title>Sign in</title><p>Please sign in to see this image.\n"))));
  }

  /**
   * Returns the script for several submits, not only one.
   *
   * @param times for how many, at least 1; {@link Integer#MAX_VALUE} is for all
   * @return a new script
   */
  public Script times(int times) {
    if (times < 1) {
      throw new IllegalArgumentException("times must be at least 1: " + times);
    }
    return new Script(name, arguments, behavior, times, word);
  }

  /**
   * Returns the script for submits with this text in their prompt, and no others. Where tests share
   * a sandbox, none then takes the script of another.
   *
   * @param word the text; case matters
   * @return a new script
   */
  public Script whenPromptContains(String word) {
    if (word.isEmpty()) {
      throw new IllegalArgumentException("whenPromptContains must not be empty");
    }
    return new Script(name, arguments, behavior, times, word);
  }

  /** Returns the script as JSON, as it is sent over HTTP. */
  @Override
  public String toString() {
    return Json.write(toJson());
  }

  String name() {
    return name;
  }

  Behavior behavior() {
    return behavior;
  }

  int times() {
    return times;
  }

  @Nullable String word() {
    return word;
  }

  /** About how many bytes it keeps. The behavior has the texts of the arguments. */
  long size() {
    return Size.of(word) + Math.max(Size.of(arguments), behavior.size());
  }

  Map<String, Object> toJson() {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put(ScriptKind.SCRIPT, name);
    json.putAll(arguments);
    if (times != 1) {
      json.put(ScriptKind.TIMES, times);
    }
    if (word != null) {
      json.put(ScriptKind.WHEN_PROMPT_CONTAINS, word);
    }
    return json;
  }

  private static Script refuses(
      String name,
      Map<String, Object> arguments,
      int status,
      Map<String, String> headers,
      String message) {
    Map<String, String> all = new LinkedHashMap<>(headers);
    all.put("Content-Type", "application/json");
    Answer answer = new Answer(status, all, Json.write(Map.of("message", message)));
    return new Script(
        name, arguments, Behavior.USUAL.withSubmit(Step.answers(answer)).withoutTask());
  }

  private static Behavior completedAtOnce(Step image) {
    return Behavior.USUAL.withStatus(0, "completed", null).withImage(image);
  }

  private static List<Recording> of(Recording.Kind kind, List<Recording> all) {
    return all.stream().filter(each -> each.kind() == kind).toList();
  }

  private static Answer[] answers(List<Recording> recordings) {
    return recordings.stream().map(Recording::answer).toArray(Answer[]::new);
  }

  private static Answer answer(int status, Map<String, String> headers, String body) {
    if (status < 200 || status > 599) {
      throw new IllegalArgumentException("status must be 200 to 599: " + status);
    }
    headers.forEach(
        (header, value) -> {
          if (!header.matches("[!#$%&'*+.^_`|~0-9A-Za-z-]+") || !value.matches("[\\t -~]*")) {
            throw new IllegalArgumentException("Invalid header: " + header + ": " + value);
          }
          if (OWN_HEADERS.contains(header.toLowerCase(Locale.ROOT))) {
            throw new IllegalArgumentException("The sandbox itself sets the header " + header);
          }
        });
    return new Answer(status, Map.copyOf(headers), body);
  }

  private static Map<String, Object> arguments(Answer answer) {
    Map<String, Object> arguments = new LinkedHashMap<>();
    arguments.put("status", answer.status());
    arguments.put("headers", answer.headers());
    arguments.put("body", answer.body());
    return arguments;
  }

  private static Map<String, Object> delayArgument(Duration delay) {
    long millis = requireSensible(delay).toMillis();
    return Map.of("delaySeconds", millis % 1000 == 0 ? (Object) (millis / 1000) : millis / 1000.0);
  }

  private static Duration requireSensible(Duration duration) {
    if (duration.isNegative() || duration.toSeconds() > ScriptKind.MAX_SECONDS) {
      throw new IllegalArgumentException(
          "The duration must be 0 to " + ScriptKind.MAX_SECONDS + " s, not " + duration);
    }
    return duration;
  }

  private static int requireNotNegative(int reads) {
    if (reads < 0) {
      throw new IllegalArgumentException("reads must not be negative: " + reads);
    }
    return reads;
  }
}
