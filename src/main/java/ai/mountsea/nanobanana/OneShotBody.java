package ai.mountsea.nanobanana;

import java.io.IOException;
import java.io.InterruptedIOException;
import okhttp3.MediaType;
import okhttp3.RequestBody;
import okio.BufferedSink;
import org.jspecify.annotations.Nullable;

/**
 * A request body that is sent at most once. OkHttp on its own sends a POST again on 503, 307, 308
 * and 408, and when a connection drops, but not one whose body {@link #isOneShot()}. It is none
 * until it has passed the user's interceptors, so that they may read it, to log or sign it.
 */
final class OneShotBody extends RequestBody {
  private final RequestBody body;
  private final Exchange exchange;
  private volatile boolean isSealed;

  OneShotBody(RequestBody body, Exchange exchange) {
    this.body = body;
    this.exchange = exchange;
  }

  Exchange exchange() {
    return exchange;
  }

  void seal() {
    isSealed = true;
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
    return isSealed;
  }

  @Override
  public void writeTo(BufferedSink sink) throws IOException {
    if (isSealed && Thread.currentThread().isInterrupted()) {
      throw new InterruptedIOException("The thread was interrupted");
    }
    exchange.read(this);
    body.writeTo(sink);
  }
}
