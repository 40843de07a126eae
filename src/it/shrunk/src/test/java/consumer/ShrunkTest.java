package consumer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import ai.mountsea.nanobanana.sandbox.Sandbox;
import ai.mountsea.nanobanana.sandbox.Script;
import java.nio.file.Path;
import java.util.jar.JarFile;
import org.junit.jupiter.api.Test;

class ShrunkTest {
  private static final Path SHRUNK = Path.of("target", "shrunk.jar").toAbsolutePath();

  @Test
  void theShrunkProgramRuns() throws Exception {
    try (Sandbox sandbox = Sandbox.start().next(Script.completesAfter(0))) {
      ProcessBuilder process =
          new ProcessBuilder(
              Path.of(System.getProperty("java.home"), "bin", "java").toString(),
              "-cp",
              SHRUNK.toString(),
              "consumer.Main");
      process.environment().put("MOUNTSEA_API_KEY", "any");
      process.environment().put("MOUNTSEA_BASE_URL", sandbox.url());
      Process running = process.redirectErrorStream(true).start();
      String output = new String(running.getInputStream().readAllBytes());
      assertEquals(0, running.waitFor(), output);
      assertEquals(1, sandbox.submitted());
    }
  }

  @Test
  void itIsShrunkAndObfuscated() throws Exception {
    try (JarFile jar = new JarFile(SHRUNK.toFile())) {
      assertNull(jar.getEntry("ai/mountsea/nanobanana/RequestRules.class"));
      System.out.println(SHRUNK.toFile().length() + " bytes, " + jar.size() + " entries");
    }
  }
}
