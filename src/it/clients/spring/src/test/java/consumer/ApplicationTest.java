package consumer;

import static org.assertj.core.api.Assertions.assertThat;

import ai.mountsea.nanobanana.sandbox.Sandbox;
import ai.mountsea.nanobanana.sandbox.Script;
import io.micrometer.core.instrument.MeterRegistry;
import io.opentelemetry.api.OpenTelemetry;
import io.opentelemetry.sdk.OpenTelemetrySdk;
import io.opentelemetry.sdk.testing.exporter.InMemorySpanExporter;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.SimpleSpanProcessor;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.springframework.boot.SpringApplication;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;

class ApplicationTest {
  private final Sandbox sandbox = Sandbox.start();
  private final ConfigurableApplicationContext application = start();
  private final HttpClient http = HttpClient.newHttpClient();

  @AfterEach
  void stop() {
    application.close();
    sandbox.close();
  }

  @Test
  void anImageIsAnsweredAsBytesWithItsMediaType() throws Exception {
    sandbox.next(Script.completesAfter(0));

    HttpResponse<byte[]> image =
        http.send(
            post("/image", "{\"prompt\": \"A cat\", \"action\": \"generate\"}"),
            HttpResponse.BodyHandlers.ofByteArray());

    assertThat(image.statusCode()).isEqualTo(200);
    assertThat(image.headers().firstValue("Content-Type")).hasValue("image/png");
    assertThat(image.body()).startsWith(0x89, 'P', 'N', 'G');
  }

  @Test
  void requestsAndResultsHaveTheNamesOfTheWire() throws Exception {
    sandbox.next(Script.completesAfter(0));
    String request =
        "{\"prompt\":\"A cat\",\"action\":\"generate\",\"aspect_ratio\":\"16:9\","
            + "\"model\":\"nano-banana-pro\",\"resolution\":\"4K\"}";

    HttpResponse<String> task = send(post("/task", request));

    assertThat(task.statusCode()).isEqualTo(200);
    assertThat(task.headers().firstValue("Content-Type")).hasValue("application/json");
    assertThat(task.body())
        .startsWith("{\"taskId\":\"sandbox-1\",\"status\":\"completed\"")
        .contains("\"imageUrls\":[\"" + sandbox.url());
    assertThat(sandbox.requests().get(0).toJson()).isEqualTo(request);
  }

  @Test
  void aRequestThatBreaksARuleIsA400() throws Exception {
    HttpResponse<String> invalid =
        send(post("/task", "{\"prompt\":\" \",\"action\":\"generate\"}"));

    assertThat(invalid.statusCode()).isEqualTo(400);
    assertThat(invalid.body()).contains("prompt", "\"mayTaskExist\":false");
  }

  @Test
  void malformedJsonIsA400() throws Exception {
    assertThat(send(post("/task", "{\"prompt\":")).statusCode()).isEqualTo(400);
    assertThat(send(post("/task", "{\"prompt\":\"A cat\"}")).statusCode()).isEqualTo(400);
    assertThat(sandbox.submitted()).isZero();
  }

  @Test
  void aLostReplyIsReportedAsATaskThatMayExist() throws Exception {
    sandbox.next(Script.losesReply());

    HttpResponse<String> lost =
        send(post("/task", "{\"prompt\":\"A cat\",\"action\":\"generate\"}"));

    assertThat(lost.statusCode()).isEqualTo(502);
    assertThat(lost.body()).contains("\"mayTaskExist\":true");
    assertThat(sandbox.submitted()).isEqualTo(1);
  }

  @Test
  void healthIsUpWhileTheServiceAnswers() throws Exception {
    HttpResponse<String> up = send(get("/actuator/health"));
    sandbox.close();
    HttpResponse<String> down = send(get("/actuator/health"));

    assertThat(up.statusCode()).isEqualTo(200);
    assertThat(up.body()).contains("\"nanoBanana\":{\"status\":\"UP\"}");
    assertThat(down.statusCode()).isEqualTo(503);
    assertThat(down.body()).contains("ResultUnavailableException");
  }

  @Test
  void aRequestInFlightGetsItsAnswerBeforeTheApplicationEnds() throws Exception {
    sandbox.next(Script.completesAfter(1));
    CompletableFuture<HttpResponse<String>> inFlight = submitted();

    application.close();

    assertThat(inFlight.get().statusCode()).isEqualTo(200);
    assertThat(inFlight.get().body()).contains("\"status\":\"completed\"");
  }

  @Test
  void aRequestInFlightWhoseTaskTakesTooLongGetsItsId() throws Exception {
    sandbox.next(Script.staysAt("processing"));
    CompletableFuture<HttpResponse<String>> inFlight = submitted();

    application.close();

    assertThat(inFlight.get().statusCode()).isEqualTo(502);
    assertThat(inFlight.get().body()).contains("\"taskId\":\"sandbox-1\"", "\"mayTaskExist\":true");
  }

  @Test
  void aTaskIsAwaitedById() throws Exception {
    sandbox.next(Script.completesAfter(0));
    send(post("/task", "{\"prompt\":\"A cat\",\"action\":\"generate\"}"));

    assertThat(send(get("/task/sandbox-1")).body()).contains("\"status\":\"completed\"");
  }

  @Test
  void eachCallIsCountedByItsOperation() throws Exception {
    sandbox.next(Script.completesAfter(0));

    send(post("/image", "{\"prompt\":\"A cat\",\"action\":\"generate\"}"));

    MeterRegistry meters = application.getBean(MeterRegistry.class);
    for (String operation : new String[] {"generateImage", "getTaskResult", "image"}) {
      assertThat(meters.get("nano-banana.calls").tag("uri", operation).timer().count())
          .as(operation)
          .isEqualTo(1);
    }
  }

  @Test
  void eachCallIsASpan() throws Exception {
    sandbox.next(Script.completesAfter(0));

    send(post("/image", "{\"prompt\":\"A cat\",\"action\":\"generate\"}"));

    assertThat(application.getBean(InMemorySpanExporter.class).getFinishedSpanItems())
        .extracting(SpanData::getName)
        .containsExactly("POST", "GET", "GET");
  }

  /** What the application gets of Spring Boot's tracing in production. */
  static class Tracing {
    @Bean
    InMemorySpanExporter spans() {
      return InMemorySpanExporter.create();
    }

    @Bean
    OpenTelemetry openTelemetry(InMemorySpanExporter spans) {
      return OpenTelemetrySdk.builder()
          .setTracerProvider(
              SdkTracerProvider.builder()
                  .addSpanProcessor(SimpleSpanProcessor.create(spans))
                  .build())
          .build();
    }
  }

  private ConfigurableApplicationContext start() {
    SpringApplication spring = new SpringApplication(Application.class, Tracing.class);
    return spring.run(
        "--server.port=0",
        "--spring.main.banner-mode=off",
        "--nano-banana.api-key=any",
        "--nano-banana.base-url=" + sandbox.url(),
        "--nano-banana.wait=10s",
        "--management.endpoint.health.show-details=always");
  }

  private CompletableFuture<HttpResponse<String>> submitted() {
    CompletableFuture<HttpResponse<String>> inFlight =
        http.sendAsync(
            post("/task", "{\"prompt\":\"A cat\",\"action\":\"generate\"}"),
            HttpResponse.BodyHandlers.ofString());
    while (sandbox.submitted() == 0 && !inFlight.isDone()) {
      Thread.onSpinWait();
    }
    return inFlight;
  }

  private HttpRequest post(String path, String json) {
    return HttpRequest.newBuilder(uri(path))
        .header("Content-Type", "application/json")
        .POST(HttpRequest.BodyPublishers.ofString(json))
        .build();
  }

  private HttpRequest get(String path) {
    return HttpRequest.newBuilder(uri(path)).build();
  }

  private URI uri(String path) {
    return URI.create(
        "http://127.0.0.1:" + application.getEnvironment().getProperty("local.server.port") + path);
  }

  private HttpResponse<String> send(HttpRequest request) throws Exception {
    return http.send(request, HttpResponse.BodyHandlers.ofString());
  }
}
