package ai.mountsea.nanobanana.examples;

import ai.mountsea.nanobanana.NanoBanana;
import ai.mountsea.nanobanana.api.NanoBananaApi;
import java.io.IOException;
import java.net.Proxy;
import java.time.Duration;
import java.util.function.BiConsumer;
import okhttp3.Call;
import okhttp3.EventListener;
import okhttp3.logging.HttpLoggingInterceptor;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** How to watch the calls and where they go, by OkHttp's means, and how to share one client. */
final class Recipes {
  private Recipes() {}

  /** Logs each call with its headers, but not the API key. Needs okhttp's logging-interceptor. */
  static NanoBanana logging(NanoBanana.Builder builder, HttpLoggingInterceptor.Logger logger) {
    HttpLoggingInterceptor logging = new HttpLoggingInterceptor(logger);
    logging.setLevel(HttpLoggingInterceptor.Level.HEADERS);
    logging.redactHeader("Authorization");
    return builder.configureOkHttp(okHttp -> okHttp.addInterceptor(logging)).build();
  }

  /** Reports how long each call took, by its path; a tracer begins and ends its span there. */
  static NanoBanana metrics(NanoBanana.Builder builder, BiConsumer<String, Duration> timer) {
    EventListener.Factory listeners =
        call ->
            new EventListener() {
              private final long start = System.nanoTime();

              @Override
              public void callEnd(Call call) {
                report();
              }

              @Override
              public void callFailed(Call call, IOException e) {
                report();
              }

              private void report() {
                timer.accept(
                    call.request().url().encodedPath(),
                    Duration.ofNanos(System.nanoTime() - start));
              }
            };
    return builder.configureOkHttp(okHttp -> okHttp.eventListenerFactory(listeners)).build();
  }

  /** Makes every call through a proxy. */
  static NanoBanana proxy(NanoBanana.Builder builder, Proxy proxy) {
    return builder.configureOkHttp(okHttp -> okHttp.proxy(proxy)).build();
  }

  /** One client for a whole Spring application, which closes it at its end. */
  @Configuration(proxyBeanMethods = false)
  static class SpringConfiguration {
    @Bean
    NanoBanana nanoBanana(
        @Value("${mountsea.api-key}") String apiKey,
        @Value("${mountsea.base-url:" + NanoBananaApi.BASE_URL + "}") String baseUrl) {
      return NanoBanana.builder().apiKey(apiKey).baseUrl(baseUrl).build();
    }
  }
}
