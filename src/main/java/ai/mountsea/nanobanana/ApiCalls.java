package ai.mountsea.nanobanana;

import okhttp3.Call;
import okhttp3.Headers;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.RequestBody;

/**
 * Makes Retrofit's calls: each carries the API key and goes out at most once. Retrofit makes no
 * calls but to the base URL, and nothing else uses this, so no other host ever sees the key.
 */
final class ApiCalls implements Call.Factory {
  static final String USER_AGENT = "nano-banana-java/" + Version.VERSION;

  private final OkHttpClient okHttpClient;
  private final String authorization;

  ApiCalls(OkHttpClient okHttpClient, ApiKey apiKey) {
    this.okHttpClient = okHttpClient;
    this.authorization = apiKey.authorization();
  }

  @Override
  public Call newCall(Request request) {
    RequestBody body = request.body();
    Request.Builder builder =
        new Request.Builder() // newBuilder() would copy Retrofit's tag, at 400 bytes a call.
            .url(request.url())
            .method(request.method(), body == null ? null : new OneShotBody(body))
            .addHeader("Authorization", authorization)
            .addHeader("User-Agent", USER_AGENT);
    Headers headers = request.headers();
    for (int i = 0; i < headers.size(); i++) {
      builder.addHeader(headers.name(i), headers.value(i));
    }
    return okHttpClient.newCall(builder.build());
  }
}
