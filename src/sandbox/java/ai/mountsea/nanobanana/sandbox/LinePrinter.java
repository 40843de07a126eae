package ai.mountsea.nanobanana.sandbox;

import java.io.PrintStream;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;

/**
 * Prints lines on a thread of its own. A program that starts the sandbox with a pipe for its
 * standard error, and never reads it, blocks that thread only, and loses lines.
 */
final class LinePrinter implements AutoCloseable {
  private static final int MAX_LINES = 10_000;
  private static final String END = new String("end"); // Told from all other lines by its identity.

  private final BlockingQueue<String> lines = new LinkedBlockingQueue<>();
  private final Thread thread;

  LinePrinter(PrintStream out) {
    thread = new Thread(() -> printAll(out), "nano-banana-sandbox-log");
    thread.setDaemon(true);
    thread.start();
  }

  void print(String line) {
    if (lines.size() < MAX_LINES) {
      lines.add(line);
    }
  }

  @SuppressWarnings("ReferenceEquality")
  private void printAll(PrintStream out) {
    try {
      for (String line = lines.take(); line != END; line = lines.take()) {
        out.println(line);
      }
    } catch (InterruptedException e) {
      // Nobody interrupts it.
    }
  }

  /** Waits for a second at most until all is printed. */
  @Override
  public void close() {
    lines.add(END);
    try {
      thread.join(1000);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
