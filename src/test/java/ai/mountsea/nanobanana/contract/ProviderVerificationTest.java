package ai.mountsea.nanobanana.contract;

import static org.assertj.core.api.Assertions.assertThat;

import ai.mountsea.nanobanana.sandbox.Sandbox;
import au.com.dius.pact.core.model.FileSource;
import au.com.dius.pact.provider.ConsumerInfo;
import au.com.dius.pact.provider.ProviderInfo;
import au.com.dius.pact.provider.ProviderVerifier;
import au.com.dius.pact.provider.VerificationResult;
import com.github.ajalt.mordant.TermColors;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.function.UnaryOperator;
import okhttp3.MediaType;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;
import okhttp3.mockwebserver.Dispatcher;
import okhttp3.mockwebserver.MockResponse;
import okhttp3.mockwebserver.MockWebServer;
import okhttp3.mockwebserver.RecordedRequest;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Pact's own verifier holds the sandbox to the pact, provider states included, as a verifier in any
 * other language would. Then the sandbox is broken on the wire, and the verifier has to notice.
 */
class ProviderVerificationTest {
  @TempDir private static Path folder;
  private final Sandbox sandbox = Sandbox.start();
  private final MockWebServer proxy = new MockWebServer();
  private final OkHttpClient http = new OkHttpClient();

  @AfterEach
  void stop() throws IOException {
    proxy.close();
    sandbox.close();
    http.dispatcher().executorService().shutdown();
    http.connectionPool().evictAll();
  }

  @Test
  void theSandboxIsAsThePactSays() throws IOException {
    assertThat(verify(sandbox.url())).isEmpty();
    assertThat(sandbox.submitted()).isPositive();
  }

  @Test
  void aProxyThatBreaksNothingIsNotNoticed() throws IOException {
    assertThat(verifyBroken(UnaryOperator.identity())).isEmpty();
  }

  @Test
  void aRenamedFieldIsNoticed() throws IOException {
    assertThat(verifyBroken(reply -> reply.replace("\"taskId\"", "\"id\"")))
        .containsOnly("body: $ Actual map is missing the following keys: taskId");
  }

  @Test
  void aWrongStatusIsNoticed() throws IOException {
    assertThat(verifyBroken(reply -> reply.with(200, reply.contentType())))
        .containsOnly(
            "status: expected status of 201 but was 200",
            "status: expected status of 400 but was 200",
            "status: expected status of 401 but was 200",
            "status: expected status of 404 but was 200",
            "status: expected status of 429 but was 200",
            "status: expected status of 500 but was 200");
  }

  @Test
  void aWrongTypeIsNoticed() throws IOException {
    assertThat(verifyBroken(reply -> reply.replace("\"taskId\":\"[^\"]*\"", "\"taskId\":7")))
        .containsOnly(
            "body: $.taskId Expected 7 (Integer) to be the same type as '7f1c2a90-5b0e-4f5e-9c55-0d7a3c1e8b11' (String)");
  }

  @Test
  void anEmptyListIsNoticed() throws IOException {
    assertThat(verifyBroken(reply -> reply.replace("\\[.*]", "[]")))
        .containsExactly("body: $.result.imageUrls Expected [] (size 0) to have minimum size of 1");
  }

  @Test
  void aContentTypeThatReadsTheSameIsNotNoticed() throws IOException {
    assertThat(verifyBroken(reply -> reply.with(reply.status(), "application/json ;charset=utf-8")))
        .isEmpty();
  }

  @Test
  void aWrongContentTypeIsNoticed() throws IOException {
    assertThat(verifyBroken(reply -> reply.with(reply.status(), "text/html")))
        .containsOnly(
            "body-content-type: Expected a body of 'application/json' but the actual content type was 'text/html'");
  }

  private List<String> verifyBroken(UnaryOperator<Reply> breakage) throws IOException {
    proxy.setDispatcher(
        new Dispatcher() {
          @Override
          public MockResponse dispatch(RecordedRequest request) {
            try {
              Reply reply = forward(request);
              return (request.getPath().startsWith("/_pact") ? reply : breakage.apply(reply))
                  .mock();
            } catch (IOException e) {
              throw new UncheckedIOException(e);
            }
          }
        });
    return verify("http://127.0.0.1:" + proxy.getPort());
  }

  private Reply forward(RecordedRequest request) throws IOException {
    boolean hasBody = request.getMethod().equals("POST");
    String contentType = request.getHeader("Content-Type");
    Request forwarded =
        new Request.Builder()
            .url(sandbox.url() + request.getPath())
            .headers(request.getHeaders())
            .method(
                request.getMethod(),
                hasBody
                    ? RequestBody.create(
                        request.getBody().readByteArray(), MediaType.get(contentType))
                    : null)
            .build();
    try (Response response = http.newCall(forwarded).execute()) {
      return new Reply(
          response.code(),
          response.header("Content-Type"),
          response.header("Retry-After"),
          response.body().string());
    }
  }

  /** Returns a line for each mismatch that the verifier finds, in pending interactions, too. */
  private static List<String> verify(String url) throws IOException {
    ProviderInfo provider = new ProviderInfo(PactFile.PROVIDER);
    provider.setHost(URI.create(url).getHost());
    provider.setPort(URI.create(url).getPort());
    provider.setStateChangeUrl(URI.create(url + "/_pact/states").toURL());
    ConsumerInfo consumer = new ConsumerInfo(PactFile.CONSUMER);
    Path pact = PactFile.writeTo(folder);
    Files.writeString(
        pact, Files.readString(pact).replace("\"pending\": true", "\"pending\": false"));
    consumer.setPactSource(new FileSource(pact.toFile()));
    ProviderVerifier verifier = new ProviderVerifier();
    verifier.setReporters(List.of());
    VerificationResult result =
        verifier.runVerificationForConsumer(new HashMap<>(), provider, consumer);
    if (result instanceof VerificationResult.Failed failed) {
      return failed.getFailures().values().stream()
          .flatMap(List::stream)
          .map(failure -> failure.formatForDisplay(new TermColors(TermColors.Level.NONE)))
          .map(failure -> failure.lines().findFirst().orElse(""))
          .toList();
    }
    return List.of();
  }

  private record Reply(int status, String contentType, String retryAfter, String body) {
    Reply replace(String right, String wrong) {
      return new Reply(status, contentType, retryAfter, body.replaceAll(right, wrong));
    }

    Reply with(int otherStatus, String otherContentType) {
      return new Reply(otherStatus, otherContentType, retryAfter, body);
    }

    MockResponse mock() {
      MockResponse response =
          new MockResponse()
              .setResponseCode(status)
              .setBody(body)
              .setHeader("Content-Type", contentType);
      return retryAfter == null ? response : response.setHeader("Retry-After", retryAfter);
    }
  }
}
