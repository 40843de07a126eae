package ai.mountsea.nanobanana;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.assertj.core.api.Assumptions.assumeThatCode;

import ai.mountsea.nanobanana.api.ImageResult;
import ai.mountsea.nanobanana.api.TaskResult;
import ai.mountsea.nanobanana.api.TaskStatus;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import okhttp3.OkHttpClient;
import okhttp3.mockwebserver.MockResponse;
import okhttp3.mockwebserver.MockWebServer;
import okhttp3.mockwebserver.SocketPolicy;
import okio.Buffer;
import okio.ByteString;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ImagesTest {
  private static final ByteString PNG =
      ByteString.decodeHex("89504e470d0a1a0a0000000d494844520000000049454e44ae426082");

  private static final List<UnaryOperator<MockResponse>> FRAMINGS =
      List.of(
          ofAKnownLength -> ofAKnownLength,
          chunked -> chunked.setChunkedBody(chunked.getBody(), 5),
          untilTheConnectionEnds ->
              untilTheConnectionEnds
                  .removeHeader("Content-Length")
                  .setSocketPolicy(SocketPolicy.DISCONNECT_AT_END));

  private final MockWebServer images = new MockWebServer();
  private final VirtualTimer timer = new VirtualTimer();
  private final NanoBanana nanoBanana =
      NanoBanana.builder().apiKey("sk-test").baseUrl("http://127.0.0.1:9").timer(timer).build();
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
    images.enqueue(image(ByteString.decodeHex("ffd8ffe000104a464946ffda0001ffd9")));

    List<Path> files = nanoBanana.save(completed("t1", url("/x"), url("/y")), folder);

    assertThat(files).containsExactly(folder.resolve("t1-1.png"), folder.resolve("t1-2.jpg"));
    assertThat(Files.readAllBytes(files.get(0))).isEqualTo(PNG.toByteArray());
    assertThat(filesIn(folder)).containsExactly("t1-1.png", "t1-2.jpg");
  }

  @ParameterizedTest
  @CsvSource({
    "89504e470d0a1a0a0000000049454e44ae426082, png",
    "ffd8ffe000104a46ffda0001ffd9, jpg",
    "4749463839610000000000003b, gif",
    "524946460c000000574542505650382000000000, webp",
    "0000001c667479706176696600, avif"
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
        .isInstanceOf(ImageDownloadException.class)
        .hasMessage(
            "Image 1 of task t1 could not be downloaded: the download is not a PNG, JPEG, GIF,"
                + " WebP or AVIF image.");
    assertThat(folder).doesNotExist();
  }

  @Test
  void anImageThatBreaksOffIsTriedAgainAndLeavesNothing() throws IOException {
    for (int i = 0; i < 3; i++) {
      images.enqueue(
          image(large(100_000)).setSocketPolicy(SocketPolicy.DISCONNECT_DURING_RESPONSE_BODY));
    }

    assertThatThrownBy(() -> nanoBanana.save(completed("t1", url("/x")), folder))
        .isInstanceOf(ImageDownloadException.class)
        .hasMessage(
            "Image 1 of task t1 could not be downloaded: the call to "
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
        .isInstanceOf(ImageDownloadException.class)
        .hasMessage(
            "Image 1 of task t1 could not be downloaded: "
                + images.getHostName()
                + " answered HTTP 404. The URLs of images expire; read the result of the task"
                + " again, which may have new ones.");
    assertThat(images.getRequestCount()).isEqualTo(1);
  }

  @Test
  void anImageBeyondTheBoundIsNotSaved() throws IOException {
    SaveOptions options = SaveOptions.DEFAULT.withMaxBytes(50_000);
    images.enqueue(image(large(50_000)));
    images.enqueue(image(large(50_001)));
    images.enqueue(new MockResponse().setChunkedBody(new Buffer().write(large(50_001)), 1000));

    assertThat(nanoBanana.save(completed("whole", url("/x")), folder, options)).hasSize(1);
    for (int i = 0; i < 2; i++) {
      assertThatThrownBy(() -> nanoBanana.save(completed("large", url("/x")), folder, options))
          .isInstanceOf(ImageDownloadException.class)
          .hasMessage(
              "Image 1 of task large could not be downloaded: it is larger than 50000 bytes; raise"
                  + " maxBytes to accept it.");
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
        .isInstanceOf(ImageDownloadException.class)
        .hasMessage(
            "Task t1 is completed and has no image to download. Pass on what await returns.");
    assertThat(images.getRequestCount()).isZero();
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
    assertThat(files.get(0).getFileName().toString()).matches(start + "-[0-9a-f]{16}-1\\.png");
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

    assertThat(filesIn(folder)).hasSize(taskIds.size()).allMatch(name -> name.length() < 140);
  }

  @Test
  void aFileThatIsNoImageIsNotOverwrittenUnlessAsked() throws IOException {
    images.enqueue(image(PNG));
    Files.createDirectories(folder);
    Path file = Files.writeString(folder.resolve("t1-1.png"), "mine");
    TaskResult result = completed("t1", url("/x"));

    assertThatThrownBy(() -> nanoBanana.save(result, folder))
        .isInstanceOf(ImageDownloadException.class)
        .hasMessage(
            "Image 1 of task t1 was not saved: "
                + file
                + " exists and is not an image. SaveOptions.DEFAULT.withOverwrite(true) replaces"
                + " it.");
    assertThat(file).hasContent("mine");

    nanoBanana.save(result, folder, SaveOptions.DEFAULT.withOverwrite(true));
    assertThat(Files.readAllBytes(file)).isEqualTo(PNG.toByteArray());
    assertThat(filesIn(folder)).containsExactly("t1-1.png");
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aSaveThatFailedHalfwayCanBeRepeated(boolean async) throws Exception {
    TaskResult result = completed("t1", url("/x"), url("/y"));
    images.enqueue(image(PNG));
    images.enqueue(new MockResponse().setResponseCode(404));

    assertThatThrownBy(() -> save(result, async))
        .isInstanceOfSatisfying(
            ImageDownloadException.class,
            e -> assertThat(e.savedFiles()).containsExactly(folder.resolve("t1-1.png")));

    images.enqueue(image(PNG));
    assertThat(save(result, async))
        .containsExactly(folder.resolve("t1-1.png"), folder.resolve("t1-2.png"));
    assertThat(images.getRequestCount()).isEqualTo(3);
  }

  @ParameterizedTest
  @CsvSource({
    "89504e470d0a1a0a0000000d49484452, 0000000049454e44ae426082",
    "ffd8ffe000104a4649460001, ffda0000ffd9",
    "ffd8ffe1ffda00ffd9000000ffda00, 0000ffd9",
    "474946383961003b000000000000, 00003b",
    "524946461400000057454250, 56503820000000000000000000000000",
    "524946460400000057454250, 5650382000000000"
  })
  void anImageThatEndsEarlyIsNotSavedThoughItsHostSaysItIsWhole(String start, String end)
      throws IOException {
    String more = "00".repeat(start.startsWith("47") ? 100 : 1);
    for (UnaryOperator<MockResponse> framing : FRAMINGS) {
      for (int i = 0; i < 3; i++) {
        images.enqueue(framing.apply(image(ByteString.decodeHex(start + more))));
      }
      assertThatThrownBy(() -> nanoBanana.save(completed("cut", url("/x")), folder))
          .isInstanceOf(ImageDownloadException.class)
          .hasMessageMatching(
              "Image 1 of task cut could not be downloaded: it ends early, after [0-9]+ bytes\\.");
      assertThat(filesIn(folder)).isEmpty();

      images.enqueue(framing.apply(image(ByteString.decodeHex(start + more + end))));
      images.enqueue(framing.apply(image(ByteString.decodeHex(start + more + end + "0a0a"))));
      assertThat(nanoBanana.download(completed("whole", url("/x")))).hasSize(1);
      assertThat(nanoBanana.download(completed("more", url("/x")))).hasSize(1);
    }
  }

  @Test
  void theEndOfAnImageIsFoundAcrossChunks() {
    byte[] image = new Buffer().write(PNG).readByteArray();
    for (int cut = 13; cut < image.length; cut++) {
      ImageEnd end = new ImageEnd(ImageFormat.PNG, PNG);
      end.add(new Buffer().write(image, 0, cut));
      assertThat(end.isReached()).isFalse();
      end.add(new Buffer().write(image, cut, image.length - cut));
      assertThat(end.isReached()).isTrue();
    }
  }

  @Test
  void aPartOfAnImageIsNotSaved() {
    for (int i = 0; i < 3; i++) {
      images.enqueue(image(PNG).setResponseCode(206));
    }

    assertThatThrownBy(() -> nanoBanana.save(completed("t1", url("/x")), folder))
        .isInstanceOf(ImageDownloadException.class)
        .hasMessageEndingWith("answered HTTP 206.");
    assertThat(folder).doesNotExist();
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void nothingThatIsNoFileIsReplacedOrTakenForTheImage(boolean overwrite) throws IOException {
    Files.createDirectories(folder.resolve("folder-1.png"));
    // Windows asks for a privilege.
    assumeThatCode(
            () -> Files.createSymbolicLink(folder.resolve("link-1.png"), folder.resolve("nowhere")))
        .doesNotThrowAnyException();
    SaveOptions options = SaveOptions.DEFAULT.withOverwrite(overwrite);

    for (String taskId : overwrite ? List.of("folder") : List.of("folder", "link")) {
      images.enqueue(image(PNG));
      assertThatThrownBy(() -> nanoBanana.save(completed(taskId, url("/x")), folder, options))
          .isInstanceOf(ImageDownloadException.class);
    }
    assertThat(folder.resolve("folder-1.png")).isDirectory();
  }

  @Test
  void imagesComeAsBytesWithTheirMediaType() throws Exception {
    images.enqueue(image(PNG).setHeader("Content-Type", "text/plain"));
    images.enqueue(image(PNG));
    TaskResult result = completed("t1", url("/x"));

    Image image = nanoBanana.download(result).get(0);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    image.writeTo(out);

    assertThat(image.mediaType()).isEqualTo("image/png");
    assertThat(image.bytes()).isEqualTo(PNG.toByteArray()).isEqualTo(out.toByteArray());
    assertThat(nanoBanana.downloadAsync(result, SaveOptions.DEFAULT).get(10, TimeUnit.SECONDS))
        .hasSize(1);
  }

  @Test
  void theHostsRetryAfterDelayIsHonoured() {
    images.enqueue(new MockResponse().setResponseCode(503).setHeader("Retry-After", "5"));
    images.enqueue(image(PNG));

    nanoBanana.download(completed("t1", url("/x")));

    assertThat(timer.pauses()).hasSize(1);
    assertThat(timer.pauses().get(0)).isBetween(Duration.ofSeconds(5), Duration.ofMillis(5500));
  }

  @Test
  void aDiskThatIsFullIsSaidAndNothingIsDownloadedAgain() {
    images.enqueue(image(large(100_000)));
    Path full = Path.of("/dev/full");
    assumeThat(full).exists();

    assertThatThrownBy(
            () ->
                new Download<Path>(
                        new OkHttpClient(),
                        timer.clock(),
                        SaveOptions.DEFAULT,
                        "t1",
                        1,
                        url("/x"),
                        List.of(),
                        () -> new FullDisk(Files.newOutputStream(full)))
                    .newAttempt()
                    .run())
        .isInstanceOfSatisfying(
            ImageDownloadException.class, e -> assertThat(e.isTransient()).isFalse())
        .hasMessageStartingWith(
            "Image 1 of task t1 could not be downloaded: it can't be written:"
                + " java.io.IOException: No space left on device");
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  @Timeout(60)
  void closingTheClientEndsADownloadThatStandsStill(boolean async) throws Exception {
    images.enqueue(new MockResponse().setSocketPolicy(SocketPolicy.NO_RESPONSE));
    TaskResult result = completed("t1", url("/x"));
    CompletableFuture<?> closing =
        CompletableFuture.runAsync(
            () -> {
              try {
                images.takeRequest();
              } catch (InterruptedException e) {
                throw new AssertionError(e);
              }
              nanoBanana.close();
            });

    assertThatThrownBy(() -> save(result, async))
        .isInstanceOf(ImageDownloadException.class)
        .hasMessageContaining("The client was closed");
    closing.get(10, TimeUnit.SECONDS);
  }

  @Test
  @Timeout(60)
  void aDownloadThatTricklesInEndsAtItsTimeout() {
    images.enqueue(image(large(100_000)).throttleBody(1, 100, TimeUnit.MILLISECONDS));

    try (NanoBanana once = nanoBanana.newBuilder().retryPolicy(RetryPolicy.NEVER).build()) {
      assertThatThrownBy(
              () ->
                  once.download(
                      completed("t1", url("/x")),
                      SaveOptions.DEFAULT.withTimeout(Duration.ofMillis(300))))
          .isInstanceOf(ImageDownloadException.class)
          .hasMessageEndingWith("java.io.InterruptedIOException: timeout.");
    }
  }

  @Test
  void aFolderThatCannotBeMadeIsNamed() throws IOException {
    images.enqueue(image(PNG));
    Path file = Files.writeString(home.resolve("file"), "in the way");

    assertThatThrownBy(() -> nanoBanana.save(completed("t1", url("/x")), file.resolve("folder")))
        .isInstanceOf(ImageDownloadException.class)
        .hasMessageStartingWith("Image 1 of task t1 could not be downloaded: it can't be written: ")
        .hasMessageContaining(file.toString());
    assertThat(images.getRequestCount()).isEqualTo(1);
  }

  @Test
  void aTaskWithoutAnImageHasNothingToSave() {
    TaskResult processing = TaskResult.builder("t1", TaskStatus.PROCESSING).build();

    assertThatThrownBy(() -> nanoBanana.save(processing, folder))
        .isInstanceOf(ImageDownloadException.class)
        .hasMessage(
            "Task t1 is processing and has no image to download. Pass on what await returns.");
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

  private List<Path> save(TaskResult result, boolean async) throws Exception {
    if (!async) {
      return nanoBanana.save(result, folder);
    }
    try {
      return nanoBanana.saveAsync(result, folder, SaveOptions.DEFAULT).get(10, TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      throw (Exception) e.getCause();
    }
  }

  /** Writes to where nothing can be written. */
  private record FullDisk(OutputStream out) implements Download.Target<Path> {
    @Override
    public void write(Buffer bytes) throws IOException {
      bytes.writeTo(out);
    }

    @Override
    public Path keep(ImageFormat format) {
      throw new AssertionError("kept");
    }

    @Override
    public void close() {
      try {
        out.close();
      } catch (IOException e) {
        throw new AssertionError(e);
      }
    }
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
