package consumer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.mountsea.nanobanana.NanoBanana;
import ai.mountsea.nanobanana.sandbox.Sandbox;
import ai.mountsea.nanobanana.sandbox.Script;
import com.squareup.moshi.Moshi;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.jar.JarFile;
import kotlin.Unit;
import okhttp3.OkHttpClient;
import okio.Okio;
import org.junit.jupiter.api.Test;
import retrofit2.Retrofit;

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
    long whole = 0;
    try (JarFile shrunk = new JarFile(SHRUNK.toFile())) {
      for (Class<?> used :
          List.of(
              NanoBanana.class,
              Retrofit.class,
              Moshi.class,
              OkHttpClient.class,
              Okio.class,
              Unit.class)) {
        URI jar = used.getProtectionDomain().getCodeSource().getLocation().toURI();
        whole += Files.size(Path.of(jar));
      }
      assertNull(shrunk.getEntry(NanoBanana.class.getName().replace('.', '/') + ".class"));
    }
    long left = Files.size(SHRUNK);
    assertTrue(left < whole / 3, left + " of " + whole + " bytes are left");
  }

  @Test
  void noRuleIsAboutOurClasses() throws Exception {
    String rules = Files.readString(Path.of("target", "shipped.pro"));
    assertTrue(rules.contains("retrofit2"), rules);
    assertFalse(rules.contains("mountsea"), rules);
  }
}
