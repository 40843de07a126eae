package ai.mountsea.nanobanana.sandbox;

import static org.assertj.core.api.Assertions.assertThat;

import ai.mountsea.nanobanana.NanoBanana;
import ai.mountsea.nanobanana.WaitOptions;
import ai.mountsea.nanobanana.api.Action;
import ai.mountsea.nanobanana.api.AspectRatio;
import ai.mountsea.nanobanana.api.GenerateImageRequest;
import ai.mountsea.nanobanana.api.Model;
import ai.mountsea.nanobanana.api.Resolution;
import ai.mountsea.nanobanana.api.TaskResult;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import javax.imageio.ImageIO;
import okhttp3.MediaType;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SandboxTest {
  private static final WaitOptions QUICK = WaitOptions.DEFAULT.withMinDelay(Duration.ofMillis(1));

  private final Sandbox sandbox = Sandbox.start();
  private final NanoBanana nanoBanana = sandbox.client();
  private final OkHttpClient http = new OkHttpClient();
  @TempDir Path folder;

  @AfterEach
  void stop() {
    nanoBanana.close();
    sandbox.close();
    http.dispatcher().executorService().shutdown();
    http.connectionPool().evictAll();
  }

  @Test
  void aTaskGoesFromPendingOverProcessingToCompleted() {
    List<String> seen = new ArrayList<>();

    nanoBanana.await(
        nanoBanana.submit(cat().build()),
        QUICK.withStatusListener(task -> seen.add(task.status().value())));

    assertThat(seen).containsExactly("pending", "processing", "completed");
  }

  @ParameterizedTest
  @CsvSource({
    ",, 1024, 1024",
    "1:1, 2K, 2048, 2048",
    "16:9, 1K, 1360, 765",
    "1:8, 1K, 362, 2896",
    "8:1, 1K, 2896, 362"
  })
  void aPictureHasTheAspectRatioAndTheResolutionThatWereAskedFor(
      String aspectRatio, String resolution, int width, int height) throws IOException {
    GenerateImageRequest request =
        cat()
            .model(Model.NANO_BANANA_2)
            .aspectRatio(aspectRatio == null ? null : new AspectRatio(aspectRatio))
            .resolution(resolution == null ? null : new Resolution(resolution))
            .build();

    BufferedImage image = read(make(request));

    assertThat(List.of(image.getWidth(), image.getHeight())).containsExactly(width, height);
  }

  @Test
  void theSamePromptGivesTheSamePictureAndAnotherAnother() throws IOException {
    BufferedImage cat = read(make(cat().build()));
    BufferedImage again = read(make(cat().build()));
    BufferedImage dog = read(make(cat().prompt("A dog").build()));

    assertThat(differingPixels(cat, again)).isZero();
    assertThat(differingPixels(cat, dog)).isGreaterThan(10_000);
  }

  @Test
  void anEditIsMadeFromTheSandboxesOwnImages() throws IOException {
    TaskResult cat = make(cat().build());
    GenerateImageRequest.Builder edit = cat().action(Action.EDIT).prompt("Bluer");

    BufferedImage fromCat = read(make(edit.imageUrls(cat.result().imageUrls()).build()));
    BufferedImage fromElsewhere =
        read(make(edit.imageUrls(List.of("https://example.com/cat.png")).build()));

    assertThat(differingPixels(fromCat, fromElsewhere)).isGreaterThan(100_000);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "null",
        "[]",
        "{",
        "{}",
        "{\"prompt\": \"A cat\"}",
        "{\"prompt\": \" \", \"action\": \"generate\"}",
        "{\"prompt\": \"A cat\", \"action\": \"draw\"}",
        "{\"prompt\": \"A cat\", \"action\": \"edit\"}",
        "{\"prompt\": \"A cat\", \"action\": \"generate\", \"num_images\": 2}",
        "{\"prompt\": \"A cat\", \"action\": \"generate\", \"model\": null}",
        "{\"prompt\": \"A cat\", \"action\": \"generate\", \"resolution\": \"4K\"}",
        "{\"prompt\": \"A cat\", \"action\": \"generate\", \"aspect_ratio\": \"1:8\"}"
      })
  void whatTheSpecRefusesIsRefused(String body) throws IOException {
    try (Response response = post(body, "Bearer x")) {
      assertThat(response.code()).isEqualTo(400);
    }
    assertThat(sandbox.submitted()).isZero();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "Bearer", "Bearer  ", "Basic dTpw"})
  void aCallWithoutABearerTokenIsUnauthorized(String authorization) throws IOException {
    try (Response response =
        post("{\"prompt\": \"A cat\", \"action\": \"generate\"}", authorization)) {
      assertThat(response.code()).isEqualTo(401);
    }
  }

  @Test
  void anUnknownTaskAndAnUnknownPathAreNotFound() throws IOException {
    assertThat(get("/gemini/task/result?taskId=nobody")).isEqualTo(404);
    assertThat(get("/gemini/task/result")).isEqualTo(400);
    assertThat(get("/elsewhere")).isEqualTo(404);
    assertThat(get("/images/sandbox-1.jpg")).isEqualTo(404);
    assertThat(get("/gemini/image/generate")).isEqualTo(405);
    assertThat(get("/images/nobody.png")).isEqualTo(404);
  }

  private static GenerateImageRequest.Builder cat() {
    return GenerateImageRequest.builder("A cat", Action.GENERATE);
  }

  private TaskResult make(GenerateImageRequest request) {
    return nanoBanana.await(nanoBanana.submit(request), QUICK);
  }

  private BufferedImage read(TaskResult result) throws IOException {
    return ImageIO.read(nanoBanana.save(result, folder).get(0).toFile());
  }

  private static int differingPixels(BufferedImage a, BufferedImage b) {
    int differing = 0;
    for (int x = 0; x < a.getWidth(); x++) {
      for (int y = 0; y < a.getHeight(); y++) {
        if (a.getRGB(x, y) != b.getRGB(x, y)) {
          differing++;
        }
      }
    }
    return differing;
  }

  private int get(String path) throws IOException {
    Request request =
        new Request.Builder().url(sandbox.url() + path).header("Authorization", "Bearer x").build();
    try (Response response = http.newCall(request).execute()) {
      return response.code();
    }
  }

  private Response post(String body, String authorization) throws IOException {
    return http.newCall(
            new Request.Builder()
                .url(sandbox.url() + "/gemini/image/generate")
                .header("Authorization", authorization)
                .post(RequestBody.create(body, MediaType.get("application/json")))
                .build())
        .execute();
  }
}
