package ai.mountsea.nanobanana.sandbox;

import java.io.IOException;
import java.io.OutputStream;
import java.util.List;

/**
 * A sandbox as a process of its own, for programs and Pact verifiers in any language. It prints its
 * URL, listens on loopback only, and ends with SIGINT or SIGTERM.
 */
public final class SandboxProcess {
  private static final String USAGE = "Usage: [--port <number>] [--until-stdin-ends]";

  private SandboxProcess() {}

  /**
   * Starts a sandbox and waits.
   *
   * @param args {@code --port} and a number, any free port unless given; {@code --until-stdin-ends}
   *     to stop when standard input does
   * @throws IOException if standard input can't be read
   * @throws InterruptedException if the waiting is interrupted, which ends the sandbox
   */
  public static void main(String... args) throws IOException, InterruptedException {
    List<String> options = List.of(args);
    int port = 0;
    boolean untilStdinEnds = false;
    for (int i = 0; i < options.size(); i++) {
      switch (options.get(i)) {
        case "--port" -> port = port(options, ++i);
        case "--until-stdin-ends" -> untilStdinEnds = true;
        default -> throw new IllegalArgumentException(USAGE + ", not " + options.get(i));
      }
    }
    try (Sandbox sandbox = Sandbox.start(port)) {
      Runtime.getRuntime().addShutdownHook(new Thread(sandbox::close));
      System.out.println(sandbox.url());
      if (untilStdinEnds) {
        System.in.transferTo(OutputStream.nullOutputStream());
      } else {
        Thread.currentThread().join(); // For ever: a thread never outlives itself.
      }
    }
  }

  private static int port(List<String> options, int at) {
    try {
      return Integer.parseInt(options.get(at));
    } catch (IndexOutOfBoundsException | NumberFormatException e) {
      throw new IllegalArgumentException(USAGE, e);
    }
  }
}
