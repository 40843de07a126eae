package ai.mountsea.nanobanana.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import ai.mountsea.nanobanana.NanoBanana;
import ai.mountsea.nanobanana.OutcomeUnknownException;
import ai.mountsea.nanobanana.api.Action;
import ai.mountsea.nanobanana.api.GenerateImageRequest;
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
import java.util.List;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the README shows of the sandbox and the contract is here as well, to be run. */
@Order(Integer.MAX_VALUE) // After the tests that write the pact.
class ReadmeTest {
  private static final Path HERE =
      Path.of("src/test/java", ReadmeTest.class.getName().replace('.', '/') + ".java");

  private final GenerateImageRequest request =
      GenerateImageRequest.builder().prompt("A cat").action(Action.GENERATE).build();

  @Test
  void codeIsTestedAgainstTheSandbox() {
    // Testing code that uses this library
    try (Sandbox sandbox = Sandbox.start();
        NanoBanana nanoBanana = sandbox.client()) {
      sandbox.next(Script.losesReply());

      // Your code here: it must not submit again, for the task was made.
      assertThrows(OutcomeUnknownException.class, () -> nanoBanana.submit(request));

      assertEquals(List.of(request), sandbox.requests());
    }
    // end
  }

  @Test
  void aProviderIsVerified() throws IOException {
    File pactFile = PactFile.path().toFile();
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

  @ParameterizedTest
  @ValueSource(strings = {"Testing code that uses this library", "The contract"})
  void theReadmeShowsWhatIsRunHere(String section) throws IOException {
    String readme = Files.readString(Path.of("README.md"));
    String shown =
        readme.substring(readme.indexOf("## " + section)).split("```java\n", 2)[1].split("```")[0];
    String run =
        Files.readString(HERE)
            .split("// " + section + "\n", 2)[1]
            .split("\n *// end", 2)[0]
            .stripIndent();

    assertThat(run + "\n").isEqualTo(shown);
  }
}
