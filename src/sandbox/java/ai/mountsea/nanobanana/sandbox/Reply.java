package ai.mountsea.nanobanana.sandbox;

import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A response, and how much of it is sent.
 *
 * @param padding how many zero bytes follow the body
 */
@SuppressWarnings("ArrayRecordComponent") // Neither changed nor compared.
record Reply(
    int status, Map<String, String> headers, byte[] body, long padding, Delivery delivery) {

  /** How much of a response reaches the client. */
  enum Delivery {
    WHOLE,
    /** The headers and half of the body; then the connection ends. */
    CUT,
    /** Nothing: the connection ends. */
    LOST
  }

  static Reply of(int status, String contentType, byte[] body) {
    return new Reply(status, Map.of("Content-Type", contentType), body, 0, Delivery.WHOLE);
  }

  static Reply of(int status, String contentType, String body) {
    return of(status, contentType, body.getBytes(StandardCharsets.UTF_8));
  }

  static Reply json(int status, String json) {
    return of(status, "application/json", json);
  }

  Reply withHeader(String name, String value) {
    Map<String, String> more = new LinkedHashMap<>(headers);
    more.put(name, value);
    return new Reply(status, more, body, padding, delivery);
  }

  Reply withPadding(long padding) {
    return new Reply(status, headers, body, padding, delivery);
  }

  Reply withDelivery(Delivery delivery) {
    return new Reply(status, headers, body, padding, delivery);
  }

  /** The first line and the headers, as they go over the wire. */
  String head(boolean keepAlive) {
    StringBuilder head = new StringBuilder("HTTP/1.1 " + status + ' ' + reason(status) + "\r\n");
    headers.forEach((name, value) -> head.append(name).append(": ").append(value).append("\r\n"));
    if (hasBody()) {
      head.append("Content-Length: ").append(body.length + padding).append("\r\n");
    }
    return head.append(keepAlive ? "\r\n" : "Connection: close\r\n\r\n").toString();
  }

  boolean hasBody() {
    return status != 204 && status != 304;
  }

  private static String reason(int status) {
    return switch (status) {
      case 200 -> "OK";
      case 201 -> "Created";
      case 204 -> "No Content";
      case 400 -> "Bad Request";
      case 401 -> "Unauthorized";
      case 402 -> "Payment Required";
      case 403 -> "Forbidden";
      case 404 -> "Not Found";
      case 405 -> "Method Not Allowed";
      case 408 -> "Request Timeout";
      case 413 -> "Content Too Large";
      case 415 -> "Unsupported Media Type";
      case 429 -> "Too Many Requests";
      case 500 -> "Internal Server Error";
      case 503 -> "Service Unavailable";
      default -> "Status";
    };
  }
}
