package consumer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.mountsea.nanobanana.sandbox.Sandbox;
import ai.mountsea.nanobanana.sandbox.Script;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Runs the main class on this JDK, and on the newest of those that are installed beside it. */
class JdksTest {
  @Test
  void theSameClassesRunOnThisJdkAndOnTheNewest() throws Exception {
    Path java = Path.of(System.getProperty("java.home")).toRealPath();
    run(java);
    Path newest = newestBeside(java);
    if (newest.equals(java)) {
      System.out.println("There is no newer JDK beside " + java + ", so none was tried.");
    } else {
      run(newest);
    }
  }

  private static Path newestBeside(Path java) throws IOException {
    try (Stream<Path> beside = Files.list(java.getParent())) {
      return beside
          .filter(jdk -> Files.isExecutable(jdk.resolve("bin/java")))
          .max(Comparator.comparingInt(JdksTest::version))
          .orElse(java);
    }
  }

  private static int version(Path jdk) {
    try (Stream<String> lines = Files.lines(jdk.resolve("release"))) {
      return lines
          .filter(line -> line.startsWith("JAVA_VERSION="))
          .mapToInt(line -> Runtime.Version.parse(line.split("\"")[1]).feature())
          .findFirst()
          .orElse(0);
    } catch (IOException | IllegalArgumentException e) {
      return 0;
    }
  }

  private static void run(Path jdk) throws Exception {
    try (Sandbox sandbox = Sandbox.start().next(Script.completesAfter(0))) {
      ProcessBuilder process =
          new ProcessBuilder(
              jdk.resolve("bin/java").toString(),
              "-cp",
              System.getProperty("java.class.path"),
              "consumer.Main");
      process.environment().put("MOUNTSEA_API_KEY", "any");
      process.environment().put("MOUNTSEA_BASE_URL", sandbox.url());
      Process running = process.redirectErrorStream(true).start();
      String output = new String(running.getInputStream().readAllBytes());
      System.out.print(output);
      assertEquals(0, running.waitFor(), output);
      assertTrue(
          output.endsWith(" bytes on Java " + version(jdk) + System.lineSeparator()), output);
      assertEquals(1, sandbox.submitted());
    }
  }
}
