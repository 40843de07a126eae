package ai.mountsea.nanobanana;

import java.io.IOException;
import retrofit2.Call;
import retrofit2.Response;

/**
 * One operation of the API: how to call it, and what each outcome of a call means.
 *
 * @param <T> the body of a success
 * @param <R> what the caller is given
 */
abstract class Operation<T, R> {
  private final ErrorReply.Reader errors;

  Operation(ErrorReply.Reader errors) {
    this.errors = errors;
  }

  /** Makes a call, not yet under way. */
  abstract Call<T> newCall();

  /** Returns what a 2xx brought, or throws if it brought nothing of use. */
  abstract R succeeded(Response<T> response);

  /** Returns what a reply of any other status means. */
  abstract NanoBananaException refused(ErrorReply reply);

  /** Returns what it means that no reply came, or none that can be read. */
  abstract NanoBananaException failed(Call<T> call, Throwable failure);

  /** What somebody else says, fit to be shown. */
  final String shown(Object said) {
    return errors.apiKey().hiddenIn(said.toString());
  }

  /** Makes one call, on this thread. */
  final R execute() {
    Call<T> call = newCall();
    Response<T> response;
    try {
      response = call.execute();
    } catch (IOException | RuntimeException e) {
      throw failed(call, e);
    }
    return read(response);
  }

  /** Returns or throws what a reply means. */
  final R read(Response<T> response) {
    if (response.isSuccessful()) {
      return succeeded(response);
    }
    throw refused(errors.read(response));
  }
}
