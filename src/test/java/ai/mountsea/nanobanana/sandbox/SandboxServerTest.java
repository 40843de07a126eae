package ai.mountsea.nanobanana.sandbox;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the sandbox does with bytes that no client of the library sends. */
class SandboxServerTest {
  private static final String CAT = "{\"prompt\": \"A cat\", \"action\": \"generate\"}";

  private final List<String> log = new CopyOnWriteArrayList<>();
  private final Sandbox sandbox = builder().start();
  private final List<Socket> sockets = new ArrayList<>();

  private Sandbox.Builder builder() {
    return Sandbox.builder().log((level, line) -> log.add(level + " " + line));
  }

  @AfterEach
  void stop() throws IOException {
    sandbox.close();
    for (Socket socket : sockets) {
      socket.close();
    }
  }

  @Test
  void aThousandIdleConnectionsAreKeptAndUsedAgain() throws IOException {
    List<Socket> idle = new ArrayList<>();
    for (int i = 0; i < 1_000; i++) {
      Socket socket = connect();
      send(socket, post(CAT));
      assertThat(read(socket)).startsWith("HTTP/1.1 201 Created");
      idle.add(socket);
    }
    for (Socket socket : idle) {
      send(socket, post(CAT));
      assertThat(read(socket)).startsWith("HTTP/1.1 201 Created");
    }

    assertThat(sandbox.submitted()).isEqualTo(2_000);
  }

  @Test
  void aRequestThatDoesNotArriveIsEndedWith408() throws IOException {
    try (Sandbox impatient = builder().requestTimeout(Duration.ofMillis(1)).start()) {
      Socket socket = connect(impatient);

      send(socket, "POST /gemini/image/generate HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\n{");

      assertThat(read(socket)).startsWith("HTTP/1.1 408 ").contains("did not arrive within");
      assertThat(socket.getInputStream().read()).isEqualTo(-1);
    }
  }

  @Test
  void aHugeRequestIsRefusedBeforeItArrives() throws IOException {
    Socket socket = connect();

    send(
        socket,
        "POST /gemini/image/generate HTTP/1.1\r\nHost: h\r\nContent-Length: 5000000000\r\n\r\n{");

    assertThat(read(socket)).contains("{\"message\":\"The body is longer than 4194304 bytes\"}");
    assertThat(socket.getInputStream().read()).isEqualTo(-1);
  }

  @Test
  void requestsThatComeTogetherAreAnsweredInTheirOrder() throws IOException {
    Socket socket = connect();
    int count = 1_000;

    send(socket, ("HEAD /images/nobody.png HTTP/1.1\r\nHost: h\r\n\r\n").repeat(count) + post(CAT));

    for (int i = 0; i < count; i++) {
      assertThat(readHead(socket)).startsWith("HTTP/1.1 404 ");
    }
    assertThat(read(socket)).contains("{\"taskId\":\"sandbox-1\"}");
  }

  @Test
  void aClientThatAsksMayBeToldToContinue() throws IOException {
    Socket socket = connect();
    send(
        socket,
        post("").replace("Content-Length: 0", "Content-Length: 41\r\nExpect: 100-continue"));

    assertThat(readHead(socket)).isEqualTo("HTTP/1.1 100 Continue\r\n");
    send(socket, CAT);
    assertThat(read(socket)).startsWith("HTTP/1.1 201 Created");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          ``                        | The body is empty
          {                         | The body is not valid JSON: it ends too early
          {"prompt": cat}           | The body is not valid JSON at path $.prompt
          []                        | Expected an object but was an array at path $
          {"prompt": "A cat"}       | Required value 'action' missing at path $
          """)
  void anInvalidBodyIsRefusedWithASentence(String body, String sentence) throws IOException {
    Socket socket = connect();

    send(socket, post(body));

    assertThat(read(socket)).startsWith("HTTP/1.1 400 ").contains("\"message\":\"" + sentence);
    assertThat(sandbox.submitted()).isZero();
  }

  @Test
  void deepJsonIsRefusedWithASentence() throws IOException {
    Socket socket = connect();

    send(socket, post("[".repeat(1_000_000)));

    assertThat(read(socket)).startsWith("HTTP/1.1 400 ").contains("Nesting too deep");
  }

  @Test
  void aFieldThatHasNoEffectIsReportedInTheLog() throws IOException {
    Socket socket = connect();

    send(
        socket,
        post("{\"prompt\": \"A\\ncat\", \"action\": \"generate\", \"aspectRatio\": \"1:1\"}"));
    read(socket);

    assertThat(log.get(0))
        .isEqualTo(
            "WARNING The field \"aspectRatio\" is unknown and has no effect; did you mean"
                + " aspect_ratio?");
    assertThat(log.get(1))
        .matches("DEBUG POST /gemini/image/generate 201 \\d+ ms sandbox-1 \"A\\\\u000acat\"");
  }

  @Test
  void aValueThatTheSpecDoesNotKnowIsAcceptedAndReportedInTheLog() throws IOException {
    Socket socket = connect();

    send(
        socket,
        post(
                "{\"prompt\": \"A cat\", \"action\": \"generate\", \"model\": \"nano-banana-9\","
                    + " \"aspect_ratio\": \"99:1\", \"resolution\": \"64K\"}")
            + "GET /images/sandbox-1.png HTTP/1.1\r\nHost: h\r\n\r\n");

    assertThat(read(socket)).startsWith("HTTP/1.1 201 ");
    assertThat(read(socket)).startsWith("HTTP/1.1 200 ");
    assertThat(log)
        .contains(
            "WARNING The model \"nano-banana-9\" is none that the spec knows",
            "WARNING The aspect_ratio \"99:1\" is none that the spec knows",
            "WARNING The resolution \"64K\" is none that the spec knows");
  }

  @Test
  void theSameRequestTwiceIsReportedInTheLog() throws IOException {
    Socket socket = connect();

    send(socket, post(CAT) + post(CAT));
    read(socket);
    read(socket);

    assertThat(log).contains("DEBUG The same request was submitted before, as sandbox-1");
  }

  @Test
  void imageUrlsHaveTheAddressByWhichTheSandboxWasCalled() throws IOException {
    sandbox.next(Script.completesAfter(0));
    Socket socket = connect();
    send(socket, post(CAT));
    read(socket);

    send(
        socket,
        "GET /gemini/task/result?taskId=sandbox-1 HTTP/1.1\r\nHost: sandbox.test:80\r\n"
            + "Authorization: Bearer x\r\n\r\n");

    assertThat(read(socket)).contains("\"http://sandbox.test:80/images/sandbox-1.png\"");
  }

  @Test
  void anAddressThatIsNoneIsRefused() throws IOException {
    Socket socket = connect();

    send(socket, "GET / HTTP/1.1\r\nHost: a\"b\r\n\r\n");

    assertThat(read(socket)).startsWith("HTTP/1.1 400 ");
  }

  @Test
  void aPageOfAnotherOriginMayNotUseTheControlPaths() throws IOException {
    Socket socket = connect();

    send(
        socket,
        "POST /_sandbox/reset HTTP/1.1\r\nHost: h:1\r\nOrigin: http://evil.test\r\n\r\n"
            + "POST /_sandbox/reset HTTP/1.1\r\nHost: h:1\r\nOrigin: http://h:1\r\n\r\n");

    assertThat(read(socket)).startsWith("HTTP/1.1 403 ").doesNotContain("Access-Control");
    assertThat(read(socket)).startsWith("HTTP/1.1 200 ");
  }

  @Test
  void aPageOfAnotherOriginMayIfItIsAllowed() throws IOException {
    try (Sandbox open = builder().allowOrigin("http://app.test").start()) {
      Socket socket = connect(open);

      send(
          socket,
          "OPTIONS /gemini/image/generate HTTP/1.1\r\nHost: h\r\nOrigin: http://app.test\r\n\r\n"
              + "GET /_sandbox/requests HTTP/1.1\r\nHost: h\r\nOrigin: http://app.test\r\n\r\n");

      assertThat(readHead(socket))
          .startsWith("HTTP/1.1 204 ")
          .contains("Access-Control-Allow-Origin: http://app.test\r\n")
          .contains("Access-Control-Allow-Headers: authorization, content-type\r\n");
      assertThat(readHead(socket)).startsWith("HTTP/1.1 200 ");
    }
  }

  @Test
  void theControlPathsCanBeSwitchedOff() throws IOException {
    try (Sandbox closed = builder().withoutControl().start()) {
      Socket socket = connect(closed);

      for (String path : List.of("/", "/_sandbox/requests", "/_pact/states")) {
        send(socket, "GET " + path + " HTTP/1.1\r\nHost: h\r\n\r\n");

        assertThat(read(socket)).startsWith("HTTP/1.1 404 ");
      }
    }
  }

  @Test
  void listeningBeyondLoopbackIsAWarning() {
    assertThat(log).isEmpty();

    try (Sandbox open = builder().host("0.0.0.0").start()) {
      assertThat(open.url()).startsWith("http://127.0.0.1:");
      assertThat(log)
          .singleElement()
          .asString()
          .startsWith("WARNING The sandbox listens beyond loopback: anyone who reaches 0.0.0.0 ");
    }
  }

  @Test
  void noPageOfAnotherOriginIsAllowedUnlessItIsSaid() throws IOException {
    Socket socket = connect();

    send(
        socket,
        "OPTIONS /gemini/image/generate HTTP/1.1\r\nHost: h\r\nOrigin: http://app.test\r\n\r\n");

    assertThat(read(socket)).startsWith("HTTP/1.1 405 ").doesNotContain("Access-Control");
  }

  @ParameterizedTest
  @CsvSource({
    "127.0.0.1:1, 200",
    "[::1]:1, 200",
    "localhost, 200",
    "sandbox:8080, 200",
    "host.docker.internal, 200",
    "evil.example, 403",
    "evil.example:8080, 403",
    "127.0.0.1.evil.example, 403",
    "a:99999, 400",
    "a:b, 400"
  })
  void aPublicNameDoesNotControlTheSandbox(String host, int status) throws IOException {
    Socket socket = connect();

    send(socket, "GET /_sandbox/scripts HTTP/1.1\r\nHost: " + host + "\r\n\r\n");

    assertThat(read(socket)).startsWith("HTTP/1.1 " + status + " ");
  }

  @Test
  void aHostThatIsNotThisMachineIsSaid() {
    assertThatThrownBy(() -> builder().host(" ")).hasMessage("The host is blank");
    assertThatThrownBy(() -> builder().host("192.0.2.1").start())
        .hasMessage("192.0.2.1 is not an address of this machine");
  }

  @Test
  void aPortThatIsTakenIsSaid() {
    int port = URI.create(sandbox.url()).getPort();

    assertThatThrownBy(() -> Sandbox.start(port))
        .hasMessage(
            "Port "
                + port
                + " of 127.0.0.1 is taken, or may not be used. Choose another, or 0 for any that"
                + " is free.");
  }

  @Test
  void closingEndsEveryConnectionAndFreesThePort() throws IOException {
    Socket socket = connect();
    int port = URI.create(sandbox.url()).getPort();
    send(socket, post(CAT));
    read(socket);

    sandbox.close();

    assertThat(socket.getInputStream().read()).isEqualTo(-1);
    Sandbox.start(port).close();
  }

  @Test
  void whatWasReceivedIsMadeAsItIsRead() throws IOException {
    String prompt = "x".repeat(1_000_000);
    Socket submitting = connect();
    for (int i = 0; i < 40; i++) { // More than the buffers of a connection hold.
      send(submitting, post(CAT.replace("A cat", prompt)));
      read(submitting);
    }
    Socket slow = connect();
    send(slow, "GET /_sandbox/requests HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
    assertThat(readHead(slow)).contains("\r\nTransfer-Encoding: chunked\r\n");
    assertThat(new String(slow.getInputStream().readNBytes(100), UTF_8)).contains("\"sandbox-1\"");

    sandbox.reset();

    String body = new String(slow.getInputStream().readAllBytes(), UTF_8);
    assertThat(body.contains("\"taskId\":\"sandbox-40\"")).isFalse();
    assertThat(body.substring(body.length() - 20)).endsWith("]\r\n0\r\n\r\n");
  }

  @Test
  void aStatusHasItsReasonPhraseOrNone() throws IOException {
    Socket socket = connect();
    sandbox.next(Script.answers(499, "{}"));

    send(socket, post(CAT) + "GET / HTTP/1.1\r\nHost: " + "h".repeat(40_000));

    assertThat(read(socket)).startsWith("HTTP/1.1 499 \r\n");
    assertThat(read(socket)).startsWith("HTTP/1.1 431 Request Header Fields Too Large\r\n");
  }

  @Test
  void aClientThatKnowsNoChunksReadsWhatWasReceived() throws IOException {
    Socket socket = connect();
    send(socket, post(CAT));
    read(socket);

    send(socket, "GET /_sandbox/requests HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");

    assertThat(new String(socket.getInputStream().readAllBytes(), UTF_8))
        .startsWith("HTTP/1.1 200 OK\r\n")
        .contains("\r\nConnection: close\r\n")
        .contains("\r\n\r\n[{\"taskId\":\"sandbox-1\",\"receivedAt\":")
        .endsWith("}]");
  }

  @Test
  void aHeadOfWhatWasReceivedHasNoBody() throws IOException {
    Socket socket = connect();

    send(
        socket,
        "HEAD /_sandbox/requests HTTP/1.1\r\nHost: h\r\n\r\n"
            + "GET /_sandbox/none HTTP/1.1\r\nHost: h\r\n\r\n");

    assertThat(readHead(socket)).startsWith("HTTP/1.1 200 OK\r\n");
    assertThat(read(socket)).startsWith("HTTP/1.1 404 ");
  }

  @Test
  void aClientThatLeavesDuringASlowSubmitIsForgotten() throws Exception {
    try (Sandbox impatient = builder().requestTimeout(Duration.ofMillis(1)).start()) {
      impatient.next(Script.slowSubmit(Duration.ofDays(1)).times(3));
      Socket closed = connect(impatient);
      Socket reset = connect(impatient);
      Socket stays = connect(impatient);
      for (Socket socket : List.of(closed, reset, stays)) {
        send(socket, post(CAT));
      }
      while (impatient.submitted() < 3) {
        Thread.onSpinWait();
      }

      closed.close();
      reset.setSoLinger(true, 0);
      reset.close();

      while (impatient.connections() > 1 || log.stream().filter(this::isOfSubmit).count() < 2) {
        Thread.onSpinWait();
      }
    }
  }

  private boolean isOfSubmit(String line) {
    return line.startsWith("DEBUG POST /gemini/image/generate 201 ");
  }

  @Test
  void aClientThatSendsWithoutEndDuringASlowSubmitIsForgotten() throws Exception {
    try (Sandbox impatient = builder().requestTimeout(Duration.ofMillis(1)).start()) {
      impatient.next(Script.slowSubmit(Duration.ofDays(1)));
      Socket socket = connect(impatient);
      send(socket, post(CAT));
      String more = "GET / HTTP/1.1\r\nHost: h\r\n\r\n".repeat(1_000);

      assertThatThrownBy(
              () -> {
                while (true) {
                  send(socket, more);
                }
              })
          .isInstanceOf(IOException.class);
    }
  }

  @Test
  void aClientThatSendsNoMoreStillReadsAResponse() throws IOException {
    sandbox.next(Script.slowSubmit(Duration.ofMillis(10)));
    Socket socket = connect();

    send(socket, post(CAT));
    socket.shutdownOutput();

    assertThat(read(socket)).startsWith("HTTP/1.1 201 Created");
  }

  private static String post(String body) {
    return "POST /gemini/image/generate HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer x\r\n"
        + "Content-Type: application/json\r\nContent-Length: "
        + body.getBytes(UTF_8).length
        + "\r\n\r\n"
        + body;
  }

  private Socket connect() throws IOException {
    return connect(sandbox);
  }

  private Socket connect(Sandbox to) throws IOException {
    Socket socket = new Socket("127.0.0.1", URI.create(to.url()).getPort());
    sockets.add(socket);
    return socket;
  }

  private static void send(Socket socket, String text) throws IOException {
    socket.getOutputStream().write(text.getBytes(UTF_8));
  }

  /** A response, whose body is as long as its header says. */
  private static String read(Socket socket) throws IOException {
    String head = readHead(socket);
    int length = Integer.parseInt(head.split("Content-Length: ", 2)[1].split("\r\n", 2)[0]);
    return head + new String(socket.getInputStream().readNBytes(length), UTF_8);
  }

  private static String readHead(Socket socket) throws IOException {
    StringBuilder head = new StringBuilder();
    while (head.indexOf("\r\n\r\n") < 0) {
      int next = socket.getInputStream().read();
      if (next < 0) {
        break;
      }
      head.append((char) next);
    }
    return head.toString().replaceFirst("\r\n$", "");
  }
}
