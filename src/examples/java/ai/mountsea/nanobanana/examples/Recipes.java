package ai.mountsea.nanobanana.examples;

import ai.mountsea.nanobanana.NanoBanana;
import ai.mountsea.nanobanana.api.NanoBananaApi;
import java.io.IOException;
import java.net.Proxy;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import okhttp3.Call;
import okhttp3.ConnectionPool;
import okhttp3.EventListener;
import okhttp3.OkHttpClient;
import okhttp3.logging.HttpLoggingInterceptor;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/**
 * How to watch the calls and where they go, by OkHttp's means, and how to share one client. An
 * OkHttpClient of your own has limits of its own: OkHttp gives each read 10 seconds, so set them.
 * Closing the {@link NanoBanana} leaves it open: its idle threads keep a program for a minute,
 * unless you shut its dispatcher's executor down.
 */
final class Recipes {
  private Recipes() {}

  /** The limits that the library's own has. */
  private static OkHttpClient.Builder okHttp() {
    Duration minute = Duration.ofMinutes(1);
    return new OkHttpClient.Builder()
        .callTimeout(minute)
        .readTimeout(minute)
        .writeTimeout(minute)
        .connectionPool(new ConnectionPool(20, 4, TimeUnit.SECONDS));
  }

  /** Logs each call with its headers, but not the API key. Needs okhttp's logging-interceptor. */
  static NanoBanana logging(NanoBanana.Builder builder, HttpLoggingInterceptor.Logger logger) {
    HttpLoggingInterceptor logging = new HttpLoggingInterceptor(logger);
    logging.setLevel(HttpLoggingInterceptor.Level.HEADERS);
    logging.redactHeader("Authorization");
    return builder.okHttpClient(okHttp().addInterceptor(logging).build()).build();
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
    return builder.okHttpClient(okHttp().eventListenerFactory(listeners).build()).build();
  }

  /** Makes every call through a proxy. */
  static NanoBanana proxy(NanoBanana.Builder builder, Proxy proxy) {
    return builder.okHttpClient(okHttp().proxy(proxy).build()).build();
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
