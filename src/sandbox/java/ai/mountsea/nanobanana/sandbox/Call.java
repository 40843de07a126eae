package ai.mountsea.nanobanana.sandbox;

import java.lang.System.Logger.Level;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.TreeMap;
import okhttp3.HttpUrl;
import org.jspecify.annotations.Nullable;

/** A request that is being answered. */
final class Call {
  /** Where a line about each call goes. */
  interface Log {
    void log(Level level, String line);
  }

  private final Request request;
  private final String ownAuthority;
  private final @Nullable String allowedOrigin;
  private final WebServer.Answer answer;
  private final Log log;
  private final long start = System.nanoTime();
  private final StringBuilder notes = new StringBuilder();

  /**
   * Begins to answer a request.
   *
   * @param ownAuthority the host and port by which the sandbox knows itself
   * @param allowedOrigin whose pages may use the sandbox
   */
  Call(
      Request request,
      String ownAuthority,
      @Nullable String allowedOrigin,
      WebServer.Answer answer,
      Log log) {
    this.request = request;
    this.ownAuthority = ownAuthority;
    this.allowedOrigin = allowedOrigin;
    this.answer = answer;
    this.log = log;
  }

  Request request() {
    return request;
  }

  /** Whether its method is this one; HEAD is GET without a body. */
  boolean isOf(String method) {
    return request.method().equals(method)
        || (method.equals("GET") && request.method().equals("HEAD"));
  }

  void requireMethod(String method) throws BadRequestException {
    if (!isOf(method)) {
      throw BadRequestException.notAllowed(method);
    }
  }

  /** The URL by which the sandbox was called, without a path. */
  String address() {
    return "http://" + authority();
  }

  /** Whether a URL has the host that the sandbox was told to listen on. */
  boolean isOwn(HttpUrl url) {
    return url.host().equalsIgnoreCase(HttpUrl.get("http://" + ownAuthority).host());
  }

  boolean isAddress(String authority) {
    return authority.equalsIgnoreCase(authority()) || authority.equalsIgnoreCase(ownAuthority);
  }

  String authority() {
    String host = request.header("Host");
    return host == null || host.isEmpty() ? ownAuthority : host;
  }

  boolean allows(String origin) {
    return "*".equals(allowedOrigin) || origin.equalsIgnoreCase(allowedOrigin);
  }

  /** Adds to the line in the log. */
  void note(String note) {
    if (!note.isEmpty()) {
      notes.append(' ').append(note);
    }
  }

  void log(Level level, String line) {
    log.log(level, line);
  }

  /** Answers, after a delay. */
  void reply(Duration delay, Reply reply) {
    answer.give(
        delay,
        () -> {
          long millis = (System.nanoTime() - start) / 1_000_000;
          log.log(
              Level.DEBUG,
              request.method()
                  + ' '
                  + escaped(request.path())
                  + ' '
                  + outcome(reply)
                  + ' '
                  + millis
                  + " ms"
                  + notes);
          return allowedOrigin == null
              ? reply
              : reply.withHeader("Access-Control-Allow-Origin", allowedOrigin);
        });
  }

  void reply(Reply reply) {
    reply(Duration.ZERO, reply);
  }

  /** The request as text, without what is secret in it. */
  String requestText() {
    StringBuilder text = new StringBuilder(request.method()).append(' ').append(request.path());
    new TreeMap<>(request.headers())
        .forEach(
            (name, value) ->
                text.append('\n')
                    .append(name)
                    .append(": ")
                    .append(isSecret(name) ? "(redacted)" : value));
    return text.append("\n\n")
        .append(new String(request.body(), StandardCharsets.UTF_8))
        .toString();
  }

  private static boolean isSecret(String header) {
    return header.equals("authorization")
        || header.equals("cookie")
        || header.equals("proxy-authorization");
  }

  static String outcome(Reply reply) {
    return switch (reply.delivery()) {
      case WHOLE -> String.valueOf(reply.status());
      case CUT -> reply.status() + " (cut)";
      case LOST -> "(no reply)";
    };
  }

  /** A text in quotes, on one line, not too long. */
  static String quoted(@Nullable Object value) {
    String text = String.valueOf(value);
    return '"' + escaped(text.length() <= 60 ? text : text.substring(0, 60) + "…") + '"';
  }

  private static String escaped(String text) {
    StringBuilder escaped = new StringBuilder();
    text.chars()
        .forEach(
            c -> {
              if (Character.isISOControl(c)
                  || Character.getType(c) == Character.FORMAT // turns the direction, or is unseen
                  || c == '\u2028'
                  || c == '\u2029') {
                escaped.append(String.format("\\u%04x", c));
              } else {
                escaped.append((char) c);
              }
            });
    return escaped.toString();
  }
}
