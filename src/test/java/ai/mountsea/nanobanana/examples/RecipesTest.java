package ai.mountsea.nanobanana.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.mountsea.nanobanana.NanoBanana;
import ai.mountsea.nanobanana.NotSentException;
import ai.mountsea.nanobanana.RetryPolicy;
import ai.mountsea.nanobanana.api.Action;
import ai.mountsea.nanobanana.api.GenerateImageRequest;
import ai.mountsea.nanobanana.sandbox.Sandbox;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.ResourceBundle;
import java.util.concurrent.atomic.AtomicInteger;
import okhttp3.Headers;
import okhttp3.Interceptor;
import okhttp3.MediaType;
import okhttp3.OkHttpClient;
import okhttp3.RequestBody;
import okhttp3.Response;
import okhttp3.mockwebserver.MockResponse;
import okhttp3.mockwebserver.MockWebServer;
import okhttp3.mockwebserver.SocketPolicy;
import okhttp3.tls.HandshakeCertificates;
import okhttp3.tls.HeldCertificate;
import okio.BufferedSink;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.core.env.MapPropertySource;

class RecipesTest {
  private static final HeldCertificate AUTHORITY =
      new HeldCertificate.Builder().certificateAuthority(0).build();
  private static final MockResponse CREATED =
      new MockResponse()
          .setResponseCode(201)
          .setHeader("Content-Type", "application/json")
          .setBody("{\"taskId\":\"t1\"}");

  private final Sandbox sandbox = Sandbox.start();

  @AfterEach
  void stop() {
    sandbox.close();
  }

  @Test
  void theLogHasTheHeadersButNotTheKey() {
    List<String> log = new ArrayList<>();
    try (NanoBanana nanoBanana = Recipes.logging(to(sandbox.url()), log::add)) {
      submit(nanoBanana);
    }
    assertThat(log)
        .contains("Authorization: ██")
        .anyMatch(line -> line.startsWith("User-Agent: nano-banana-java/"))
        .noneMatch(line -> line.contains("secret"));
  }

  @Test
  void theLogHasTheBodiesOfRequestsButNoSecret() {
    RecordingLogger log = new RecordingLogger(true);
    GenerateImageRequest edit =
        GenerateImageRequest.builder("Add a hat?", Action.EDIT)
            .imageUrls("https://user:secret@images.example/cat.png?signature=secret#secret")
            .build();
    try (NanoBanana nanoBanana = Recipes.loggingBodies(to(sandbox.url()), log)) {
      nanoBanana.result(nanoBanana.submit(edit));
    }
    assertThat(log.lines)
        .containsExactly(
            "POST "
                + sandbox.url()
                + "/gemini/image/generate {\"prompt\":\"Add a hat?\",\"action\":\"edit\","
                + "\"image_urls\":[\"https://images.example/cat.png\"]}",
            "GET " + sandbox.url() + "/gemini/task/result ");
    assertThat(sandbox.requests()).containsExactly(edit);
  }

  @ParameterizedTest
  @CsvSource({"true, 2", "false, 1"})
  void theBodyIsReadForTheLogOnlyWhileThatIsOn(boolean isOn, int reads) {
    AtomicInteger read = new AtomicInteger();
    NanoBanana.Builder counting =
        to(sandbox.url())
            .configureOkHttp(okHttp -> okHttp.addInterceptor(chain -> counted(chain, read)));
    RecordingLogger log = new RecordingLogger(isOn);
    try (NanoBanana nanoBanana = Recipes.loggingBodies(counting, log)) {
      submit(nanoBanana);
    }
    assertThat(read).hasValue(reads);
    assertThat(log.lines).hasSize(reads - 1);
  }

  private static Response counted(Interceptor.Chain chain, AtomicInteger read) throws IOException {
    RequestBody body = chain.request().body();
    RequestBody counted =
        new RequestBody() {
          @Override
          public MediaType contentType() {
            return body.contentType();
          }

          @Override
          public void writeTo(BufferedSink sink) throws IOException {
            read.incrementAndGet();
            body.writeTo(sink);
          }
        };
    return chain.proceed(chain.request().newBuilder().post(counted).build());
  }

  @Test
  void eachCallIsTimed() {
    List<String> calls = new ArrayList<>();
    try (NanoBanana nanoBanana =
        Recipes.metrics(
            to(sandbox.url()),
            (path, time) -> calls.add(path + (time.isZero() ? " at once" : " took a while")))) {
      submit(nanoBanana);
    }
    assertThat(calls).containsExactly("/gemini/image/generate took a while");
  }

  @Test
  void theCallGoesThroughTheProxy() {
    URI url = URI.create(sandbox.url());
    Proxy proxy = new Proxy(Proxy.Type.HTTP, new InetSocketAddress(url.getHost(), url.getPort()));
    // Nobody can resolve this host, and nobody has to: the proxy is asked for it.
    try (NanoBanana nanoBanana = Recipes.proxy(to("http://mountsea.invalid"), proxy)) {
      assertThat(submit(nanoBanana)).isEqualTo("sandbox-1");
    }
  }

  @Test
  void theProxyGetsThePasswordAndTheServiceDoesNot() throws Exception {
    try (MockWebServer server = new MockWebServer()) {
      server.useHttps(
          serverTls().sslSocketFactory(), true); // It is the proxy, and then the service.
      server.enqueue(new MockResponse().setSocketPolicy(SocketPolicy.UPGRADE_TO_SSL_AT_END));
      server.enqueue(CREATED);
      NanoBanana.Builder builder =
          to("https://mountsea.invalid").configureOkHttp(RecipesTest::trustAuthority);

      try (NanoBanana nanoBanana =
          Recipes.proxyWithPassword(builder, server.toProxyAddress(), "user", "password")) {
        assertThat(submit(nanoBanana)).isEqualTo("t1");
      }
      Headers toProxy = server.takeRequest().getHeaders();
      Headers toService = server.takeRequest().getHeaders();
      assertThat(toProxy.get("Proxy-Authorization")).isEqualTo("Basic dXNlcjpwYXNzd29yZA==");
      assertThat(toProxy.get("Authorization")).isNull();
      assertThat(toService.get("Proxy-Authorization")).isNull();
      assertThat(toService.get("Authorization")).isEqualTo("Bearer secret");
    }
  }

  @Test
  void aWrongPasswordForTheProxyIsSentOnceAndNothingToTheService() throws Exception {
    try (MockWebServer server = new MockWebServer()) {
      server.useHttps(serverTls().sslSocketFactory(), true);
      server.enqueue(
          new MockResponse()
              .setResponseCode(407)
              .setHeader("Proxy-Authenticate", "Basic realm=\"proxy\""));
      NanoBanana.Builder builder = to("https://mountsea.invalid").retryPolicy(RetryPolicy.NEVER);

      try (NanoBanana nanoBanana =
          Recipes.proxyWithPassword(builder, server.toProxyAddress(), "user", "wrong")) {
        assertThatThrownBy(() -> submit(nanoBanana)).isInstanceOf(NotSentException.class);
      }
      assertThat(server.getRequestCount()).isEqualTo(1);
    }
  }

  @Test
  void anAuthorityOfOnesOwnIsTrusted() throws Exception {
    try (MockWebServer server = new MockWebServer()) {
      server.useHttps(serverTls().sslSocketFactory(), false);
      server.enqueue(CREATED);

      try (NanoBanana nanoBanana =
          Recipes.ownAuthority(to(urlOf(server)), AUTHORITY.certificatePem())) {
        assertThat(submit(nanoBanana)).isEqualTo("t1");
      }
      try (NanoBanana without = to(urlOf(server)).retryPolicy(RetryPolicy.NEVER).build()) {
        assertThatThrownBy(() -> submit(without)).isInstanceOf(NotSentException.class);
      }
    }
  }

  @Test
  void theServerGetsTheClientCertificateThatItRequires() throws Exception {
    HeldCertificate certificate =
        new HeldCertificate.Builder().signedBy(AUTHORITY).commonName("cat shop").build();
    try (MockWebServer server = new MockWebServer()) {
      server.useHttps(serverTls().sslSocketFactory(), false);
      server.requireClientAuth();
      server.enqueue(CREATED);

      try (NanoBanana nanoBanana =
          Recipes.clientCertificate(
              to(urlOf(server)),
              certificate.certificatePem() + certificate.privateKeyPkcs8Pem(),
              AUTHORITY.certificatePem())) {
        assertThat(submit(nanoBanana)).isEqualTo("t1");
      }
      assertThat(server.takeRequest().getHandshake().peerPrincipal().getName())
          .isEqualTo("CN=cat shop");
    }
  }

  private static HandshakeCertificates serverTls() {
    HeldCertificate certificate =
        new HeldCertificate.Builder()
            .signedBy(AUTHORITY)
            .addSubjectAlternativeName("localhost")
            .addSubjectAlternativeName("mountsea.invalid")
            .build();
    return new HandshakeCertificates.Builder()
        .heldCertificate(certificate)
        .addTrustedCertificate(AUTHORITY.certificate())
        .build();
  }

  private static void trustAuthority(OkHttpClient.Builder okHttp) {
    HandshakeCertificates trusting =
        new HandshakeCertificates.Builder().addTrustedCertificate(AUTHORITY.certificate()).build();
    okHttp.sslSocketFactory(trusting.sslSocketFactory(), trusting.trustManager());
  }

  private static String urlOf(MockWebServer server) {
    return "https://localhost:" + server.getPort();
  }

  @Test
  void springMakesOneClientAndClosesIt() {
    NanoBanana nanoBanana;
    try (AnnotationConfigApplicationContext spring = new AnnotationConfigApplicationContext()) {
      Map<String, Object> properties =
          Map.of("mountsea.api-key", "secret", "mountsea.base-url", sandbox.url());
      spring
          .getEnvironment()
          .getPropertySources()
          .addFirst(new MapPropertySource("application.properties", properties));
      spring.register(Recipes.SpringConfiguration.class);
      spring.refresh();

      nanoBanana = spring.getBean(NanoBanana.class);
      assertThat(submit(nanoBanana)).isEqualTo("sandbox-1");
    }
    assertThatThrownBy(() -> submit(nanoBanana)).hasMessageEndingWith("The client was closed");
  }

  private static NanoBanana.Builder to(String baseUrl) {
    return NanoBanana.builder().apiKey("secret").baseUrl(baseUrl);
  }

  private static String submit(NanoBanana nanoBanana) {
    return nanoBanana.submit(GenerateImageRequest.builder("A cat", Action.GENERATE).build());
  }

  private static final class RecordingLogger implements System.Logger {
    private final boolean isOn;
    private final List<String> lines = new ArrayList<>();

    RecordingLogger(boolean isOn) {
      this.isOn = isOn;
    }

    @Override
    public String getName() {
      return "test";
    }

    @Override
    public boolean isLoggable(Level level) {
      return isOn;
    }

    @Override
    public void log(Level level, ResourceBundle bundle, String message, Throwable thrown) {
      lines.add(message);
    }

    @Override
    public void log(Level level, ResourceBundle bundle, String format, Object... params) {
      lines.add(format);
    }
  }
}
