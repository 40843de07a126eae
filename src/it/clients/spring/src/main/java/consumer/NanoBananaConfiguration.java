package consumer;

import ai.mountsea.nanobanana.NanoBanana;
import ai.mountsea.nanobanana.WaitOptions;
import ai.mountsea.nanobanana.api.NanoBananaApi;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.okhttp3.OkHttpMetricsEventListener;
import io.opentelemetry.api.OpenTelemetry;
import io.opentelemetry.instrumentation.okhttp.v3_0.OkHttpTelemetry;
import java.time.Duration;
import okhttp3.EventListener;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import retrofit2.Invocation;

/** One client for the whole application, which closes it at its end. */
@Configuration(proxyBeanMethods = false)
class NanoBananaConfiguration {
  @Bean
  NanoBanana nanoBanana(
      @Value("${nano-banana.api-key}") String apiKey,
      @Value("${nano-banana.base-url:" + NanoBananaApi.BASE_URL + "}") String baseUrl,
      @Value("${nano-banana.wait}") Duration wait,
      MeterRegistry meters,
      ObjectProvider<OpenTelemetry> openTelemetry) {
    EventListener metrics =
        OkHttpMetricsEventListener.builder(meters, "nano-banana.calls")
            .uriMapper(NanoBananaConfiguration::operation)
            .build();
    return NanoBanana.builder()
        .apiKey(apiKey)
        .baseUrl(baseUrl)
        .waitOptions(WaitOptions.DEFAULT.withTimeout(wait))
        .configureOkHttp(
            okHttp -> {
              okHttp.eventListener(metrics);
              openTelemetry.ifAvailable(telemetry -> trace(okHttp, telemetry));
            })
        .build();
  }

  /** The called operation: a tag has to be one of few values, and the URL of an image is not. */
  private static String operation(Request request) {
    Invocation invocation = request.tag(Invocation.class);
    return invocation == null ? "image" : invocation.method().getName();
  }

  /**
   * A span for each request on the wire. OpenTelemetry adds its interceptors to a copy of a client
   * that it is given; here, the copy is the builder of the client that makes the calls.
   */
  private static void trace(OkHttpClient.Builder okHttp, OpenTelemetry telemetry) {
    OkHttpTelemetry.create(telemetry)
        .createCallFactory(
            new OkHttpClient() {
              @Override
              public Builder newBuilder() {
                return okHttp;
              }
            });
  }
}
