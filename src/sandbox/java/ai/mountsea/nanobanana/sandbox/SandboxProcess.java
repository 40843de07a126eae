package ai.mountsea.nanobanana.sandbox;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.lang.System.Logger.Level;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.concurrent.CountDownLatch;

/**
 * A sandbox as a process of its own, for programs and Pact verifiers in any language: the main
 * class of the standalone jar. {@code --help} lists its options.
 */
public final class SandboxProcess {
  private static final String HELP =
      """
      Usage: java -jar nano-banana-<version>-sandbox-standalone.jar [options]

      A stand-in for the Nano Banana API: it accepts any API key, costs nothing, and paints
      pictures of its own. Its URL is printed on standard output, a line for each call on
      standard error. Open the URL in a browser to watch it.

        --port <number>         the port to listen on; any free one by default
        --host <address>        the address to listen on, 127.0.0.1 by default;
                                0.0.0.0 lets other machines in
        --allow-origin <origin> lets pages of this origin use it (CORS); * for any
        --no-control            switches off the page, /_sandbox/ and /_pact/
        --quiet                 prints warnings only on standard error
        --until-stdin-ends      stops when standard input ends
        --version               prints the version
        --help                  prints this

      Point a client at it with MOUNTSEA_BASE_URL=http://127.0.0.1:<port>. /_sandbox/openapi.yaml
      describes how to script it.
      """;
  private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("HH:mm:ss.SSS");

  private SandboxProcess() {}

  /**
   * Starts a sandbox, and returns when it is stopped: by Ctrl-C, SIGTERM or, if asked, the end of
   * standard input.
   *
   * @param args see {@code --help}
   */
  public static void main(String... args) {
    // No picture shall put an icon into a dock. This JVM is the sandbox's own.
    System.setProperty("java.awt.headless", "true");
    int status = run(args, System.out, System.err);
    if (status != 0) {
      System.exit(status);
    }
  }

  /** Returns the exit status: 0, 1 if the sandbox can't be started, 2 if the options are wrong. */
  static int run(String[] args, PrintStream out, PrintStream err) {
    Sandbox.Builder builder = Sandbox.builder();
    Level level = Level.DEBUG;
    boolean untilStdinEnds = false;
    Deque<String> options = new ArrayDeque<>(Arrays.asList(args));
    try {
      while (!options.isEmpty()) {
        String option = options.remove();
        switch (option) {
          case "--port" -> builder.port(number(option, options));
          case "--host" -> builder.host(value(option, options));
          case "--allow-origin" -> builder.allowOrigin(value(option, options));
          case "--no-control" -> builder.withoutControl();
          case "--quiet" -> level = Level.WARNING;
          case "--until-stdin-ends" -> untilStdinEnds = true;
          case "--version" -> {
            out.println(version());
            return 0;
          }
          case "--help" -> {
            out.print(HELP);
            return 0;
          }
          default -> throw new IllegalArgumentException("Unknown option: " + option);
        }
      }
    } catch (IllegalArgumentException e) {
      err.println(e.getMessage() + ". See --help.");
      return 2;
    }
    Level logged = level;
    builder.log((lineLevel, line) -> log(err, logged, lineLevel, line));
    try (Sandbox sandbox = builder.start()) {
      out.println(sandbox.url());
      waitForTheEnd(sandbox, untilStdinEnds);
      return 0;
    } catch (UncheckedIOException e) {
      err.println(e.getMessage());
      return 1;
    }
  }

  private static void waitForTheEnd(Sandbox sandbox, boolean untilStdinEnds) {
    Runtime.getRuntime().addShutdownHook(new Thread(sandbox::close));
    try {
      if (untilStdinEnds) {
        System.in.transferTo(OutputStream.nullOutputStream());
      } else {
        new CountDownLatch(1).await();
      }
    } catch (IOException | InterruptedException e) {
      // Then it ends now.
    }
  }

  private static void log(PrintStream err, Level logged, Level level, String line) {
    if (level.getSeverity() >= logged.getSeverity()) {
      String severity = level == Level.DEBUG ? "" : level + ": ";
      err.println(LocalTime.now(ZoneId.systemDefault()).format(TIME) + ' ' + severity + line);
    }
  }

  private static String value(String option, Deque<String> options) {
    if (options.isEmpty()) {
      throw new IllegalArgumentException(option + " needs a value");
    }
    return options.remove();
  }

  private static int number(String option, Deque<String> options) {
    String value = value(option, options);
    try {
      return Integer.parseInt(value);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(option + " needs a number, not " + value, e);
    }
  }

  private static String version() {
    String version = SandboxProcess.class.getPackage().getImplementationVersion();
    return version == null ? "unknown (not run from its jar)" : version;
  }
}
