package batch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.mountsea.nanobanana.api.GenerateImageRequest;
import ai.mountsea.nanobanana.sandbox.Sandbox;
import ai.mountsea.nanobanana.sandbox.Script;
import com.sun.net.httpserver.HttpServer;
import io.temporal.client.WorkflowClient;
import io.temporal.testserver.TestServer;
import io.temporal.testserver.TestServer.PortBoundTestServer;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The workers are processes of their own, and die as processes do. */
class BatchTest {
  private static final Duration STEP = Duration.ofSeconds(8);

  private final Sandbox sandbox = Sandbox.start();
  private final int port = freePort();
  private final PortBoundTestServer server = TestServer.createPortBoundServer(port);
  private final String temporal = "127.0.0.1:" + port;
  private final WorkflowClient client = BatchWorker.client(temporal);
  private Process worker;
  @TempDir Path folder;

  @AfterEach
  void stop() throws Exception {
    kill();
    client.getWorkflowServiceStubs().shutdownNow();
    server.close();
    sandbox.close();
  }

  @Test
  void aWorkerThatDiesWhileItWaitsIsFollowedByOneThatSubmitsNothing() throws Exception {
    sandbox.next(Script.completesAfter(2), Script.completesAfter(0), Script.completesAfter(0));
    Batch.start(client, List.of("A cat"), STEP);
    assertEquals("sandbox-1 is pending", start(sandbox.url()).readLine());
    kill();

    start(sandbox.url());
    Batch.start(client, List.of("A cat", "A dog", "A bird"), STEP);

    for (String prompt : List.of("A cat", "A dog", "A bird")) {
      assertTrue(Path.of(image(prompt)).toFile().length() > 0);
    }
    assertEquals(
        List.of("A bird", "A cat", "A dog"),
        sandbox.requests().stream().map(GenerateImageRequest::prompt).sorted().toList());
    assertTrue(history("A cat").contains("\"sandbox-1\""));
  }

  @Test
  void aWorkerThatDiesWhileItSubmitsLeavesThePromptToAPerson() throws Exception {
    sandbox.next(Script.completesAfter(0));
    CountDownLatch submitted = new CountDownLatch(1);
    HttpServer neverAnswers = neverAnswers(submitted);
    Batch.start(client, List.of("A cat"), STEP);
    start("http://127.0.0.1:" + neverAnswers.getAddress().getPort());
    submitted.await();
    kill();
    neverAnswers.stop(0);

    assertEquals("May have been submitted: A cat", start(sandbox.url()).readLine());
    workflow("A cat").taskFound("sandbox-1");

    assertTrue(Path.of(image("A cat")).toFile().length() > 0);
    assertEquals(1, sandbox.submitted());
  }

  /** Hands submits on to the sandbox, and keeps the replies. */
  private HttpServer neverAnswers(CountDownLatch submitted) throws IOException {
    HttpServer proxy =
        HttpServer.create(new InetSocketAddress(InetAddress.getByName("127.0.0.1"), 0), 0);
    proxy.createContext(
        "/",
        exchange -> {
          try {
            HttpClient.newHttpClient()
                .send(
                    HttpRequest.newBuilder(
                            URI.create(sandbox.url() + exchange.getRequestURI()))
                        .header("Authorization", "Bearer any")
                        .header("Content-Type", "application/json")
                        .POST(
                            HttpRequest.BodyPublishers.ofByteArray(
                                exchange.getRequestBody().readAllBytes()))
                        .build(),
                    BodyHandlers.discarding());
            submitted.countDown();
          } catch (InterruptedException e) {
            throw new IOException(e);
          }
        });
    proxy.start();
    return proxy;
  }

  private BufferedReader start(String baseUrl) throws IOException {
    ProcessBuilder builder =
        new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-cp",
            System.getProperty("java.class.path"),
            BatchWorker.class.getName(),
            temporal,
            folder.toString(),
            "1");
    builder.environment().put("MOUNTSEA_API_KEY", "any");
    builder.environment().put("MOUNTSEA_BASE_URL", baseUrl);
    worker = builder.redirectError(ProcessBuilder.Redirect.INHERIT).start();
    return worker.inputReader();
  }

  /** The server does not say which port it was given. */
  private static int freePort() {
    try (ServerSocket socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void kill() throws InterruptedException {
    worker.destroyForcibly().waitFor();
  }

  private ImageWorkflow workflow(String prompt) {
    return client.newWorkflowStub(ImageWorkflow.class, Batch.idOf(prompt));
  }

  private String image(String prompt) {
    try {
      return client.newUntypedWorkflowStub(Batch.idOf(prompt)).getResult(25, java.util.concurrent.TimeUnit.SECONDS, String.class);
    } catch (java.util.concurrent.TimeoutException e) {
      throw new IllegalStateException(prompt + history(prompt), e);
    }
  }

  private String history(String prompt) {
    return client.fetchHistory(Batch.idOf(prompt)).getHistory().toString().replace("\\\"", "\"");
  }
}
