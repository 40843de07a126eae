package ai.mountsea.nanobanana;

import java.io.IOException;
import okhttp3.Interceptor;
import okhttp3.Response;
import okhttp3.ResponseBody;
import okio.Buffer;
import okio.ForwardingSource;
import okio.Okio;
import okio.Source;

/**
 * Keeps a reply from filling the memory. No reply of the API comes near the bound; past it an error
 * body is cut, since its beginning says enough, and any other body fails.
 */
final class BoundedReplies implements Interceptor {
  static final long MAX_BYTES = 1024 * 1024;

  @Override
  public Response intercept(Chain chain) throws IOException {
    Response response = chain.proceed(chain.request());
    ResponseBody body = response.body();
    long length = body.contentLength();
    if (length >= 0 && length <= MAX_BYTES) {
      return response;
    }
    Source bounded = new Bounded(body.source(), response.isSuccessful());
    return response
        .newBuilder()
        .body(ResponseBody.create(Okio.buffer(bounded), body.contentType(), -1))
        .build();
  }

  private static final class Bounded extends ForwardingSource {
    private final boolean failsPastBound;
    private long left = MAX_BYTES;

    Bounded(Source source, boolean failsPastBound) {
      super(source);
      this.failsPastBound = failsPastBound;
    }

    @Override
    public long read(Buffer sink, long byteCount) throws IOException {
      if (left == 0 && !failsPastBound) {
        return -1;
      }
      long read = super.read(sink, Math.min(byteCount, Math.max(left, 1)));
      if (read > left) {
        throw new IOException("The reply is longer than " + MAX_BYTES + " bytes");
      }
      left -= Math.max(read, 0);
      return read;
    }
  }
}
