package ai.mountsea.nanobanana.contract;

import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;

import ai.mountsea.nanobanana.NanoBanana;
import ai.mountsea.nanobanana.api.Action;
import ai.mountsea.nanobanana.api.GenerateImageRequest;
import ai.mountsea.nanobanana.api.TaskResult;
import ai.mountsea.nanobanana.sandbox.Sandbox;
import ai.mountsea.nanobanana.sandbox.Script;
import au.com.dius.pact.core.model.FileSource;
import au.com.dius.pact.provider.ConsumerInfo;
import au.com.dius.pact.provider.ProviderInfo;
import au.com.dius.pact.provider.ProviderVerifier;
import au.com.dius.pact.provider.VerificationResult;
import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.net.URI;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What the README shows is run here, or in a project of {@code src/it}. */
class ReadmeTest {
  private static final Path HERE =
      Path.of("src/test/java", ReadmeTest.class.getName().replace('.', '/') + ".java");

  /** A whole test of a stranger's project, which the build runs there. */
  private static final Path CAT_SHOP = Path.of("src/it/sandbox/src/test/java/CatShopTest.java");

  @Test
  void anImageIsMadeAndSaved(@TempDir Path folder) throws Exception {
    try (Sandbox sandbox = Sandbox.start().next(Script.completesAfter(0))) {
      ProcessBuilder java =
          new ProcessBuilder(
              Path.of(System.getProperty("java.home"), "bin", "java").toString(),
              "-classpath",
              System.getProperty("java.class.path"),
              UseIt.class.getName());
      java.environment().put("MOUNTSEA_API_KEY", "sk-readme");
      java.environment().put("MOUNTSEA_BASE_URL", sandbox.url());

      assertThat(java.directory(folder.toFile()).inheritIO().start().waitFor()).isZero();
    }
    assertThat(folder.resolve("images/sandbox-1-1.png")).isNotEmptyFile();
  }

  /** A program of its own, since it is the environment that tells it the key. */
  static final class UseIt {
    public static void main(String[] args) {
      // Use it
      try (NanoBanana nanoBanana = NanoBanana.fromEnv()) {
        TaskResult result =
            nanoBanana.generate(
                GenerateImageRequest.builder("A fluffy orange cat", Action.GENERATE).build());
        nanoBanana.save(result, Path.of("images"));
      }
      // end
    }
  }

  @Test
  void aProviderIsVerified(@TempDir Path folder) throws IOException {
    File pactFile = PactFile.writeTo(folder).toFile();
    PrintStream out = System.out;
    System.setOut(new PrintStream(OutputStream.nullOutputStream()));
    try (Sandbox sandbox = Sandbox.start()) {
      int port = URI.create(sandbox.url()).getPort();
      // The contract
      ProviderInfo provider = new ProviderInfo("mountsea");
      provider.setPort(port);
      provider.setStateChangeUrl(new URL("http://localhost:" + port + "/_pact/states"));
      ConsumerInfo consumer = new ConsumerInfo("nano-banana-java");
      consumer.setPactSource(new FileSource(pactFile));
      VerificationResult result =
          new ProviderVerifier().runVerificationForConsumer(new HashMap<>(), provider, consumer);
      // end
      assertThat(result).isInstanceOf(VerificationResult.Ok.class);
    } finally {
      System.setOut(out);
    }
  }

  static Stream<String> sectionsWithCode() throws IOException {
    return Stream.of(Files.readString(Path.of("README.md")).split("\n## "))
        .filter(section -> section.contains("```java"));
  }

  @ParameterizedTest
  @MethodSource("sectionsWithCode")
  void whatTheReadmeShowsIsRunHere(String section) throws IOException {
    String title = section.lines().findFirst().orElseThrow();
    String[] shown = section.split("```java\n");
    assertThat(shown).as("one snippet in the section " + title).hasSize(2);
    String snippet = shown[1].split("```")[0];
    if (title.equals("Testing code that uses this library")) {
      assertThat(Files.readString(CAT_SHOP)).isEqualToIgnoringWhitespace(snippet);
      return;
    }
    String here = Files.readString(HERE);
    String run = here.split("// " + title + "\n", 2)[1].split("\n *// end", 2)[0];

    assertThat(run)
        .isEqualToIgnoringWhitespace(
            snippet.lines().filter(line -> !line.startsWith("import ")).collect(joining("\n")));
    assertThat(here.lines().toList())
        .containsAll(snippet.lines().filter(line -> line.startsWith("import ")).toList());
  }
}
