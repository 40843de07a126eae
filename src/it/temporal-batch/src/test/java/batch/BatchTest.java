package batch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.mountsea.nanobanana.NanoBanana;
import ai.mountsea.nanobanana.WaitOptions;
import ai.mountsea.nanobanana.api.GenerateImageRequest;
import ai.mountsea.nanobanana.sandbox.Sandbox;
import ai.mountsea.nanobanana.sandbox.Script;
import io.temporal.api.history.v1.HistoryEvent;
import io.temporal.client.WorkflowClient;
import io.temporal.client.WorkflowFailedException;
import io.temporal.client.WorkflowStub;
import io.temporal.testserver.TestServer;
import io.temporal.testserver.TestServer.PortBoundTestServer;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.Timeout.ThreadMode;
import org.junit.jupiter.api.io.TempDir;

/** Temporal and the service are in this JVM; the workers are processes, and die as processes do. */
@Timeout(value = 30, threadMode = ThreadMode.SEPARATE_THREAD)
class BatchTest {
  private final Sandbox sandbox = Sandbox.start();
  private final int port = freePort();
  private final PortBoundTestServer server = TestServer.createPortBoundServer(port);
  private final WorkflowClient temporal = BatchWorker.connect("127.0.0.1:" + port);
  private Process worker;
  private BufferedReader output;
  @TempDir Path folder;

  @AfterEach
  void stop() throws Exception {
    killWorker();
    temporal.getWorkflowServiceStubs().shutdownNow();
    server.close();
    sandbox.close();
  }

  @Test
  void eachPromptIsSubmittedOnceThoughTheWorkerDiesInTheMiddle() throws Exception {
    List<String> prompts = List.of("A cat", "A dog", "A bird", "A fish");
    sandbox.next(Script.completesAfter(1), Script.completesAfter(1));
    sandbox.next(Script.completesAfter(0), Script.completesAfter(0));
    Batch.start(temporal, prompts);
    startWorker(sandbox.url());
    // It makes two at once, and now waits for the tasks of two.
    workerSays("is pending");
    workerSays("is pending");
    killWorker();

    startWorker(sandbox.url());
    Batch.start(temporal, prompts);

    for (String prompt : prompts) {
      assertSaved(prompt);
    }
    List<String> submitted = sandbox.requests().stream().map(GenerateImageRequest::prompt).toList();
    assertEquals(prompts.stream().sorted().toList(), submitted.stream().sorted().toList());
    for (String prompt : prompts) {
      assertEquals("\"sandbox-" + (submitted.indexOf(prompt) + 1) + '"', firstResult(prompt));
    }
  }

  @Test
  void aPromptWhoseReplyWasLostWaitsForThePersonWhoFindsItsTask() throws Exception {
    sandbox.next(Script.losesReply());
    Batch.start(temporal, List.of("A cat"));
    startWorker(sandbox.url());
    assertWaitsForAPerson();
    assertTrue(workflow("A cat").waitsForAPerson());

    workflow("A cat").taskFound("no-such-task");
    assertWaitsForAPerson();
    try (NanoBanana person = sandbox.client()) {
      person.await("sandbox-1", WaitOptions.DEFAULT.withMinDelay(Duration.ofMillis(1)));
    }
    workflow("A cat").taskFound("sandbox-1");

    assertSaved("A cat");
    assertFalse(workflow("A cat").waitsForAPerson());
    assertEquals(1, sandbox.submitted());
  }

  @Test
  void aPromptWhoseWorkerDiedWhileItSubmittedIsSubmittedAgainOnlyWhenAPersonSaysSo()
      throws Exception {
    sandbox.next(Script.completesAfter(0));
    Batch.start(temporal, List.of("A cat"));
    try (ServerSocket silent = new ServerSocket(0)) {
      startWorker("http://127.0.0.1:" + silent.getLocalPort());
      try (Socket submit = silent.accept()) {
        assertEquals('P', submit.getInputStream().read()); // That of POST.
        killWorker();
      }
    }
    startWorker(sandbox.url());
    assertWaitsForAPerson();
    assertEquals(0, sandbox.submitted());

    workflow("A cat").noTaskFound();

    assertSaved("A cat");
    assertEquals(1, sandbox.submitted());
  }

  @Test
  void aPromptThatWasRefusedFailsAndWaitsForNobody() throws Exception {
    Batch.start(temporal, List.of(" "));
    startWorker(sandbox.url());

    assertThrows(WorkflowFailedException.class, () -> result(" "));
  }

  private void startWorker(String service) throws IOException {
    ProcessBuilder builder =
        new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-XX:TieredStopAtLevel=1", // Starts sooner.
            "-cp",
            System.getProperty("java.class.path"),
            BatchWorker.class.getName(),
            "127.0.0.1:" + port,
            folder.toString(),
            "2");
    builder.environment().put("MOUNTSEA_API_KEY", "any");
    builder.environment().put("MOUNTSEA_BASE_URL", service);
    worker = builder.redirectErrorStream(true).start();
    output = worker.inputReader();
  }

  private void killWorker() throws InterruptedException {
    worker.destroyForcibly().waitFor();
  }

  /** Waits until the worker prints what matches, and returns it. */
  private String workerSays(String regex) throws IOException {
    Matcher matcher = Pattern.compile(regex).matcher("");
    while (!matcher.find()) {
      matcher.reset(Objects.requireNonNull(output.readLine(), "The worker ended"));
    }
    return matcher.group();
  }

  /** What it says next is this, and not how a task is. */
  private void assertWaitsForAPerson() throws IOException {
    assertEquals("For a person", workerSays("For a person|sandbox-. is \\w+"));
  }

  private ImageWorkflow workflow(String prompt) {
    return temporal.newWorkflowStub(ImageWorkflow.class, Batch.workflowId(prompt));
  }

  private List<?> result(String prompt) {
    return WorkflowStub.fromTyped(workflow(prompt)).getResult(List.class);
  }

  private void assertSaved(String prompt) throws IOException {
    assertTrue(Files.size(Path.of((String) result(prompt).get(0))) > 0);
  }

  /** What the first of the activities returned, as it is in the history. */
  private String firstResult(String prompt) {
    return temporal.fetchHistory(Batch.workflowId(prompt)).getEvents().stream()
        .filter(HistoryEvent::hasActivityTaskCompletedEventAttributes)
        .map(event -> event.getActivityTaskCompletedEventAttributes().getResult())
        .map(result -> result.getPayloads(0).getData().toStringUtf8())
        .findFirst()
        .orElseThrow();
  }

  /** The server does not say which port it was given. */
  private static int freePort() {
    try (ServerSocket socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
