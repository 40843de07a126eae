package ai.mountsea.nanobanana;

import ai.mountsea.nanobanana.api.ErrorBody;
import com.squareup.moshi.JsonDataException;
import java.io.Serializable;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import okhttp3.Headers;
import org.jspecify.annotations.Nullable;

/**
 * A response of the service as it was received, with the API key redacted. Its body may be
 * anything: no error body is documented.
 */
public final class ServiceResponse implements Serializable {
  private static final long serialVersionUID = 1;

  private final int statusCode;
  private final String[] namesAndValues;
  private final String body;

  /**
   * Makes a response, for tests of code that handles failures.
   *
   * @param statusCode the HTTP status
   * @param headers the response headers
   * @param body the response body as text
   */
  public ServiceResponse(int statusCode, Headers headers, String body) {
    this.statusCode = statusCode;
    this.namesAndValues =
        IntStream.range(0, headers.size())
            .filter(i -> isLegal(headers.name(i)))
            .boxed()
            .flatMap(i -> Stream.of(headers.name(i), headers.value(i)))
            .toArray(String[]::new);
    this.body = Objects.requireNonNull(body, "body");
  }

  /**
   * Returns the HTTP status.
   *
   * @return 200 to 599
   */
  public int statusCode() {
    return statusCode;
  }

  /**
   * Returns the response headers.
   *
   * @return those whose names HTTP allows, in their order
   */
  public Headers headers() {
    Headers.Builder headers = new Headers.Builder();
    for (int i = 0; i < namesAndValues.length; i += 2) {
      headers.addUnsafeNonAscii(namesAndValues[i], namesAndValues[i + 1]);
    }
    return headers.build();
  }

  /**
   * Returns the response body as text.
   *
   * @return the body, or its first MiB; empty if there was none
   */
  public String body() {
    return body;
  }

  /** Returns the status and, if the body begins like text, its first characters. */
  @Override
  public String toString() {
    return "HTTP " + statusCode + " " + excerpt();
  }

  /** Whether OkHttp takes the name of a header; it receives others, too, such as an empty one. */
  static boolean isLegal(String headerName) {
    return !headerName.isEmpty() && headerName.chars().allMatch(c -> c > ' ' && c <= '~');
  }

  boolean isSuccessful() {
    return statusCode >= 200 && statusCode < 300;
  }

  /** The status, where it redirects to and the service's own words, as far as there are any. */
  String summary() {
    String location = headers().get("Location");
    String message = serviceMessage();
    return "HTTP "
        + statusCode
        + (location == null ? "" : " to " + location)
        + (message == null ? "" : ": " + message);
  }

  /** The media type and the first characters of the body, for a message. */
  String excerpt() {
    String mediaType = headers().get("Content-Type");
    String text = body.strip().replaceAll("\\s+", " ");
    return (mediaType == null ? "without a media type" : "with " + mediaType)
        + (text.isEmpty()
            ? " and an empty body"
            : ", beginning with " + (text.length() <= 80 ? text : text.substring(0, 80) + "..."));
  }

  /** The service's own words, looked for where clients have found them; null if there are none. */
  @Nullable String serviceMessage() {
    ErrorBody error = errorBody();
    return error == null
        ? null
        : Stream.of(text(error.message()), text(error.errorMessage()), text(error.error()))
            .filter(text -> !text.isBlank())
            .findFirst()
            .orElse(null);
  }

  @Nullable String traceId() {
    ErrorBody error = errorBody();
    return error == null ? null : blankToNull(text(error.traceId()));
  }

  /** The Retry-After delay; null if there is none or it can't be understood. */
  @Nullable Duration retryAfter(Clock clock) {
    return retryAfter(headers(), clock);
  }

  static @Nullable Duration retryAfter(Headers headers, Clock clock) {
    String value = headers.get("Retry-After");
    if (value == null) {
      return null;
    }
    String digits = value.strip();
    if (!digits.isEmpty() && digits.chars().allMatch(c -> c >= '0' && c <= '9')) {
      return Duration.ofSeconds(digits.length() > 9 ? 999_999_999 : Long.parseLong(digits));
    }
    Date date = headers.getDate("Retry-After");
    if (date == null) {
      return null;
    }
    Duration until = Duration.between(clock.instant(), date.toInstant());
    return until.isNegative() ? Duration.ZERO : until;
  }

  private @Nullable ErrorBody errorBody() {
    try {
      return ErrorBody.fromJson(body);
    } catch (JsonDataException e) {
      return null;
    }
  }

  private static String text(@Nullable Object value) {
    if (value instanceof List<?> list) {
      List<String> texts = new ArrayList<>();
      list.forEach(each -> texts.add(text(each)));
      return String.join("; ", texts);
    }
    return value instanceof String text ? text : "";
  }

  private static @Nullable String blankToNull(String text) {
    return text.isBlank() ? null : text;
  }
}
