package ai.mountsea.nanobanana.contract;

import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.mountsea.nanobanana.Image;
import ai.mountsea.nanobanana.NanoBanana;
import ai.mountsea.nanobanana.ResultUnavailableException;
import ai.mountsea.nanobanana.RetryPolicy;
import ai.mountsea.nanobanana.WaitOptions;
import ai.mountsea.nanobanana.api.Action;
import ai.mountsea.nanobanana.api.GenerateImageRequest;
import ai.mountsea.nanobanana.api.Model;
import ai.mountsea.nanobanana.api.Resolution;
import ai.mountsea.nanobanana.api.TaskResult;
import ai.mountsea.nanobanana.sandbox.Sandbox;
import ai.mountsea.nanobanana.sandbox.Script;
import au.com.dius.pact.core.model.FileSource;
import au.com.dius.pact.provider.ConsumerInfo;
import au.com.dius.pact.provider.ProviderInfo;
import au.com.dius.pact.provider.ProviderVerifier;
import au.com.dius.pact.provider.VerificationResult;
import com.sun.net.httpserver.HttpServer;
import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;
import okhttp3.Interceptor;
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
  void aPictureIsEditedAndGoesThroughARequestHandler() throws Exception {
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    try (Sandbox sandbox = Sandbox.start();
        NanoBanana nanoBanana = sandbox.client()) {
      TaskResult result =
          nanoBanana.generate(GenerateImageRequest.builder("A cat", Action.GENERATE).build());
      server.createContext(
          "/",
          response -> {
            try (response) {
              // Take the bytes
              Image image = nanoBanana.download(result).get(0);
              response.getResponseHeaders().set("Content-Type", image.mediaType());
              response.sendResponseHeaders(200, image.bytes().length);
              image.writeTo(response.getResponseBody());
              // end
            }
          });
      server.start();
      // Edit a picture
      GenerateImageRequest request =
          GenerateImageRequest.builder("Hang it over a mountain lake", Action.EDIT)
              .imageUrls(result.imageUrls())
              .model(Model.NANO_BANANA_PRO)
              .resolution(Resolution.TWO_K)
              .build();
      // end
      assertThat(nanoBanana.generate(request).imageUrls()).hasSize(1);
      URL url = new URL("http://127.0.0.1:" + server.getAddress().getPort() + "/cat");
      assertThat(url.openConnection().getContentType()).isEqualTo("image/png");
      assertThat(url.openStream().readAllBytes())
          .isEqualTo(nanoBanana.download(result).get(0).bytes());
    } finally {
      server.stop(0);
    }
  }

  @Test
  void aFutureHasTheFiles(@TempDir Path folder) {
    List<String> journal = new CopyOnWriteArrayList<>();
    GenerateImageRequest request = GenerateImageRequest.builder("A cat", Action.GENERATE).build();
    try (Sandbox sandbox = Sandbox.start().next(Script.completesAfter(0));
        NanoBanana nanoBanana = sandbox.client()) {
      // Don't wait
      CompletableFuture<List<Path>> files =
          nanoBanana
              .generateAsync(request, WaitOptions.DEFAULT.withTaskIdListener(journal::add))
              .thenCompose(result -> nanoBanana.saveAsync(result, folder));
      // end
      assertThat(files.join()).hasSize(1).allSatisfy(file -> assertThat(file).isNotEmptyFile());
      assertThat(journal).containsExactly("sandbox-1");
    }
  }

  @Test
  void aClientIsSetUp() {
    String apiKey = "sk-any";
    List<String> called = new CopyOnWriteArrayList<>();
    Interceptor interceptor =
        chain -> {
          called.add(chain.request().url().host());
          throw new IOException("No network");
        };
    // Set it up
    NanoBanana nanoBanana =
        NanoBanana.builder()
            .apiKey(apiKey)
            .callTimeout(Duration.ofSeconds(90))
            .waitOptions(WaitOptions.DEFAULT.withTimeout(Duration.ofMinutes(15)))
            .configureOkHttp(okHttp -> okHttp.addInterceptor(interceptor))
            .build();
    // end
    try (nanoBanana;
        NanoBanana once = nanoBanana.newBuilder().retryPolicy(RetryPolicy.NEVER).build()) {
      assertThatThrownBy(() -> once.result("t1")).isInstanceOf(ResultUnavailableException.class);
    }
    assertThat(called).containsExactly("api.mountsea.ai");
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
    return Stream.of(
            Files.readString(Path.of("README.md")).split("\n## "),
            Files.readString(Path.of("pacts", "README.md")).substring(2).split("\n## "))
        .flatMap(Stream::of)
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
