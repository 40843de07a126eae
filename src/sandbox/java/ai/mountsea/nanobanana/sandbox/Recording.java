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
      json = wholeNumbers(Json.read(exchange));
    } catch (IOException e) {
      throw new IllegalArgumentException("An exchange is not JSON: " + e.getMessage(), e);
    }
    Map<?, ?> request = object(json, "request");
    Map<?, ?> response = object(json, "response");
    if (!(response.get("status") instanceof Number status)) {
      throw new IllegalArgumentException("An exchange needs response.status, the HTTP status");
    }
    if (Boolean.TRUE.equals(response.get("isCut"))) {
      throw new IllegalArgumentException(
          "An exchange that was cut off can't be replayed; see cutsReply and imageCut");
    }
    Map<String, String> headers = new LinkedHashMap<>();
    if (response.get("headers") instanceof Map<?, ?> map) {
      map.forEach((name, value) -> headers.put(name.toString(), String.valueOf(value)));
    }
    String body =
        response.containsKey("body")
            ? Json.write(response.get("body"))
            : response.get("text") instanceof String text ? text : "";
    return new Recording(
        kind(request), status.intValue(), headers, body, json == null ? Map.of() : json);
  }

  Answer answer() {
    return new Answer(status, headers, body);
  }

  boolean isSuccess() {
    return status >= 200 && status < 300;
  }

  private static Kind kind(Map<?, ?> request) {
    String operation = request.get("method") + " " + request.get("path");
    if (operation.equals("POST " + Service.Api.SUBMIT)) {
      return Kind.SUBMIT;
    }
    if (operation.equals("GET " + Service.Api.RESULT)) {
      return Kind.READ;
    }
    if (operation.equals("GET $imageUrl")) {
      return Kind.IMAGE;
    }
    throw new IllegalArgumentException(
        "An exchange is of POST "
            + Service.Api.SUBMIT
            + ", GET "
            + Service.Api.RESULT
            + " or GET $imageUrl, not of "
            + operation);
  }

  private static Map<?, ?> object(@Nullable Object json, String name) {
    if (json instanceof Map<?, ?> map && map.get(name) instanceof Map<?, ?> object) {
      return object;
    }
    throw new IllegalArgumentException("An exchange is a JSON object with request and response");
  }

  /** A whole number is sent as it was recorded, not as 1.0. */
  private static @Nullable Object wholeNumbers(@Nullable Object json) {
    if (json instanceof Map<?, ?> map) {
      Map<Object, @Nullable Object> copy = new LinkedHashMap<>();
      map.forEach((name, value) -> copy.put(name, wholeNumbers(value)));
      return copy;
    }
    if (json instanceof List<?> list) {
      return list.stream().map(Recording::wholeNumbers).toList();
    }
    return json instanceof Double number
            && number == Math.rint(number)
            && Math.abs(number) < 1L << 53
        ? (Object) number.longValue()
        : json;
  }
}
