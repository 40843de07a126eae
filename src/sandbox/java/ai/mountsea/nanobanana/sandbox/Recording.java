package ai.mountsea.nanobanana.sandbox;

import ai.mountsea.nanobanana.sandbox.Behavior.Answer;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * An exchange as the live check keeps it: a request and its response, redacted.
 *
 * @param json all of it
 */
record Recording(Kind kind, int status, Map<String, String> headers, String body, Object json) {
  /** What it is of. */
  enum Kind {
    SUBMIT,
    READ,
    IMAGE
  }

  /**
   * Reads one.
   *
   * @throws IllegalArgumentException with a sentence, if it is none
   */
  static Recording parse(String exchange) {
    Object json;
    try {
      json = Json.read(exchange, "An exchange");
    } catch (IOException e) {
      throw new IllegalArgumentException(e.getMessage(), e);
    }
    Map<?, ?> whole = object(json, "An exchange");
    requireFields(whole, "An exchange", List.of("request", "response"));
    Map<?, ?> request = object(whole.get("request"), "request");
    requireFields(request, "request", List.of("method", "path", "query", "body", "text"));
    for (String field : List.of("method", "path")) {
      if (!(request.get(field) instanceof String)) {
        throw wrong("request." + field, "a string", request.get(field));
      }
    }
    if (request.get("query") != null) {
      strings(request.get("query"), "request.query");
    }
    body(request, "request");
    Map<?, ?> response = object(whole.get("response"), "response");
    requireFields(response, "response", List.of("status", "headers", "body", "text", "isCut"));
    if (!(response.get("status") instanceof Long status)) {
      throw wrong("response.status", "an HTTP status", response.get("status"));
    }
    Object isCut = response.get("isCut");
    if (isCut != null && !(isCut instanceof Boolean)) {
      throw wrong("response.isCut", "true or false", isCut);
    }
    if (Boolean.TRUE.equals(isCut)) {
      throw new IllegalArgumentException(
          "An exchange that was cut off can't be replayed; see cutsReply and imageCut");
    }
    Kind kind = kind(request);
    Map<String, String> headers =
        response.get("headers") == null
            ? Map.of()
            : strings(response.get("headers"), "response.headers");
    String body = body(response, "response");
    return new Recording(kind, (int) Math.min(status, 1_000), headers, body, whole);
  }

  private static Map<String, String> strings(@Nullable Object json, String name) {
    Map<String, String> strings = new LinkedHashMap<>();
    object(json, name)
        .forEach(
            (key, value) -> {
              if (!(value instanceof String text)) {
                throw wrong(name + "." + key, "a string", value);
              }
              strings.put(key.toString(), text);
            });
    return strings;
  }

  private static String body(Map<?, ?> message, String name) {
    Object text = message.get("text");
    if (text != null && !(text instanceof String)) {
      throw wrong(name + ".text", "a string; use " + name + ".body for JSON", text);
    }
    if (!message.containsKey("body")) {
      return text == null ? "" : text.toString();
    }
    if (text != null) {
      throw new IllegalArgumentException(name + " has body and text; give one of them");
    }
    return Json.write(message.get("body"));
  }

  Answer answer() {
    return new Answer(status, headers, body);
  }

  boolean isSuccess() {
    return status >= 200 && status < 300;
  }

  private static Kind kind(Map<?, ?> request) {
    String operation = request.get("method") + " " + request.get("path");
    if (operation.equals(Service.Operation.SUBMIT.toString())) {
      return Kind.SUBMIT;
    }
    if (operation.equals(Service.Operation.RESULT.toString())) {
      return Kind.READ;
    }
    if (operation.equals("GET $imageUrl")) {
      return Kind.IMAGE;
    }
    throw new IllegalArgumentException(
        "An exchange is of "
            + Service.Operation.SUBMIT
            + ", "
            + Service.Operation.RESULT
            + " or GET $imageUrl, not of "
            + operation);
  }

  private static Map<?, ?> object(@Nullable Object json, String name) {
    if (json instanceof Map<?, ?> object) {
      return object;
    }
    throw wrong(name, "a JSON object", json);
  }

  private static void requireFields(Map<?, ?> object, String name, List<String> known) {
    for (Object field : object.keySet()) {
      if (!known.contains(field)) {
        throw new IllegalArgumentException(
            name + " has no field " + field + ". It has " + String.join(", ", known));
      }
    }
  }

  private static IllegalArgumentException wrong(String name, String type, @Nullable Object value) {
    return new IllegalArgumentException(
        value == null
            ? name + " is missing"
            : name + " must be " + type + ", not " + Json.write(value));
  }
}
