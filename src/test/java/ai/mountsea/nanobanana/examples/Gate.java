package ai.mountsea.nanobanana.examples;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import okhttp3.MediaType;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;

/** Stands before the sandbox and holds one exchange back, so that a test can kill the client. */
final class Gate implements AutoCloseable {
  enum At {
    BEFORE_SUBMIT,
    AFTER_SUBMIT,
    READ,
    IMAGE,
    ANYTHING
  }

  private final String target;
  private final OkHttpClient http =
      new OkHttpClient.Builder().retryOnConnectionFailure(false).build();
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final HttpServer server;
  private volatile Callable<?> onSubmit = () -> null;
  private At at = At.ANYTHING;
  private int passing = Integer.MAX_VALUE;
  private CompletableFuture<Boolean> reached = new CompletableFuture<>();
  private CountDownLatch opened = new CountDownLatch(0);
  private boolean isClientDead;

  Gate(String target) {
    this.target = target;
    try {
      InetAddress loopback = InetAddress.getByName("127.0.0.1");
      server = HttpServer.create(new InetSocketAddress(loopback, 0), 0);
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

  void onSubmit(Callable<?> action) {
    onSubmit = action;
  }

  /** Lets exchanges pass until the one with this number, which never gets its reply. */
  synchronized void holdBack(At at, int number) {
    this.at = at;
    passing = number - 1;
    isClientDead = false;
    reached = new CompletableFuture<>();
    opened = new CountDownLatch(1);
  }

  /** Waits until an exchange is held back, or the process ends without one; false if so. */
  boolean reachedOrEnded(Process process) {
    CompletableFuture<Boolean> held;
    synchronized (this) {
      held = reached;
    }
    process.onExit().thenRun(() -> held.complete(false));
    return held.join();
  }

  /** Ends the exchange that is held back, whose client is dead. */
  synchronized void open() {
    isClientDead = true;
    letPass();
  }

  /** Lets the exchange that is held back go on. */
  synchronized void letPass() {
    passing = Integer.MAX_VALUE;
    opened.countDown();
  }

  @Override
  public void close() {
    open();
    server.stop(0);
    threads.shutdownNow();
    http.connectionPool().evictAll();
  }

  private void handle(HttpExchange exchange) throws IOException {
    try (exchange) {
      boolean submit = exchange.getRequestMethod().equals("POST");
      boolean image = exchange.getRequestURI().getPath().startsWith("/images/");
      if (submit) {
        onSubmit.call();
      }
      pass(submit ? At.BEFORE_SUBMIT : image ? At.IMAGE : At.READ);
      Request request =
          new Request.Builder()
              .url(target + exchange.getRequestURI())
              .header("Authorization", "Bearer any")
              .method(exchange.getRequestMethod(), submit ? body(exchange) : null)
              .build();
      try (Response response = http.newCall(request).execute()) {
        if (submit) {
          pass(At.AFTER_SUBMIT);
        }
        byte[] reply = response.body().bytes();
        if (!image) {
          // The images, too, come through the gate.
          reply =
              new String(reply, StandardCharsets.UTF_8)
                  .replace(target, url())
                  .getBytes(StandardCharsets.UTF_8);
        }
        for (String header : new String[] {"Content-Type", "Retry-After"}) {
          if (response.header(header) != null) {
            exchange.getResponseHeaders().set(header, response.header(header));
          }
        }
        exchange.sendResponseHeaders(response.code(), reply.length);
        exchange.getResponseBody().write(reply);
      }
    } catch (IOException e) {
      throw e; // Closing the exchange ends the connection, as it did at the sandbox or the client.
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  private void pass(At here) throws IOException, InterruptedException {
    CountDownLatch mayPass;
    synchronized (this) {
      if ((at != here && at != At.ANYTHING) || passing-- > 0) {
        return;
      }
      reached.complete(true);
      mayPass = opened;
    }
    mayPass.await();
    synchronized (this) {
      if (isClientDead) {
        throw new IOException("The client is dead by now");
      }
    }
  }

  private static RequestBody body(HttpExchange exchange) throws IOException {
    return RequestBody.create(
        exchange.getRequestBody().readAllBytes(), MediaType.get("application/json"));
  }
}
