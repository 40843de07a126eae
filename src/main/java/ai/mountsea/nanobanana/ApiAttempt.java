package ai.mountsea.nanobanana;

import com.squareup.moshi.JsonDataException;
import java.io.IOException;
import okhttp3.Headers;
import okhttp3.Response;
import org.jspecify.annotations.Nullable;
import retrofit2.Call;

/**
 * One call of an operation of the API. Retrofit makes the request of it; the response is read here,
 * because Retrofit would keep none that it can't read.
 *
 * @param <R> what the caller gets
 */
abstract class ApiAttempt<R> implements Attempt<R> {
  final Exchange exchange;
  private final okhttp3.Call call;
  private final ApiKey apiKey;

  /** Prepares the call, which writes its request. */
  ApiAttempt(Call<?> call, ApiKey apiKey) {
    this.apiKey = apiKey;
    this.exchange = Exchange.of(call.request());
    this.call = exchange.call();
  }

  /**
   * Returns what a success brought; null if it brought nothing of use.
   *
   * @throws JsonDataException if the body has not the structure that the spec says
   */
  abstract @Nullable R received(String body);

  /** Returns what is known of a success that brought nothing of use, or throws it. */
  abstract R receivedUnread(ServiceResponse response, @Nullable Throwable cause);

  /** Returns what a response of any other status means. */
  abstract NanoBananaException refused(ServiceResponse response);

  @Override
  public final R run() throws IOException {
    try (Response response = call.execute()) {
      if (exchange.hasResponse()
          && !response.isSuccessful()
          && exchange.statusCode() != response.code()) {
        return settleByResponse(null); // It outranks what an interceptor made of it.
      }
      String body = exchange.isOf(response) ? exchange.body() : response.body().string();
      if (!response.isSuccessful()) {
        throw refused(redacted(response.code(), response.headers(), body));
      }
      JsonDataException unread = null;
      try {
        R value = received(body);
        if (value != null) {
          return value;
        }
      } catch (JsonDataException e) {
        unread = e;
      }
      return receivedUnread(
          exchange.hasResponse() ? response() : redacted(response.code(), response.headers(), body),
          unread);
    }
  }

  @Override
  public final void cancel() {
    call.cancel();
  }

  /** Returns or throws what the response means that was received, though the call failed. */
  final R settleByResponse(@Nullable Throwable cause) {
    ServiceResponse response = response();
    if (response.isSuccessful()) {
      return receivedUnread(response, cause);
    }
    throw refused(response);
  }

  /** The response as it was received, before any interceptor of the user's. */
  final ServiceResponse response() {
    return redacted(exchange.statusCode(), exchange.headers(), exchange.body());
  }

  final String redacted(String text) {
    return apiKey.redact(text);
  }

  final @Nullable Throwable redacted(@Nullable Throwable cause) {
    return apiKey.redact(cause);
  }

  /** The method and URL, for a message. */
  final String calledUrl() {
    return call.request().method() + " " + call.request().url().newBuilder().query(null).build();
  }

  private ServiceResponse redacted(int statusCode, Headers headers, String body) {
    Headers.Builder shown = new Headers.Builder();
    for (int i = 0; i < headers.size(); i++) {
      if (ServiceResponse.isLegal(headers.name(i)) && !apiKey.isIn(headers.name(i))) {
        shown.addUnsafeNonAscii(headers.name(i), apiKey.redact(headers.value(i)));
      }
    }
    return new ServiceResponse(statusCode, shown.build(), apiKey.redact(body));
  }
}
