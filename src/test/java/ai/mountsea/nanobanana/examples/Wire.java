package ai.mountsea.nanobanana.examples;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.util.concurrent.Phaser;

/** Stands before a server, and knows when it has handled all that a dead client had sent. */
final class Wire implements AutoCloseable {
  private final URI target;
  private final ServerSocket server;
  private final Phaser open = new Phaser(1);

  Wire(String target) {
    this.target = URI.create(target);
    try {
      server = new ServerSocket(0, 50, InetAddress.getByName("127.0.0.1"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    start(this::accept);
  }

  String url() {
    return "http://127.0.0.1:" + server.getLocalPort();
  }

  /** Waits until the server has closed each connection, after all clients did. */
  void awaitQuiet() {
    open.arriveAndAwaitAdvance();
  }

  @Override
  public void close() {
    try {
      server.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void accept() {
    try {
      while (true) {
        Socket client = server.accept();
        Socket service = new Socket(target.getHost(), target.getPort());
        client.setTcpNoDelay(true);
        service.setTcpNoDelay(true);
        open.register();
        start(() -> pump(client, service));
        start(
            () -> {
              pump(service, client);
              close(client);
              close(service);
              open.arriveAndDeregister();
            });
      }
    } catch (IOException e) { // Closed.
    }
  }

  /** Copies until the end, also when nobody reads any more. */
  private static void pump(Socket from, Socket to) {
    byte[] bytes = new byte[8192];
    boolean goesOn = true;
    try {
      for (int read; (read = from.getInputStream().read(bytes)) != -1; ) {
        try {
          if (goesOn) {
            to.getOutputStream().write(bytes, 0, read);
          }
        } catch (IOException e) {
          goesOn = false;
        }
      }
    } catch (IOException e) { // As an end.
    }
    try {
      to.shutdownOutput();
    } catch (IOException e) { // It is closed.
    }
  }

  private static void close(Socket socket) {
    try {
      socket.close();
    } catch (IOException e) { // It is closed.
    }
  }

  private static void start(Runnable work) {
    Thread thread = new Thread(work, "wire");
    thread.setDaemon(true);
    thread.start();
  }
}
