package ai.mountsea.nanobanana.examples;

import java.io.FilterInputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketAddress;
import javax.net.SocketFactory;

/** Sockets with a {@link CrashPoints} step at each connect, send and receive. */
final class CrashingSockets extends SocketFactory {
  private final CrashPoints points;

  CrashingSockets(CrashPoints points) {
    this.points = points;
  }

  @Override
  public Socket createSocket() {
    return new CrashingSocket();
  }

  @Override
  public Socket createSocket(String host, int port) {
    throw new UnsupportedOperationException();
  }

  @Override
  public Socket createSocket(String host, int port, InetAddress localHost, int localPort) {
    throw new UnsupportedOperationException();
  }

  @Override
  public Socket createSocket(InetAddress host, int port) {
    throw new UnsupportedOperationException();
  }

  @Override
  public Socket createSocket(InetAddress host, int port, InetAddress localHost, int localPort) {
    throw new UnsupportedOperationException();
  }

  private final class CrashingSocket extends Socket {
    @Override
    public void connect(SocketAddress address, int timeout) throws IOException {
      step(
          "connect",
          () -> {
            super.connect(address, timeout);
            return null;
          });
    }

    @Override
    public InputStream getInputStream() throws IOException {
      return new FilterInputStream(super.getInputStream()) {
        @Override
        public int read(byte[] bytes, int offset, int length) throws IOException {
          return step("receive", () -> super.read(bytes, offset, length));
        }
      };
    }

    @Override
    public OutputStream getOutputStream() throws IOException {
      OutputStream out = super.getOutputStream();
      return new FilterOutputStream(out) {
        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
          try {
            points.step(
                "send",
                () -> {
                  out.write(bytes, offset, length / 2);
                  return null;
                },
                () -> {
                  out.write(bytes, offset, length);
                  return null;
                });
          } catch (IOException e) {
            close();
            throw e;
          }
        }
      };
    }

    /** The sockets of a process that is gone are closed. */
    private <T> T step(String name, CrashPoints.Step<T> step) throws IOException {
      try {
        return points.step(name, step);
      } catch (IOException e) {
        close();
        throw e;
      }
    }
  }
}
