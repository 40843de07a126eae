package ai.mountsea.nanobanana;

import java.util.function.BooleanSupplier;
import okhttp3.Call;
import okhttp3.Headers;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.RequestBody;

/**
 * Makes Retrofit's calls: each carries the API key and an {@link Exchange}. Retrofit makes calls to
 * the base URL only and nothing else uses this, so no other host ever sees the key.
 */
final class ApiCalls implements Call.Factory {
  static final String USER_AGENT = "nano-banana-java/" + Version.VERSION;

  private final OkHttpClient submits;
  private final OkHttpClient reads;
  private final Headers headers;
  private final BooleanSupplier isClosed;

  /**
   * Makes the factory.
   *
   * @param submits for requests with a body
   * @param reads for requests without one, which are safe to repeat
   * @param headers sent with each call
   * @param isClosed whether nothing may be sent any more
   */
  ApiCalls(OkHttpClient submits, OkHttpClient reads, Headers headers, BooleanSupplier isClosed) {
    this.submits = submits;
    this.reads = reads;
    this.headers = headers;
    this.isClosed = isClosed;
  }

  @Override
  public Call newCall(Request request) {
    Exchange exchange = new Exchange(isClosed);
    Request.Builder builder = request.newBuilder(); // It keeps Retrofit's tag.
    for (int i = 0; i < headers.size(); i++) {
      builder.addHeader(headers.name(i), headers.value(i));
    }
    RequestBody body = request.body();
    if (body == null) {
      return exchange.newCall(reads, builder.tag(Exchange.class, exchange).build());
    }
    builder.method(request.method(), new OneShotBody(body, exchange));
    return exchange.newCall(submits, builder.build());
  }
}
