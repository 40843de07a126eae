package ai.mountsea.nanobanana;

import ai.mountsea.nanobanana.api.ErrorBody;
import com.squareup.moshi.JsonAdapter;
import com.squareup.moshi.JsonDataException;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.Date;
import java.util.List;
import java.util.stream.Stream;
import okhttp3.Headers;
import okhttp3.ResponseBody;
import org.jspecify.annotations.Nullable;
import retrofit2.Response;

/** What a reply that is no success says, read as leniently as can be: its body may be anything. */
record ErrorReply(
    int statusCode,
    Headers headers,
    String body,
    @Nullable String location,
    @Nullable String message,
    @Nullable Duration retryAfter) {

  /** The status, where it leads and the message, as far as there are any. */
  String summary() {
    return "HTTP "
        + statusCode
        + (location == null ? "" : " to " + location)
        + (message == null ? "" : ": " + message);
  }

  /**
   * Reads replies.
   *
   * @param adapter for the bodies that are as clients have seen them
   * @param apiKey is hidden, should the service echo it
   * @param clock what a date in {@code Retry-After} is compared with
   */
  record Reader(JsonAdapter<ErrorBody> adapter, ApiKey apiKey, Clock clock) {
    ErrorReply read(Response<?> response) {
      String body = body(response.errorBody());
      return new ErrorReply(
          response.code(),
          response.headers(),
          apiKey.hiddenIn(body),
          shown(response.headers().get("Location")),
          shown(message(body)),
          retryAfter(response.headers()));
    }

    private @Nullable String shown(@Nullable String said) {
      return said == null ? null : apiKey.hiddenIn(said);
    }

    private static String body(@Nullable ResponseBody body) {
      try {
        return body == null ? "" : body.string();
      } catch (IOException e) {
        return ""; // The status has come, and it is what counts.
      }
    }

    private @Nullable String message(String body) {
      ErrorBody error;
      try {
        error = adapter.fromJson(body);
      } catch (IOException | JsonDataException e) {
        return null;
      }
      return error == null
          ? null
          : Stream.of(text(error.message()), text(error.errorMessage()), text(error.error()))
              .filter(text -> !text.isBlank())
              .findFirst()
              .orElse(null);
    }

    private static String text(@Nullable Object value) {
      if (value instanceof List<?> list) {
        return String.join("; ", list.stream().map(Reader::text).toList());
      }
      return value instanceof String text ? text : "";
    }

    private @Nullable Duration retryAfter(Headers headers) {
      String value = headers.get("Retry-After");
      if (value == null) {
        return null;
      }
      if (value.strip().matches("[0-9]+")) {
        String digits = value.strip();
        return Duration.ofSeconds(digits.length() > 9 ? 999_999_999 : Long.parseLong(digits));
      }
      Date date = headers.getDate("Retry-After");
      if (date == null) {
        return null;
      }
      Duration until = Duration.between(clock.instant(), date.toInstant());
      return until.isNegative() ? Duration.ZERO : until;
    }
  }
}
