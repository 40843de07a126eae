package ai.mountsea.nanobanana.sandbox;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import ai.mountsea.nanobanana.NanoBanana;
import ai.mountsea.nanobanana.api.Action;
import ai.mountsea.nanobanana.api.GenerateImageRequest;
import java.io.IOException;
import java.net.Socket;
import java.net.SocketException;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Mutated requests. The seeds are fixed, so that a failure can be repeated. */
class SandboxFuzzTest {
  private static final int THREADS = 8;
  private static final int REQUESTS_PER_THREAD = 1_000;
  private static final int MAX_RESPONSE = 1 << 20;
  private static final Pattern STATUS = Pattern.compile("^HTTP/1\\.1 (\\d+) ", Pattern.MULTILINE);

  /** No script that is slow on purpose or answers with a 5xx: those are what is looked for. */
  private static final List<String> REQUESTS =
      List.of(
          post("/gemini/image/generate", "{\"prompt\": \"A cat\", \"action\": \"generate\"}"),
          post(
              "/gemini/image/generate",
              "{\"prompt\": \"Bluer\", \"action\": \"edit\", \"num_images\": 1, \"image_urls\":"
                  + " [\"http://h/images/sandbox-1.png\"], \"aspect_ratio\": \"16:9\", \"model\":"
                  + " \"nano-banana-pro\", \"resolution\": \"1K\", \"other\": {\"a\": [1, null]}}"),
          post("/gemini/image/generate", "{\"prompt\": \"A cat\", \"action\": \"generate\"}")
              .replaceFirst("Content-Length: \\d+", "Transfer-Encoding: chunked")
              .replaceFirst("(\\{.*)", "5;a=b\r\n{\"pro\r\n24\r\n$1\r\n0\r\nT: t\r\n\r\n"),
          post("/_sandbox/scripts", "{\"script\": \"losesReply\", \"whenPromptContains\": \"c\"}"),
          post(
              "/_sandbox/scripts",
              "[{\"script\": \"completesAfter\", \"reads\": 0, \"times\": 20}, {\"script\":"
                  + " \"completesWith\", \"resultJson\": \"[\\\"$imageUrl\\\"]\"}]"),
          post("/_sandbox/scripts", "[{\"script\": \"imageCut\"}, {\"script\": \"cutsReply\"}]"),
          post("/_sandbox/reset", ""),
          post("/_pact/states", "{\"state\": \"a task is pending\", \"action\": \"setup\"}"),
          get("GET", "/gemini/task/result?taskId=sandbox-1"),
          get("GET", "/images/sandbox-1.png"),
          get("HEAD", "/images/sandbox-2.png"),
          get("GET", "/"),
          get("GET", "/_sandbox/requests"),
          get("GET", "/_sandbox/submits?after=1"),
          get("GET", "/_sandbox/submits?number=1"),
          get("DELETE", "/_sandbox/scripts"),
          get("OPTIONS", "/gemini/image/generate"));

  @Test
  @Timeout(120)
  void mutatedRequestsNeverGiveA5xxNorHangNorLeakAConnection() throws Exception {
    try (Sandbox sandbox =
        Sandbox.builder()
            .requestTimeout(Duration.ofMillis(1))
            .allowOrigin("*")
            .log((level, line) -> {})
            .start()) {
      ExecutorService threads = Executors.newFixedThreadPool(THREADS);
      List<Future<?>> done = new ArrayList<>();
      for (int seed = 0; seed < THREADS; seed++) {
        Random random = new Random(seed);
        done.add(
            threads.submit(
                () -> {
                  for (int i = 0; i < REQUESTS_PER_THREAD; i++) {
                    exchange(sandbox, random);
                  }
                  return null;
                }));
      }
      threads.shutdown();
      for (Future<?> each : done) {
        each.get();
      }

      while (sandbox.connections() > 0) {
        Thread.onSpinWait();
      }
      sandbox.reset();
      try (NanoBanana nanoBanana = sandbox.client()) {
        assertThat(
                nanoBanana.submit(GenerateImageRequest.builder("A cat", Action.GENERATE).build()))
            .isEqualTo("sandbox-1");
      }
    }
  }

  /** Sends some requests and reads what comes, or goes away. */
  private static void exchange(Sandbox sandbox, Random random) throws IOException {
    StringBuilder sent = new StringBuilder();
    for (int i = random.nextInt(3); i >= 0; i--) {
      sent.append(mutated(REQUESTS.get(random.nextInt(REQUESTS.size())), random));
    }
    byte[] bytes = sent.toString().getBytes(ISO_8859_1);
    String response = "";
    try (Socket socket = new Socket("127.0.0.1", URI.create(sandbox.url()).getPort())) {
      socket.setSoTimeout(60_000);
      socket.setTcpNoDelay(true);
      if (random.nextInt(10) == 0) {
        socket.setSoLinger(true, 0); // The connection will end with a reset.
      }
      for (int from = 0; from < bytes.length; ) {
        int count = Math.min(bytes.length - from, 1 + random.nextInt(bytes.length));
        socket.getOutputStream().write(bytes, from, count);
        from += count;
      }
      if (random.nextInt(4) > 0) {
        socket.shutdownOutput();
        response = new String(socket.getInputStream().readNBytes(MAX_RESPONSE), ISO_8859_1);
      }
    } catch (SocketException e) {
      // The sandbox has refused the request and closed the connection before it was sent.
    } catch (IOException e) {
      throw new IOException("No end of the response to:\n" + sent, e);
    }
    for (Matcher status = STATUS.matcher(response); status.find(); ) {
      assertThat(status.group(1))
          .as("the status for:\n%s\n\n%s", sent, response)
          .matches("[1-4]..");
    }
  }

  private static String mutated(String request, Random random) {
    StringBuilder text = new StringBuilder(request);
    for (int i = random.nextInt(6); i > 0 && text.length() > 1; i--) {
      int at = random.nextInt(text.length());
      int end = Math.min(text.length(), at + 1 + random.nextInt(20));
      switch (random.nextInt(8)) {
        case 0 -> text.setCharAt(at, (char) random.nextInt(256));
        case 1 -> text.delete(at, end);
        case 2 -> text.insert(at, text.substring(at, end));
        case 3 -> text.insert(at, (char) random.nextInt(256));
        case 4 -> text.insert(at, "\r\n");
        case 5 -> text.setLength(at);
        case 6 -> text.insert(at, text.substring(at, end).repeat(1 + random.nextInt(3_000)));
        default -> text.setCharAt(at, "0123456789\"{}[]%:,\\".charAt(random.nextInt(18)));
      }
    }
    return text.toString();
  }

  private static String post(String path, String body) {
    return "POST "
        + path
        + " HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer x\r\nContent-Type:"
        + " application/json\r\nContent-Length: "
        + body.length()
        + "\r\n\r\n"
        + body;
  }

  private static String get(String method, String path) {
    return method
        + " "
        + path
        + " HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer x\r\nConnection: keep-alive\r\n\r\n";
  }
}
