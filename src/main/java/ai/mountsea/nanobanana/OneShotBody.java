package ai.mountsea.nanobanana;

import java.io.IOException;
import java.io.InterruptedIOException;
import okhttp3.MediaType;
import okhttp3.RequestBody;
import okio.BufferedSink;
import org.jspecify.annotations.Nullable;

/**
 * A request body that is written once or not at all. OkHttp on its own re-sends a POST on 503, 307,
 * 308, 408 and when a connection drops, but not one whose body says {@link #isOneShot()}; and
 * should an interceptor try, it fails. A body that was not begun never reached the service whole.
 */
final class OneShotBody extends RequestBody {
  private final RequestBody body;
  private volatile boolean begun;

  OneShotBody(RequestBody body) {
    this.body = body;
  }

  boolean begun() {
    return begun;
  }

  @Override
  public @Nullable MediaType contentType() {
    return body.contentType();
  }

  @Override
  public long contentLength() throws IOException {
    return body.contentLength();
  }

  @Override
  public boolean isOneShot() {
    return true;
  }

  @Override
  public void writeTo(BufferedSink sink) throws IOException {
    if (begun) {
      throw new IOException(
          "The body was written once already, to the service or by an interceptor, and is not sent twice");
    }
    if (Thread.currentThread().isInterrupted()) {
      throw new InterruptedIOException("The thread was interrupted");
    }
    begun = true;
    body.writeTo(sink);
  }
}
