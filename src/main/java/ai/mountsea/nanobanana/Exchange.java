package ai.mountsea.nanobanana;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Objects;
import okhttp3.Headers;
import okhttp3.Interceptor;
import okhttp3.MediaType;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;
import okhttp3.ResponseBody;
import okio.Buffer;
import okio.BufferedSource;
import org.jspecify.annotations.Nullable;

/**
 * What is known of one HTTP call, whatever becomes of the call: whether the body of its request may
 * have been sent, and what was received. It outlives the exception that an interceptor, a timeout
 * or a broken connection makes of the call, so that neither a status nor a task id is lost with it.
 */
final class Exchange {
  /** No response of the API comes near this many bytes; what exceeds them is dropped. */
  static final int MAX_BYTES = 1024 * 1024;

  private enum RequestBodyState {
    UNSENT,
    SENT,
    WITHHELD
  }

  private RequestBodyState requestBody = RequestBodyState.UNSENT;
  private long sentAtMillis;
  private int statusCode;
  private @Nullable Headers headers;
  private boolean isWhole;
  private @Nullable IOException brokenBy;
  private volatile byte @Nullable [] body; // written last

  /** The exchange of a call, by the request that it was made with. */
  static Exchange of(Request request) {
    return request.body() instanceof OneShotBody body
        ? body.exchange()
        : Objects.requireNonNull(request.tag(Exchange.class));
  }

  /** Allows the request body to be sent, unless it was sent before or is withheld. */
  private synchronized boolean send() {
    if (requestBody != RequestBodyState.UNSENT) {
      return false;
    }
    requestBody = RequestBodyState.SENT;
    sentAtMillis = System.currentTimeMillis();
    return true;
  }

  /**
   * Withholds the request body, unless it may have been sent. After true it never is sent, so the
   * service makes no task of it.
   */
  synchronized boolean withhold() {
    if (requestBody == RequestBodyState.UNSENT) {
      requestBody = RequestBodyState.WITHHELD;
    }
    return requestBody == RequestBodyState.WITHHELD;
  }

  /** When the request body was first sent. */
  synchronized Instant sentAt() {
    return Instant.ofEpochMilli(sentAtMillis);
  }

  /** Whether a status was received. Only then the methods below may be called. */
  boolean hasResponse() {
    return body != null;
  }

  int statusCode() {
    return statusCode;
  }

  Headers headers() {
    return headers == null ? Headers.of() : headers;
  }

  /** The response body, or as much of it as was received. */
  String body() {
    byte[] received = body;
    return received == null ? "" : new String(received, StandardCharsets.UTF_8);
  }

  /** Whether the response body was received to its end. */
  boolean isWhole() {
    return isWhole;
  }

  /** What broke the response body off; null when nothing did, or it exceeded the limit. */
  @Nullable IOException brokenBy() {
    return brokenBy;
  }

  /** Reads the body at once, so that whatever reads it later can't fail. */
  private Response receive(Response response) throws IOException {
    ResponseBody responseBody = response.body();
    BufferedSource source = responseBody.source();
    Buffer buffer = source.getBuffer();
    IOException failure = null;
    boolean isTooLong = false;
    try {
      isTooLong = source.request(MAX_BYTES + 1L);
    } catch (IOException e) {
      failure = e;
    }
    byte[] received = buffer.readByteArray(Math.min(buffer.size(), MAX_BYTES));
    statusCode = response.code();
    headers = response.headers();
    isWhole = failure == null && !isTooLong;
    brokenBy = failure;
    body = received;
    if (isWhole) {
      buffer.write(received);
      return response;
    }
    MediaType mediaType = responseBody.contentType();
    response.close();
    return response.newBuilder().body(ResponseBody.create(received, mediaType)).build();
  }

  /**
   * The last interceptor before the network. Whatever the user's interceptors made of the request,
   * its body is a {@link OneShotBody} from here on; whatever they make of the response, it has been
   * recorded.
   */
  static final class Recorder implements Interceptor {
    @Override
    public Response intercept(Chain chain) throws IOException {
      Exchange exchange = Exchange.of(chain.call().request());
      return exchange.receive(chain.proceed(exchange.oneShot(chain.request())));
    }
  }

  /** The request with a body that can be sent once. A request without a body stays as it is. */
  private Request oneShot(Request request) {
    RequestBody requestBody = request.body();
    if (requestBody == null) {
      return request;
    }
    if (requestBody instanceof OneShotBody body) {
      body.seal();
      return request;
    }
    OneShotBody body = new OneShotBody(requestBody, this);
    body.seal();
    return request.newBuilder().method(request.method(), body).build();
  }

  /** Throws unless the request body may be sent now. */
  void requireUnsent() throws IOException {
    if (!send()) {
      throw new IOException(
          "A request body is sent at most once, and this one was sent or withheld");
    }
  }
}
