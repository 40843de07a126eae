package ai.mountsea.nanobanana;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.mountsea.nanobanana.api.ImageResult;
import ai.mountsea.nanobanana.api.TaskResult;
import ai.mountsea.nanobanana.api.TaskStatus;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import okhttp3.mockwebserver.MockResponse;
import okhttp3.mockwebserver.MockWebServer;
import okhttp3.mockwebserver.SocketPolicy;
import okio.Buffer;
import okio.ByteString;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ImageFilesTest {
  private static final ByteString PNG = ByteString.decodeHex("89504e470d0a1a0a0000000d49484452");

  private final MockWebServer images = new MockWebServer();
  private final NanoBanana nanoBanana =
      NanoBanana.builder()
          .apiKey("sk-test")
          .baseUrl("http://127.0.0.1:9")
          .timer(new VirtualTimer())
          .build();
  @TempDir Path home;
  private Path folder;

  @BeforeEach
  void start() throws IOException {
    images.start();
    folder = home.resolve("a/b");
  }

  @AfterEach
  void stop() throws IOException {
    nanoBanana.close();
    images.shutdown();
  }

  @Test
  void imagesAreSavedWholeInTheOrderOfTheirUrls() throws IOException {
    images.enqueue(image(PNG));
    images.enqueue(image(ByteString.decodeHex("ffd8ffe000104a4649460001")));

    List<Path> files = nanoBanana.save(completed("t1", url("/x"), url("/y")), folder);

    assertThat(files).containsExactly(folder.resolve("t1-1.png"), folder.resolve("t1-2.jpg"));
    assertThat(Files.readAllBytes(files.get(0))).isEqualTo(PNG.toByteArray());
    assertThat(filesIn(folder)).containsExactly("t1-1.png", "t1-2.jpg");
  }

  @ParameterizedTest
  @CsvSource({
    "89504e470d0a1a0a0000000d, png",
    "ffd8ffe000104a46, jpg",
    "474946383961, gif",
    "524946460000000057454250, webp",
    "0000001c6674797061766966, avif"
  })
  void anImageIsNamedForWhatItIsNotForItsUrl(String start, String extension) {
    images.enqueue(image(ByteString.decodeHex(start)));

    assertThat(nanoBanana.save(completed("t1", url("/cat.exe")), folder))
        .containsExactly(folder.resolve("t1-1." + extension));
  }

  @Test
  void anImageMayComeWithoutALength() {
    images.enqueue(new MockResponse().setChunkedBody(new Buffer().write(PNG), 3));

    assertThat(nanoBanana.save(completed("t1", url("/x")), folder)).hasSize(1);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "<html>Not found</html>",
        "{\"error\": \"expired\"}",
        "RIFF0000WAVE",
        "\ufffd"
      })
  void whatIsNoImageIsNotSaved(String body) {
    images.enqueue(new MockResponse().setHeader("Content-Type", "image/png").setBody(body));

    assertThatThrownBy(() -> nanoBanana.save(completed("t1", url("/x")), folder))
        .isInstanceOf(ImageNotSavedException.class)
        .hasMessage("Image t1-1 was not saved: what came is not an image.");
    assertThat(folder).doesNotExist();
  }

  @Test
  void anImageThatBreaksOffIsTriedAgainAndLeavesNothing() throws IOException {
    for (int i = 0; i < 3; i++) {
      images.enqueue(
          image(large(100_000)).setSocketPolicy(SocketPolicy.DISCONNECT_DURING_RESPONSE_BODY));
    }

    assertThatThrownBy(() -> nanoBanana.save(completed("t1", url("/x")), folder))
        .isInstanceOf(ImageNotSavedException.class)
        .hasMessage(
            "Image t1-1 was not saved: the download from "
                + images.getHostName()
                + " failed: java.net.ProtocolException: unexpected end of stream.");
    assertThat(images.getRequestCount()).isGreaterThanOrEqualTo(3);
    assertThat(filesIn(folder)).isEmpty();
  }

  @Test
  void anImageThatComesAtTheSecondAttemptIsSaved() {
    images.enqueue(new MockResponse().setResponseCode(503));
    images.enqueue(image(PNG));

    assertThat(nanoBanana.save(completed("t1", url("/x")), folder)).hasSize(1);
  }

  @Test
  void anImageThatIsGoneIsNotTriedAgain() {
    images.enqueue(new MockResponse().setResponseCode(404));

    assertThatThrownBy(() -> nanoBanana.save(completed("t1", url("/x?sig=secret")), folder))
        .isInstanceOf(ImageNotSavedException.class)
        .hasMessage("Image t1-1 was not saved: " + images.getHostName() + " answered HTTP 404.");
    assertThat(images.getRequestCount()).isEqualTo(1);
  }

  @Test
  void anImageBeyondTheBoundIsNotSaved() throws IOException {
    Saving saving = Saving.DEFAULT.withMaxBytes(50_000);
    images.enqueue(image(large(50_000)));
    images.enqueue(image(large(50_001)));
    images.enqueue(new MockResponse().setChunkedBody(new Buffer().write(large(50_001)), 1000));

    assertThat(nanoBanana.save(completed("whole", url("/x")), folder, saving)).hasSize(1);
    for (int i = 0; i < 2; i++) {
      assertThatThrownBy(() -> nanoBanana.save(completed("large", url("/x")), folder, saving))
          .isInstanceOf(ImageNotSavedException.class)
          .hasMessage(
              "Image large-1 was not saved: it is larger than 50000 bytes; raise maxBytes.");
    }
    assertThat(filesIn(folder)).containsExactly("whole-1.png");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "file:///etc/passwd",
        "ftp://example.com/a.png",
        "data:image/png;base64,AA",
        "x",
        ""
      })
  void onlyHttpAndHttpsUrlsAreFetched(String url) {
    assertThatThrownBy(() -> nanoBanana.save(completed("t1", url), folder))
        .isInstanceOf(ImageNotSavedException.class)
        .hasMessage("Task t1 is completed and has no image to save. Save what await returns.");
  }

  @ParameterizedTest
  @CsvSource({
    "../../etc/passwd, ______etc_passwd",
    "/etc/passwd, _etc_passwd",
    "..\\..\\boot, ______boot",
    "'a b:c*?\"<>|', a_b_c______",
    "猫, _",
    ".hidden, _hidden"
  })
  void noNameEscapesTheFolder(String taskId, String start) throws IOException {
    images.enqueue(image(PNG));

    List<Path> files = nanoBanana.save(completed(taskId, url("/..%2f..%2fevil.png")), folder);

    assertThat(files.get(0).getParent()).isEqualTo(folder);
    assertThat(files.get(0).getFileName().toString()).matches(start + "-[0-9a-f]{8}-1\\.png");
    assertThat(filesIn(folder)).containsExactly(files.get(0).getFileName().toString());
  }

  @Test
  void noTwoTasksShareAName() throws IOException {
    String longId = "x".repeat(1000);
    List<String> taskIds =
        List.of("a/b", "a_b", "a:b", longId, longId + "y", longId.substring(900));
    for (String taskId : taskIds) {
      images.enqueue(image(PNG));
      nanoBanana.save(completed(taskId, url("/x")), folder);
    }

    assertThat(filesIn(folder)).hasSize(taskIds.size()).allMatch(name -> name.length() < 120);
  }

  @Test
  void aFileIsNotOverwrittenUnlessAsked() throws IOException {
    images.enqueue(image(PNG));
    images.enqueue(image(PNG));
    Files.createDirectories(folder);
    Path file = Files.writeString(folder.resolve("t1-1.png"), "mine");
    TaskResult result = completed("t1", url("/x"));

    assertThatThrownBy(() -> nanoBanana.save(result, folder))
        .isInstanceOf(ImageNotSavedException.class)
        .hasMessage(
            "Image t1-1 was not saved: "
                + file
                + " exists; Saving.DEFAULT.withOverwrite(true) replaces it.");
    assertThat(file).hasContent("mine");

    nanoBanana.save(result, folder, Saving.DEFAULT.withOverwrite(true));
    assertThat(Files.readAllBytes(file)).isEqualTo(PNG.toByteArray());
    assertThat(filesIn(folder)).containsExactly("t1-1.png");
  }

  @Test
  void aFolderThatCannotBeMadeIsNamed() throws IOException {
    images.enqueue(image(PNG));
    Path file = Files.writeString(home.resolve("file"), "in the way");

    assertThatThrownBy(() -> nanoBanana.save(completed("t1", url("/x")), file.resolve("folder")))
        .isInstanceOf(ImageNotSavedException.class)
        .hasMessageStartingWith("Image t1-1 was not saved: the file can't be written: ")
        .hasMessageContaining(file.toString());
    assertThat(images.getRequestCount()).isEqualTo(1);
  }

  @Test
  void aTaskWithoutAnImageHasNothingToSave() {
    TaskResult processing = TaskResult.builder("t1", TaskStatus.PROCESSING).build();

    assertThatThrownBy(() -> nanoBanana.save(processing, folder))
        .isInstanceOf(ImageNotSavedException.class)
        .hasMessage("Task t1 is processing and has no image to save. Save what await returns.");
  }

  @Test
  void aRedirectOfAnImageIsFollowed() throws IOException {
    images.enqueue(new MockResponse().setResponseCode(302).setHeader("Location", url("/y")));
    images.enqueue(image(PNG));

    assertThat(nanoBanana.save(completed("t1", url("/x")), folder)).hasSize(1);
  }

  private String url(String path) {
    return images.url(path).toString();
  }

  private static TaskResult completed(String taskId, String... urls) {
    return TaskResult.builder(taskId, TaskStatus.COMPLETED)
        .result(ImageResult.builder().imageUrls(List.of(urls)).build())
        .build();
  }

  private static MockResponse image(ByteString bytes) {
    return new MockResponse().setBody(new Buffer().write(bytes));
  }

  private static ByteString large(int size) {
    return new Buffer().write(PNG).write(new byte[size - PNG.size()]).readByteString();
  }

  private static List<String> filesIn(Path folder) throws IOException {
    List<String> names = new ArrayList<>();
    try (Stream<Path> files = Files.list(folder)) {
      files.forEach(file -> names.add(file.getFileName().toString()));
    }
    names.sort(null);
    return names;
  }
}
