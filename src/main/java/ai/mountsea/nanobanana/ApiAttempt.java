package ai.mountsea.nanobanana;

import java.io.IOException;
import okhttp3.Headers;
import okhttp3.ResponseBody;
import org.jspecify.annotations.Nullable;
import retrofit2.Call;
import retrofit2.Response;

/**
 * One call of an operation of the API.
 *
 * @param <T> the body of a success
 * @param <R> what the caller gets
 */
abstract class ApiAttempt<T, R> implements Attempt<R> {
  final Exchange exchange;
  private final Call<T> call;
  private final ApiKey apiKey;

  /** Prepares the call, which writes its request. */
  ApiAttempt(Call<T> call, ApiKey apiKey) {
    this.call = call;
    this.apiKey = apiKey;
    this.exchange = Exchange.of(call.request());
  }

  /** Returns what a success brought; null if it brought nothing of use. */
  abstract @Nullable R received(T body);

  /** Returns what is known of a success that brought nothing of use, or throws it. */
  abstract R receivedUnread(ServiceResponse response, @Nullable Throwable cause);

  /** Returns what a response of any other status means. */
  abstract NanoBananaException refused(ServiceResponse response);

  @Override
  public final R run() throws IOException {
    Response<T> response = call.execute();
    if (!response.isSuccessful()) {
      if (exchange.hasResponse() && exchange.statusCode() != response.code()) {
        return settleByResponse(null); // It outranks what an interceptor made of it.
      }
      ResponseBody errorBody = response.errorBody();
      throw refused(
          redacted(
              response.code(), response.headers(), errorBody == null ? "" : errorBody.string()));
    }
    T body = exchange.isUtf8() ? response.body() : null; // Retrofit takes any body for UTF-8.
    R value = body == null ? null : received(body);
    if (value != null) {
      return value;
    }
    return receivedUnread(
        exchange.hasResponse() ? response() : redacted(response.code(), response.headers(), ""),
        null);
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
      if (!apiKey.isIn(headers.name(i))) {
        shown.addUnsafeNonAscii(headers.name(i), apiKey.redact(headers.value(i)));
      }
    }
    return new ServiceResponse(statusCode, shown.build(), apiKey.redact(body));
  }
}
