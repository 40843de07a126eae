package ai.mountsea.nanobanana;

import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Objects;
import java.util.function.BooleanSupplier;
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
 *
 * <p>That nothing was sent is claimed only where nobody else can have sent it: an interceptor that
 * read the request body and didn't pass the request on may have sent it in a way of its own.
 */
final class Exchange {
  /** No response of the API comes near this many bytes; what exceeds them is dropped. */
  static final int MAX_BYTES = 1024 * 1024;

  private enum RequestBodyState {
    /** Nobody has read it. */
    UNREAD,
    /** An interceptor of the user's has read it, to log or sign it, or to send it elsewhere. */
    READ,
    /** It has come to the network, through all interceptors. */
    READY,
    /** It, or a part of it, may have been sent. */
    SENT
  }

  private final BooleanSupplier isClosed;
  private RequestBodyState requestBody = RequestBodyState.UNREAD;
  private @Nullable OneShotBody toSend; // what the network reads
  private boolean isWithheld;
  private long sentAtMillis;
  private int networkStatusCode;
  private int statusCode;
  private @Nullable Headers headers;
  private boolean isWhole;
  private @Nullable Throwable brokenBy;
  private volatile byte @Nullable [] body; // written last

  /**
   * Makes the exchange of a call that was not made yet.
   *
   * @param isClosed whether nothing may be sent any more
   */
  Exchange(BooleanSupplier isClosed) {
    this.isClosed = isClosed;
  }

  /** The exchange of a call, by the request that it was made with. */
  static Exchange of(Request request) {
    return request.body() instanceof OneShotBody body
        ? body.exchange()
        : Objects.requireNonNull(request.tag(Exchange.class));
  }

  /**
   * The request body is being read: by the network, or by an interceptor of the user's.
   *
   * @throws IOException if it is the network's turn, but the body was sent before or is withheld
   */
  synchronized void read(OneShotBody body) throws IOException {
    if (body == toSend) {
      if (isWithheld || requestBody == RequestBodyState.SENT) {
        throw new IOException(
            "A request body is sent at most once, and this one was sent or withheld");
      }
      requestBody = RequestBodyState.SENT;
      sentAtMillis = System.currentTimeMillis();
    } else if (requestBody != RequestBodyState.SENT) {
      requestBody = RequestBodyState.READ;
      sentAtMillis = System.currentTimeMillis();
    }
  }

  /** Whether the request body was sent, or a part of it. */
  synchronized boolean isSent() {
    return requestBody == RequestBodyState.SENT;
  }

  /**
   * Withholds the request body from now on.
   *
   * @return whether nobody has sent it, so that the service makes no task of it
   */
  synchronized boolean withhold() {
    isWithheld = true;
    return requestBody == RequestBodyState.UNREAD || requestBody == RequestBodyState.READY;
  }

  /** When the request body was sent, or read by an interceptor that may have sent it. */
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

  /** Whether a status came from the service, and not from an interceptor of the user's. */
  boolean isFromService(int status) {
    return hasResponse()
        && statusCode == status
        && (networkStatusCode == 0 || networkStatusCode == status);
  }

  Headers headers() {
    return headers == null ? Headers.of() : headers;
  }

  /** The response body, or as much of it as was received. */
  String body() {
    byte[] received = body;
    return received == null ? "" : new String(received, charset(received));
  }

  /** Whether the response body is in UTF-8, as JSON is. */
  boolean isUtf8() {
    byte[] received = body;
    return received == null || charset(received).equals(StandardCharsets.UTF_8);
  }

  /** As declared; JSON that says nothing tells it by its first character, which is ASCII. */
  private Charset charset(byte[] received) {
    String contentType = headers().get("Content-Type");
    MediaType mediaType = contentType == null ? null : MediaType.parse(contentType);
    Charset declared = mediaType == null ? null : mediaType.charset();
    if (declared != null) {
      return declared;
    }
    if (received.length > 1 && received[0] == 0) {
      return StandardCharsets.UTF_16BE;
    }
    return received.length > 1 && received[1] == 0
        ? StandardCharsets.UTF_16LE
        : StandardCharsets.UTF_8;
  }

  /** Whether the response body was received to its end. */
  boolean isWhole() {
    return isWhole;
  }

  /** What broke the response body off; null when nothing did, or it exceeded the limit. */
  @Nullable Throwable brokenBy() {
    return brokenBy;
  }

  /** How the response body ends, for a message; empty if it is whole. */
  String ending() {
    if (isWhole) {
      return "";
    }
    return brokenBy == null
        ? ", of which only the first MiB was read"
        : ", and it broke off: " + brokenBy;
  }

  /** Reads the body at once, so that whatever reads it later can't fail. */
  private Response receive(Response response) throws IOException {
    ResponseBody responseBody = response.body();
    BufferedSource source = responseBody.source();
    Buffer buffer = source.getBuffer();
    Throwable failure = null;
    boolean isTooLong = false;
    try {
      isTooLong = source.request(MAX_BYTES + 1L);
    } catch (IOException | RuntimeException | Error e) { // an event listener may throw, too
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
   * its body can be sent once from here on; whatever they make of the response, it was recorded.
   */
  static final class Recorder implements Interceptor {
    private final boolean isLast;

    /**
     * Makes the interceptor.
     *
     * @param isLast whether there are no network interceptors behind it
     */
    Recorder(boolean isLast) {
      this.isLast = isLast;
    }

    @Override
    public Response intercept(Chain chain) throws IOException {
      Exchange exchange = Exchange.of(chain.call().request());
      return exchange.receive(chain.proceed(exchange.ready(chain.request(), isLast)));
    }
  }

  /** The last network interceptor, behind those of the user's, which can do all that others can. */
  static final class NetworkRecorder implements Interceptor {
    @Override
    public Response intercept(Chain chain) throws IOException {
      Exchange exchange = Exchange.of(chain.call().request());
      Response response = chain.proceed(exchange.ready(chain.request(), true));
      exchange.networkStatusCode = response.code();
      return response;
    }
  }

  /** Returns the request with a body that can be sent once, unless it has no body. */
  private synchronized Request ready(Request request, boolean isLast) throws IOException {
    if (isClosed.getAsBoolean()) {
      throw new IOException("This NanoBanana is closed");
    }
    RequestBody body = request.body();
    if (body == null) {
      return request;
    }
    OneShotBody oneShot =
        body instanceof OneShotBody already ? already : new OneShotBody(body, this);
    oneShot.seal();
    if (isLast) {
      toSend = oneShot;
    }
    if (requestBody != RequestBodyState.SENT) {
      requestBody = RequestBodyState.READY;
    }
    return oneShot == body
        ? request
        : request.newBuilder().method(request.method(), oneShot).build();
  }
}
