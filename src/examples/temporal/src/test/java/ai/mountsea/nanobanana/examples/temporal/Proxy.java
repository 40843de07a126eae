package ai.mountsea.nanobanana.examples.temporal;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** Stands before the sandbox, to hold exchanges back or to answer in its place. */
final class Proxy implements AutoCloseable {
  /** What an exchange is about. */
  enum Kind {
    SUBMIT,
    READ,
    IMAGE
  }

  /** Looks at each exchange. */
  interface Rule {
    /** Returns the status to answer with in place of the sandbox, or 0. */
    int before(Kind kind) throws Exception;

    /** Called when the sandbox has answered, before the worker gets to know. */
    default void after(Kind kind) throws Exception {}
  }

  private final String target;
  private final HttpClient http = HttpClient.newHttpClient();
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final HttpServer server;
  private volatile Rule rule = kind -> 0;

  Proxy(String target) {
    this.target = target;
    try {
      server = HttpServer.create(new InetSocketAddress(InetAddress.getByName("127.0.0.1"), 0), 0);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    server.createContext("/", this::handle);
    server.setExecutor(threads);
    server.start();
  }

  String url() {
    return "http://127.0.0.1:" + server.getAddress().getPort();
  }

  void setRule(Rule rule) {
    this.rule = rule;
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }

  private void handle(HttpExchange exchange) throws IOException {
    try (exchange) {
      byte[] body = exchange.getRequestBody().readAllBytes();
      Kind kind =
          exchange.getRequestMethod().equals("POST")
              ? Kind.SUBMIT
              : exchange.getRequestURI().getPath().startsWith("/images/") ? Kind.IMAGE : Kind.READ;
      int status = rule.before(kind);
      if (status != 0) {
        exchange.sendResponseHeaders(status, -1);
        return;
      }
      HttpResponse<byte[]> response =
          http.send(
              HttpRequest.newBuilder(URI.create(target + exchange.getRequestURI()))
                  .header("Authorization", "Bearer any")
                  .header("Content-Type", "application/json")
                  .method(exchange.getRequestMethod(), HttpRequest.BodyPublishers.ofByteArray(body))
                  .build(),
              HttpResponse.BodyHandlers.ofByteArray());
      rule.after(kind);
      byte[] reply = response.body();
      if (kind != Kind.IMAGE) { // The images, too, come through the proxy.
        reply =
            new String(reply, StandardCharsets.UTF_8)
                .replace(target, url())
                .getBytes(StandardCharsets.UTF_8);
      }
      response
          .headers()
          .firstValue("Content-Type")
          .ifPresent(type -> exchange.getResponseHeaders().set("Content-Type", type));
      exchange.sendResponseHeaders(response.statusCode(), reply.length == 0 ? -1 : reply.length);
      exchange.getResponseBody().write(reply);
    } catch (IOException e) {
      throw e; // Closing the exchange ends the connection, as it did at the sandbox or the worker.
    } catch (Exception e) {
      throw new IOException(e);
    }
  }
}
