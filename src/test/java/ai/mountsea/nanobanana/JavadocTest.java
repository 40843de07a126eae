package ai.mountsea.nanobanana;

import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertThrows;

import ai.mountsea.nanobanana.api.Action;
import ai.mountsea.nanobanana.api.GenerateImageRequest;
import ai.mountsea.nanobanana.api.Model;
import ai.mountsea.nanobanana.api.Resolution;
import ai.mountsea.nanobanana.api.TaskResult;
import ai.mountsea.nanobanana.sandbox.Sandbox;
import ai.mountsea.nanobanana.sandbox.Script;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The examples of the Javadoc's entry page and package pages are compiled here, and run. */
class JavadocTest {
  private final GenerateImageRequest request =
      GenerateImageRequest.builder("A cat", Action.GENERATE).build();

  /** Compiled only: ReadmeTest runs a program that takes its key from the environment. */
  static void overview() {
    try (NanoBanana nanoBanana = NanoBanana.fromEnv()) {
      TaskResult result =
          nanoBanana.generate(
              GenerateImageRequest.builder("A fluffy orange cat", Action.GENERATE).build());
      nanoBanana.save(result, Path.of("images"));
    }
  }

  @Test
  void aTaskIsAwaitedByItsId() {
    try (Sandbox sandbox = Sandbox.start().next(Script.completesAfter(0));
        NanoBanana nanoBanana = sandbox.client()) {
      String taskId = nanoBanana.submit(request);
      TaskResult result = nanoBanana.await(taskId);
      byte[] image = nanoBanana.download(result).get(0).bytes();

      assertThat(image).isNotEmpty();
    }
  }

  @Test
  void aRequestIsValid() {
    GenerateImageRequest request =
        GenerateImageRequest.builder("Hang the cat over a mountain lake", Action.EDIT)
            .imageUrls("https://example.com/cat.png")
            .model(Model.NANO_BANANA_PRO)
            .resolution(Resolution.FOUR_K)
            .build();

    assertThat(RequestRules.check(request)).isEmpty();
  }

  @Test
  void aRequestIsReadFromItsJson() {
    String json = request.toJson();
    GenerateImageRequest same = GenerateImageRequest.fromJson(json);

    assertThat(same).isEqualTo(request);
  }

  @Test
  void aScriptFailsTheNextTask() {
    try (Sandbox sandbox = Sandbox.start();
        NanoBanana nanoBanana = sandbox.client()) {
      sandbox.next(Script.failsWith("No cats today"));
      assertThrows(TaskFailedException.class, () -> nanoBanana.generate(request));
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "src/main/javadoc/overview.html",
        "src/main/java/ai/mountsea/nanobanana/package-info.java",
        "src/main/java/ai/mountsea/nanobanana/internal/package-info.java",
        "src/sandbox/java/ai/mountsea/nanobanana/sandbox/package-info.java",
        "openapi/templates/packageInfo.mustache"
      })
  void theExampleOfThePageIsHere(String page) throws IOException {
    String here =
        Files.readString(
            Path.of("src/test/java", JavadocTest.class.getName().replace('.', '/') + ".java"));
    String example =
        Files.readString(Path.of(page)).split("<pre>\\{@code", 2)[1].split("}</pre>")[0];

    assertThat(withoutWhitespace(here))
        .contains(
            withoutWhitespace(
                example
                    .lines()
                    .map(line -> line.replaceFirst("^ \\*", ""))
                    .collect(joining("\n"))));
  }

  private static String withoutWhitespace(String text) {
    return text.replaceAll("\\s", "");
  }
}
