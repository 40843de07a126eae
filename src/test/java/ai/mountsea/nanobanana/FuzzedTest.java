package ai.mountsea.nanobanana;

import static org.assertj.core.api.Assertions.assertThat;

import ai.mountsea.nanobanana.api.Action;
import ai.mountsea.nanobanana.api.ApiJsonAdapters;
import ai.mountsea.nanobanana.api.AspectRatio;
import ai.mountsea.nanobanana.api.GenerateImageRequest;
import ai.mountsea.nanobanana.api.ImageResult;
import ai.mountsea.nanobanana.api.Model;
import ai.mountsea.nanobanana.api.Resolution;
import ai.mountsea.nanobanana.api.TaskResult;
import ai.mountsea.nanobanana.api.TaskStatus;
import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import com.code_intelligence.jazzer.junit.DictionaryEntries;
import com.code_intelligence.jazzer.junit.FuzzTest;
import com.networknt.schema.InputFormat;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaLocation;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import com.squareup.moshi.JsonAdapter;
import com.squareup.moshi.Moshi;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import javax.net.SocketFactory;
import okhttp3.ConnectionPool;
import okhttp3.OkHttpClient;
import okio.ByteString;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.dataformat.yaml.YAMLMapper;

/**
 * Whatever the service sends ends in a value or in one of the library's exceptions. The ordinary
 * build runs the inputs in src/test/resources; each test looks for new ones, for ten minutes, by
 *
 * <pre>
 * JAZZER_FUZZ=1 mvn test -Dtest=FuzzedTest#anyBytes -Djazzer.hooks=true -Djazzer.max_duration=10m
 * </pre>
 */
class FuzzedTest {
  private static final String KEY = "sk-fuzzed-0123456789";
  private static final Duration BOUND = Duration.ofSeconds(10);
  private static final byte[] PNG =
      ByteString.decodeHex("89504e470d0a1a0a0000000049454e44ae426082").toByteArray();

  private static final CannedSockets SERVICE = new CannedSockets();
  private static final OkHttpClient OKHTTP =
      new OkHttpClient.Builder()
          .socketFactory(SERVICE)
          .connectionPool(new ConnectionPool(0, 1, TimeUnit.MILLISECONDS))
          .build();
  private static final NanoBanana NANO_BANANA =
      NanoBanana.builder()
          .apiKey(KEY)
          .baseUrl("http://127.0.0.1/")
          .okHttpClient(OKHTTP)
          .retryPolicy(RetryPolicy.NEVER)
          .build();
  private static final GenerateImageRequest CAT = request("A cat");

  private static final JsonAdapter<GenerateImageRequest> JSON =
      new Moshi.Builder().add(new ApiJsonAdapters()).build().adapter(GenerateImageRequest.class);
  private static final Schema SCHEMA = schema();

  @TempDir static Path temp;

  @DictionaryEntries({
    "HTTP/1.1 ",
    "201",
    "\\x0d\\x0a",
    "Transfer-Encoding: chunked\\x0d\\x0a",
    "taskId"
  })
  @FuzzTest
  void anyBytes(byte[] reply) throws Exception {
    SERVICE.reply = reply;

    endsWell(() -> NANO_BANANA.submit(CAT));
    endsWell(() -> NANO_BANANA.result("t1"));
  }

  @DictionaryEntries({"taskId", "task_id", "id", "data", "null", "1e999", "\\u0000"})
  @FuzzTest
  void anyBodyOfA201(byte[] body) throws Exception {
    SERVICE.reply = reply("201 Created", "", body);

    endsWell(() -> NANO_BANANA.submit(CAT));
  }

  @DictionaryEntries({
    "taskId",
    "status",
    "completed",
    "result",
    "imageUrls",
    "https://",
    "errorMessage",
    "traceId",
    "errorCode",
    "createdAt",
    "1e99999999999",
    "null",
    "outputs",
    "\\ud800"
  })
  @FuzzTest
  void anyBodyOfAResult(byte[] body) throws Exception {
    SERVICE.reply = reply("200 OK", "", body);

    endsWell(() -> NANO_BANANA.result("t1"));
    endsWell(
        () ->
            NANO_BANANA.await(
                "t1",
                WaitOptions.DEFAULT.withTimeout(Duration.ZERO).withMinDelay(Duration.ofNanos(1))));
  }

  @DictionaryEntries({"message", "error", "errorMessage", "1e99999999999", "[", "{\"a\":", KEY})
  @FuzzTest
  void anyBodyOfAnError(byte[] body) throws Exception {
    SERVICE.reply = reply(one(body, 400, 401, 429, 500, 503, 307) + " No", "", body);

    endsWell(() -> NANO_BANANA.submit(CAT));
    endsWell(() -> NANO_BANANA.result("t1"));
  }

  @DictionaryEntries({
    "Retry-After: ",
    "Location: ",
    "Content-Type: ",
    "Content-Length: ",
    "Content-Encoding: gzip",
    "Transfer-Encoding: chunked",
    "\\x0d\\x0a",
    "Set-Cookie: a=b",
    KEY
  })
  @FuzzTest
  void anyHeaders(byte[] headers) throws Exception {
    int status = one(headers, 100, 200, 201, 204, 304, 307, 400, 408, 429, 500, 503, 999);
    SERVICE.reply =
        reply(status + " X", new String(headers, StandardCharsets.ISO_8859_1), new byte[0]);

    endsWell(() -> NANO_BANANA.submit(CAT));
    endsWell(() -> NANO_BANANA.result("t1"));
  }

  @DictionaryEntries({"Thu, 15 Jan 2026 09:30:02 GMT", "99999999999999999999", "-1", "1.5", "+5"})
  @FuzzTest
  void anyRetryAfter(String value) throws Exception {
    SERVICE.reply = reply("429 No", "Retry-After: " + value + "\r\n", new byte[0]);

    Throwable failure = endsWell(() -> NANO_BANANA.submit(CAT));

    if (failure instanceof RateLimitedException e && e.retryAfter() != null) {
      assertThat(e.retryAfter()).isGreaterThanOrEqualTo(Duration.ZERO);
    }
  }

  @DictionaryEntries({"http://", "https://", "HTTP", "@", ":80", "?", "#", "\u3000", "\u2028"})
  @FuzzTest
  void theRulesAndTheSpecAgree(FuzzedDataProvider data) {
    GenerateImageRequest.Builder builder =
        GenerateImageRequest.builder("", data.pickValue(Action.values()))
            .aspectRatio(data.pickValue(orAbsent(AspectRatio.values())))
            .model(data.pickValue(orAbsent(Model.values())))
            .resolution(data.pickValue(orAbsent(Resolution.values())))
            .numImages(data.consumeBoolean() ? data.consumeInt() : null);
    if (data.consumeBoolean()) {
      List<String> urls = new ArrayList<>();
      for (int i = data.consumeInt(0, 3); i > 0; i--) {
        urls.add(data.consumeString(60));
      }
      builder.imageUrls(urls);
    }
    GenerateImageRequest request = builder.prompt(data.consumeRemainingAsString()).build();
    String sent = JSON.toJson(request);

    List<Violation> violations = RequestRules.check(request);

    assertThat(violations.isEmpty())
        .as("%s, the rules say %s", sent, violations)
        .isEqualTo(SCHEMA.validate(sent, InputFormat.JSON).isEmpty());
  }

  @DictionaryEntries({"/", "..", "\\\\", "CON", "\u0000", "\ud800", "a-1", "A-1"})
  @FuzzTest
  void anyTaskIdNamesAFileOfItsOwn(FuzzedDataProvider data) throws Exception {
    SERVICE.reply = reply("200 OK", "", PNG);
    String first = data.consumeString(300);
    String second = data.consumeRemainingAsString();
    Path folder = Files.createDirectory(Files.createTempDirectory(temp, "f").resolve("images"));

    Path file = NANO_BANANA.save(completed(first), folder).get(0);

    assertThat(file.toRealPath().getParent()).isEqualTo(folder.toRealPath());
    if (!first.equalsIgnoreCase(second)) {
      Path other = NANO_BANANA.save(completed(second), folder).get(0);
      assertThat(other.getFileName().toString())
          .isNotEqualToIgnoringCase(file.getFileName().toString());
      Files.delete(other);
    }
    Files.delete(file);
  }

  /** Returns what a call threw, which must be an exception of the library without the API key. */
  private static @Nullable Throwable endsWell(Callable<?> call) throws Exception {
    long start = System.nanoTime();
    Throwable failure = null;
    try {
      assertThat(call.call()).isNotNull();
    } catch (NanoBananaException e) {
      failure = e;
      for (Throwable cause = e; cause != null; cause = cause.getCause()) {
        assertThat(cause.toString()).doesNotContain(KEY);
      }
    }
    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(BOUND);
    return failure;
  }

  private static GenerateImageRequest request(String prompt) {
    return GenerateImageRequest.builder(prompt, Action.GENERATE).build();
  }

  private static TaskResult completed(String taskId) {
    return TaskResult.builder(taskId, TaskStatus.COMPLETED)
        .result(ImageResult.builder().imageUrls(List.of("http://127.0.0.1/cat.png")).build())
        .build();
  }

  private static byte[] reply(String status, String headers, byte[] body) {
    ByteArrayOutputStream reply = new ByteArrayOutputStream();
    reply.writeBytes(
        ("HTTP/1.1 " + status + "\r\n" + headers).getBytes(StandardCharsets.ISO_8859_1));
    reply.writeBytes(
        ("Content-Length: " + body.length + "\r\n\r\n").getBytes(StandardCharsets.UTF_8));
    reply.writeBytes(body);
    return reply.toByteArray();
  }

  /** Picks a number, always the same for the same bytes. */
  private static int one(byte[] bytes, int... numbers) {
    return numbers[Math.floorMod(Arrays.hashCode(bytes), numbers.length)];
  }

  private static <T> List<@Nullable T> orAbsent(List<T> values) {
    List<@Nullable T> all = new ArrayList<>(values);
    all.add(null);
    return all;
  }

  private static Schema schema() {
    JsonNode spec = new YAMLMapper().readTree(Path.of("openapi", "nano-banana.yaml").toFile());
    return SchemaRegistry.withDefaultDialect(
            SpecificationVersion.DRAFT_2020_12,
            registry -> registry.schemas(Map.of("spec:nano-banana", spec.toString())))
        .getSchema(SchemaLocation.of("spec:nano-banana#/components/schemas/GenerateImageRequest"));
  }

  /** Sockets that take any request and give the same reply, without a network. */
  private static final class CannedSockets extends SocketFactory {
    volatile byte[] reply = {};

    @Override
    public Socket createSocket() {
      return new Socket() {
        private boolean closed;

        @Override
        public void connect(SocketAddress address, int timeout) {}

        @Override
        public InputStream getInputStream() {
          return new ByteArrayInputStream(reply);
        }

        @Override
        public OutputStream getOutputStream() {
          return OutputStream.nullOutputStream();
        }

        @Override
        public void setSoTimeout(int millis) {}

        @Override
        public int getSoTimeout() {
          return 0;
        }

        @Override
        public boolean isConnected() {
          return true;
        }

        @Override
        public boolean isClosed() {
          return closed;
        }

        @Override
        public void close() {
          closed = true;
        }
      };
    }

    @Override
    public Socket createSocket(String host, int port) throws IOException {
      throw new IOException();
    }

    @Override
    public Socket createSocket(String host, int port, InetAddress local, int localPort)
        throws IOException {
      throw new IOException();
    }

    @Override
    public Socket createSocket(InetAddress host, int port) throws IOException {
      throw new IOException();
    }

    @Override
    public Socket createSocket(InetAddress host, int port, InetAddress local, int localPort)
        throws IOException {
      throw new IOException();
    }
  }
}
