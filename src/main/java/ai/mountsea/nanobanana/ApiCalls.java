package ai.mountsea.nanobanana;

import okhttp3.Call;
import okhttp3.OkHttpClient;
import okhttp3.Request;

/**
 * Makes Retrofit's calls: each carries the API key and goes out at most once. Retrofit makes no
 * calls but to the base URL, and nothing else uses this, so no other host ever sees the key.
 */
final class ApiCalls implements Call.Factory {
  private static final String USER_AGENT = "nano-banana-java/" + Version.VERSION;

  private final OkHttpClient okHttpClient;
  private final String authorization;

  ApiCalls(OkHttpClient okHttpClient, String apiKey) {
    this.okHttpClient = okHttpClient;
    this.authorization = "Bearer " + apiKey;
  }

  @Override
  public Call newCall(Request request) {
    Request.Builder builder =
        request
            .newBuilder()
            .header("Authorization", authorization)
            .header("User-Agent", USER_AGENT);
    if (request.body() != null) {
      builder.method(request.method(), new OneShotBody(request.body()));
    }
    return okHttpClient.newCall(builder.build());
  }
}
