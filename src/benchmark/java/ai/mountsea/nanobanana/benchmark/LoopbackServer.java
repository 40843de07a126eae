package ai.mountsea.nanobanana.benchmark;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/**
 * Answers every request alike, after a delay if asked. It allocates nothing for a request, so that
 * what a benchmark measures in this process is the client; a thread for each connection.
 */
final class LoopbackServer implements AutoCloseable {
  private static final byte[] CONTENT_LENGTH =
      "content-length: ".getBytes(StandardCharsets.US_ASCII);

  private final ServerSocket socket;
  private final byte[] reply;
  private final long delayMillis;
  private final AtomicInteger connections = new AtomicInteger();

  LoopbackServer(String status, String body, long delayMillis) {
    this.reply =
        ("HTTP/1.1 "
                + status
                + "\r\nContent-Type: application/json\r\nContent-Length: "
                + body.length()
                + "\r\n\r\n"
                + body)
            .getBytes(StandardCharsets.US_ASCII);
    this.delayMillis = delayMillis;
    try {
      socket = new ServerSocket(0, 1000, InetAddress.getByName("127.0.0.1"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    start("accept", this::accept);
  }

  static LoopbackServer created() {
    return new LoopbackServer("201 Created", "{\"taskId\":\"7f1c2a90\"}", 0);
  }

  String url() {
    return "http://127.0.0.1:" + socket.getLocalPort() + "/";
  }

  /** How many connections there have been. */
  int connections() {
    return connections.get();
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }

  private void accept() {
    try {
      while (true) {
        Socket client = socket.accept();
        client.setTcpNoDelay(true);
        connections.incrementAndGet();
        start("serve", () -> serve(client));
      }
    } catch (IOException closed) {
      // The server was closed.
    }
  }

  private void serve(Socket client) {
    byte[] buffer = new byte[64 * 1024];
    try (client) {
      InputStream in = client.getInputStream();
      OutputStream out = client.getOutputStream();
      int filled = 0;
      while (true) {
        int end = endOfRequest(buffer, filled);
        if (end > 0) {
          if (delayMillis > 0) {
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(delayMillis));
          }
          out.write(reply);
          System.arraycopy(buffer, end, buffer, 0, filled - end);
          filled -= end;
        } else {
          int read = in.read(buffer, filled, buffer.length - filled);
          if (read < 0) {
            return;
          }
          filled += read;
        }
      }
    } catch (IOException closed) {
      // The client closed the connection.
    }
  }

  /** Where the first request in the buffer ends; 0 if it is not there whole. */
  private static int endOfRequest(byte[] buffer, int filled) {
    int length = 0;
    for (int i = 0; i + 3 < filled; i++) {
      if (buffer[i] == '\n' && matches(buffer, i + 1, filled)) {
        length = 0;
        for (int j = i + 1 + CONTENT_LENGTH.length; buffer[j] >= '0' && buffer[j] <= '9'; j++) {
          length = 10 * length + buffer[j] - '0';
        }
      }
      if (buffer[i] == '\r'
          && buffer[i + 1] == '\n'
          && buffer[i + 2] == '\r'
          && buffer[i + 3] == '\n') {
        int end = i + 4 + length;
        return end <= filled ? end : 0;
      }
    }
    return 0;
  }

  private static boolean matches(byte[] buffer, int at, int filled) {
    if (at + CONTENT_LENGTH.length >= filled) {
      return false;
    }
    for (int i = 0; i < CONTENT_LENGTH.length; i++) {
      byte b = buffer[at + i];
      if ((b >= 'A' && b <= 'Z' ? b + 32 : b) != CONTENT_LENGTH[i]) {
        return false;
      }
    }
    return true;
  }

  private static void start(String name, Runnable task) {
    Thread thread = new Thread(task, "loopback-" + name);
    thread.setDaemon(true);
    thread.start();
  }
}
