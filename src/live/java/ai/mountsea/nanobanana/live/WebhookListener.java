package ai.mountsea.nanobanana.live;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Stands in for the build server that a broker's webhook starts: prints its URL on loopback, waits
 * for one request, prints its body and ends. {@code .ci/broker} runs it as a source file.
 */
final class WebhookListener {
  private static final int SECONDS = 120;

  private WebhookListener() {}

  public static void main(String... args) throws IOException, InterruptedException {
    CompletableFuture<String> body = new CompletableFuture<>();
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/",
        exchange -> {
          try (exchange) {
            byte[] bytes = exchange.getRequestBody().readAllBytes();
            exchange.sendResponseHeaders(204, -1);
            body.complete(new String(bytes, StandardCharsets.UTF_8));
          }
        });
    server.start();
    System.out.println("http://127.0.0.1:" + server.getAddress().getPort() + "/");
    try {
      System.out.println(body.get(SECONDS, TimeUnit.SECONDS));
    } catch (ExecutionException | TimeoutException e) {
      System.err.println("The broker's webhook sent nothing within " + SECONDS + " seconds.");
      System.exit(1);
    } finally {
      server.stop(1);
    }
  }
}
