package ai.mountsea.nanobanana.live;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Predicate;
import okhttp3.Headers;
import okhttp3.HttpUrl;
import okhttp3.Interceptor;
import okhttp3.Response;
import okhttp3.ResponseBody;
import okio.Buffer;
import okio.BufferedSource;
import okio.GzipSource;
import org.jspecify.annotations.Nullable;

/**
 * A request and its response as they went over the wire.
 *
 * @param responseBody null if it was not kept, as that of an image isn't
 * @param isCut whether the connection ended before the body did
 */
record Exchange(
    String method,
    HttpUrl url,
    int status,
    Headers headers,
    @Nullable String responseBody,
    boolean isCut) {
  private static final long MAX_BYTES = 1_000_000;

  boolean isSuccess() {
    return status >= 200 && status < 300;
  }

  boolean isRedirect() {
    return status >= 300 && status < 400;
  }

  /** Keeps each response, also one that the client can't read. A network interceptor. */
  static final class Recorder implements Interceptor {
    private final Predicate<HttpUrl> keepsBody;
    private final List<Exchange> exchanges = new ArrayList<>();
    private int sent;

    Recorder(Predicate<HttpUrl> keepsBody) {
      this.keepsBody = keepsBody;
    }

    /** Returns what was recorded since the last time. */
    synchronized List<Exchange> take() {
      List<Exchange> taken = List.copyOf(exchanges);
      exchanges.clear();
      return taken;
    }

    /** Returns how many requests went over the wire. */
    synchronized int sent() {
      return sent;
    }

    @Override
    public Response intercept(Chain chain) throws IOException {
      synchronized (this) {
        sent++;
      }
      Response response = chain.proceed(chain.request());
      HttpUrl url = chain.request().url();
      Body body = keepsBody.test(url) ? read(response) : new Body(null, false);
      synchronized (this) {
        exchanges.add(
            new Exchange(
                chain.request().method(),
                url,
                response.code(),
                response.headers(),
                body.text(),
                body.isCut()));
      }
      return response;
    }

    private record Body(@Nullable String text, boolean isCut) {}

    /** Reads the body without taking it from the client. */
    private static Body read(Response response) throws IOException {
      ResponseBody body = response.body();
      if (body == null) {
        return new Body("", false);
      }
      Buffer bytes = new Buffer();
      boolean isCut = false;
      BufferedSource source = body.source().peek();
      try {
        while (bytes.size() < MAX_BYTES && source.read(bytes, 8192) != -1) {}
      } catch (IOException e) {
        isCut = true;
      }
      String encoding = response.header("Content-Encoding", "identity");
      if (encoding.toLowerCase(Locale.ROOT).equals("gzip")) {
        Buffer plain = new Buffer();
        try (GzipSource gzip = new GzipSource(bytes)) {
          while (plain.size() < MAX_BYTES && gzip.read(plain, 8192) != -1) {}
        } catch (IOException e) {
          isCut = true;
        }
        bytes = plain;
      }
      return new Body(bytes.readUtf8(), isCut);
    }
  }
}
