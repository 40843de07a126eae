package ai.mountsea.nanobanana.sandbox;

import java.nio.charset.StandardCharsets;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A response, and how much of it is sent.
 *
 * @param padding how many zero bytes follow the body
 * @param pieces a body that is made as it is sent, so that it is never in memory whole; null if it
 *     is {@code body}
 */
@SuppressWarnings("ArrayRecordComponent") // Neither changed nor compared.
record Reply(
    int status,
    Map<String, String> headers,
    byte[] body,
    long padding,
    @Nullable Iterator<String> pieces,
    Delivery delivery) {

  /** How much of a response reaches the client. */
  enum Delivery {
    WHOLE,
    /** The headers and half of the body; then the connection ends. */
    CUT,
    /** Nothing: the connection ends. */
    LOST
  }

  static Reply of(int status, String contentType, byte[] body) {
    return new Reply(status, Map.of("Content-Type", contentType), body, 0, null, Delivery.WHOLE);
  }

  static Reply of(int status, String contentType, String body) {
    return of(status, contentType, body.getBytes(StandardCharsets.UTF_8));
  }

  static Reply json(int status, String json) {
    return of(status, "application/json", json);
  }

  /** An array of JSON values, which are made as they are sent. */
  static Reply jsonArray(Stream<String> values) {
    Stream<String> separated = values.flatMap(value -> Stream.of(",", value)).skip(1);
    Stream<String> pieces = Stream.concat(Stream.of("["), Stream.concat(separated, Stream.of("]")));
    return new Reply(
        200,
        Map.of("Content-Type", "application/json"),
        new byte[0],
        0,
        pieces.iterator(),
        Delivery.WHOLE);
  }

  Reply withHeader(String name, String value) {
    Map<String, String> more = new LinkedHashMap<>(headers);
    more.put(name, value);
    return new Reply(status, more, body, padding, pieces, delivery);
  }

  Reply withPadding(long padding) {
    return new Reply(status, headers, body, padding, pieces, delivery);
  }

  Reply withDelivery(Delivery delivery) {
    return new Reply(status, headers, body, padding, pieces, delivery);
  }

  /**
   * The first line and the headers, as they go over the wire.
   *
   * @param canChunk whether the client knows chunks; if not, pieces end with the connection
   */
  String head(boolean keepAlive, boolean canChunk) {
    StringBuilder head = new StringBuilder("HTTP/1.1 " + status + ' ' + reason(status) + "\r\n");
    headers.forEach((name, value) -> head.append(name).append(": ").append(value).append("\r\n"));
    if (pieces != null) {
      head.append(canChunk ? "Transfer-Encoding: chunked\r\n" : "");
    } else if (hasBody()) {
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
      case 202 -> "Accepted";
      case 204 -> "No Content";
      case 301 -> "Moved Permanently";
      case 302 -> "Found";
      case 304 -> "Not Modified";
      case 307 -> "Temporary Redirect";
      case 400 -> "Bad Request";
      case 401 -> "Unauthorized";
      case 402 -> "Payment Required";
      case 403 -> "Forbidden";
      case 404 -> "Not Found";
      case 405 -> "Method Not Allowed";
      case 408 -> "Request Timeout";
      case 409 -> "Conflict";
      case 410 -> "Gone";
      case 413 -> "Content Too Large";
      case 415 -> "Unsupported Media Type";
      case 422 -> "Unprocessable Content";
      case 429 -> "Too Many Requests";
      case 431 -> "Request Header Fields Too Large";
      case 500 -> "Internal Server Error";
      case 502 -> "Bad Gateway";
      case 503 -> "Service Unavailable";
      case 504 -> "Gateway Timeout";
      default -> ""; // HTTP requires none.
    };
  }
}
