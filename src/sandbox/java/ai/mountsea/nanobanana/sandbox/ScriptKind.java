package ai.mountsea.nanobanana.sandbox;

import static java.util.stream.Collectors.joining;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A kind of script, for those who don't call {@link Script} in Java: over HTTP and on the page.
 *
 * @param name the name of the method of {@link Script}
 * @param title what the page says on its button
 */
record ScriptKind(
    Group group,
    String name,
    String title,
    List<Parameter> parameters,
    Function<Arguments, Script> factory) {
  /** 1 TiB: more than anybody waits for, and far from where a length overflows. */
  static final long MAX_BYTES = 1L << 40;

  static final int MAX_SECONDS = 1_000_000;

  static final String SCRIPT = "script";
  static final String TIMES = "times";
  static final String WHEN_PROMPT_CONTAINS = "whenPromptContains";

  private static final Parameter STATUS = new Parameter("status", 503);
  private static final Parameter HEADERS =
      new Parameter("headers", Map.of("Content-Type", "application/json"));
  private static final Parameter BODY = new Parameter("body", "{\"message\": \"Overloaded\"}");
  private static final Parameter DELAY = new Parameter("delaySeconds", 5);

  private static final Map<String, Object> EXCHANGE =
      Map.of(
          "request",
          Map.of("method", "GET", "path", "/gemini/task/result"),
          "response",
          Map.of("status", 200, "body", Map.of("taskId", "$taskId", "status", "processing")));

  /** Every kind. */
  static final List<ScriptKind> ALL =
      List.of(
          new ScriptKind(
              Group.TASK,
              "completesAfter",
              "Completes after some reads",
              List.of(new Parameter("reads", 10)),
              given -> Script.completesAfter(given.integer("reads"))),
          new ScriptKind(
              Group.TASK,
              "failsWith",
              "Fails",
              List.of(new Parameter("errorMessage", "No cats today")),
              given -> Script.failsWith(given.text("errorMessage"))),
          new ScriptKind(
              Group.TASK,
              "failsAfter",
              "Fails after some reads",
              List.of(new Parameter("reads", 2), new Parameter("errorMessage", "No cats today")),
              given -> Script.failsAfter(given.integer("reads"), given.text("errorMessage"))),
          new ScriptKind(
              Group.TASK,
              "staysAt",
              "Stays at a status",
              List.of(new Parameter("status", "on hold")),
              given -> Script.staysAt(given.text("status"))),
          new ScriptKind(
              Group.TASK,
              "completesWith",
              "Completes with another result",
              List.of(new Parameter("resultJson", "{\"images\": [{\"url\": \"$imageUrl\"}]}")),
              given -> Script.completesWith(given.json("resultJson"))),
          new ScriptKind(
              Group.TASK,
              "resultAnswers",
              "Result can't be read",
              List.of(STATUS, HEADERS, BODY),
              given ->
                  Script.resultAnswers(
                      given.integer("status"), given.headers("headers"), given.json("body"))),
          new ScriptKind(
              Group.SUBMIT,
              "answers",
              "Any answer",
              List.of(STATUS, HEADERS, BODY),
              given ->
                  Script.answers(
                      given.integer("status"), given.headers("headers"), given.json("body"))),
          new ScriptKind(
              Group.SUBMIT,
              "replays",
              "As recorded",
              List.of(new Parameter("exchanges", List.of(EXCHANGE))),
              given -> Script.replays(given.exchanges("exchanges"))),
          new ScriptKind(
              Group.SUBMIT, "refusesKey", "Key refused", List.of(), given -> Script.refusesKey()),
          new ScriptKind(
              Group.SUBMIT, "noCredit", "No credit", List.of(), given -> Script.noCredit()),
          new ScriptKind(
              Group.SUBMIT,
              "tooManyRequests",
              "Too many requests",
              List.of(new Parameter("retryAfterSeconds", 1)),
              given -> Script.tooManyRequests(given.wholeSeconds("retryAfterSeconds"))),
          new ScriptKind(
              Group.SUBMIT,
              "slowSubmit",
              "Slow submit",
              List.of(DELAY),
              given -> Script.slowSubmit(given.seconds("delaySeconds"))),
          new ScriptKind(
              Group.SUBMIT,
              "losesRequest",
              "Request lost, no task",
              List.of(),
              given -> Script.losesRequest()),
          new ScriptKind(
              Group.SUBMIT,
              "losesReply",
              "Reply lost, task made",
              List.of(),
              given -> Script.losesReply()),
          new ScriptKind(
              Group.SUBMIT,
              "cutsReply",
              "Reply cut, task made",
              List.of(),
              given -> Script.cutsReply()),
          new ScriptKind(
              Group.IMAGE, "imageGone", "Image gone", List.of(), given -> Script.imageGone()),
          new ScriptKind(
              Group.IMAGE,
              "imageSlow",
              "Image slow",
              List.of(DELAY),
              given -> Script.imageSlow(given.seconds("delaySeconds"))),
          new ScriptKind(
              Group.IMAGE, "imageCut", "Image cut", List.of(), given -> Script.imageCut()),
          new ScriptKind(
              Group.IMAGE,
              "imageHuge",
              "Image huge",
              List.of(new Parameter("bytes", 200_000_000)),
              given -> Script.imageHuge(given.number("bytes", MAX_BYTES))),
          new ScriptKind(
              Group.IMAGE,
              "imageIsHtml",
              "Image is HTML",
              List.of(),
              given -> Script.imageIsHtml()));

  /** What a kind changes. */
  enum Group {
    TASK("The task"),
    SUBMIT("The submit"),
    IMAGE("The image");

    private final String title;

    Group(String title) {
      this.title = title;
    }
  }

  /**
   * What a kind takes.
   *
   * @param example a value that the page begins with
   */
  record Parameter(String name, Object example) {}

  /**
   * Makes a script of its JSON.
   *
   * @throws IllegalArgumentException with a sentence, if it is not that of a script
   */
  static Script script(@Nullable Object json) {
    if (!(json instanceof Map<?, ?> map)) {
      throw new IllegalArgumentException("A script is a JSON object, not " + Json.write(json));
    }
    Object name = map.get(SCRIPT);
    ScriptKind kind =
        ALL.stream()
            .filter(each -> each.name.equals(name))
            .findFirst()
            .orElseThrow(
                () ->
                    new IllegalArgumentException(
                        (name == null
                                ? "A script needs the field " + SCRIPT
                                : "No such script: " + Json.write(name))
                            + ". There are: "
                            + ALL.stream().map(ScriptKind::name).collect(joining(", "))));
    Set<Object> unknown = new LinkedHashSet<>(map.keySet());
    unknown.removeAll(Set.of(SCRIPT, TIMES, WHEN_PROMPT_CONTAINS));
    kind.parameters.forEach(parameter -> unknown.remove(parameter.name()));
    if (!unknown.isEmpty()) {
      throw new IllegalArgumentException(
          kind.name
              + " has no field "
              + unknown.iterator().next()
              + ". It takes "
              + kind.parameters.stream().map(each -> each.name() + ", ").collect(joining())
              + TIMES
              + " and "
              + WHEN_PROMPT_CONTAINS);
    }
    Arguments arguments = new Arguments(kind.name, map);
    Script script = kind.factory.apply(arguments);
    if (map.get(TIMES) != null) {
      script = script.times(arguments.integer(TIMES));
    }
    return map.containsKey(WHEN_PROMPT_CONTAINS)
        ? script.whenPromptContains(arguments.text(WHEN_PROMPT_CONTAINS))
        : script;
  }

  Map<String, Object> toJson() {
    Map<String, Object> example = new LinkedHashMap<>();
    parameters.forEach(parameter -> example.put(parameter.name(), parameter.example()));
    Map<String, Object> json = new LinkedHashMap<>();
    json.put(SCRIPT, name);
    json.put("group", group.title);
    json.put("title", title);
    json.put("parameters", example);
    return json;
  }

  /** What a script was given over HTTP. */
  record Arguments(String kind, Map<?, ?> values) {
    String text(String name) {
      if (value(name) instanceof String text) {
        return text;
      }
      throw wrong(name, "a string");
    }

    /** A text as it is, anything else as JSON. */
    String json(String name) {
      return value(name) instanceof String text ? text : Json.write(value(name));
    }

    int integer(String name) {
      return (int) number(name, Integer.MAX_VALUE);
    }

    long number(String name, long max) {
      if (value(name) instanceof Number number
          && number.doubleValue() == Math.rint(number.doubleValue())
          && Math.abs(number.doubleValue()) <= max) {
        return number.longValue();
      }
      throw wrong(name, "a whole number, at most " + max);
    }

    Duration wholeSeconds(String name) {
      if (value(name) instanceof Number number
          && number.doubleValue() == Math.rint(number.doubleValue())
          && number.doubleValue() >= 0
          && number.doubleValue() <= MAX_SECONDS) {
        return Duration.ofSeconds(number.longValue());
      }
      throw wrong(name, "a whole number of seconds, 0 to " + MAX_SECONDS);
    }

    Duration seconds(String name) {
      if (value(name) instanceof Number number
          && number.doubleValue() >= 0
          && number.doubleValue() <= MAX_SECONDS) {
        return Duration.ofMillis(Math.round(number.doubleValue() * 1000));
      }
      throw wrong(name, "a number of seconds, 0 to " + MAX_SECONDS);
    }

    /** By default, a body is JSON. */
    Map<String, String> headers(String name) {
      if (values.get(name) == null) {
        return Map.of("Content-Type", "application/json");
      }
      Map<String, String> headers = new LinkedHashMap<>();
      if (values.get(name) instanceof Map<?, ?> map
          && map.values().stream().allMatch(String.class::isInstance)) {
        map.forEach((header, value) -> headers.put(header.toString(), value.toString()));
        return headers;
      }
      throw wrong(name, "an object of strings");
    }

    String[] exchanges(String name) {
      if (value(name) instanceof List<?> list && list.stream().allMatch(Map.class::isInstance)) {
        return list.stream().map(Json::write).toArray(String[]::new);
      }
      throw wrong(name, "an array of objects");
    }

    private @Nullable Object value(String name) {
      Object value = values.get(name);
      if (value == null && !values.containsKey(name)) {
        throw new IllegalArgumentException(kind + " needs the field " + name);
      }
      return value;
    }

    private IllegalArgumentException wrong(String name, String type) {
      return new IllegalArgumentException(
          name + " must be " + type + ", not " + Json.write(values.get(name)));
    }
  }
}
