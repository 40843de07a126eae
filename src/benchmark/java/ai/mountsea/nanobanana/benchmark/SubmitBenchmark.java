package ai.mountsea.nanobanana.benchmark;

import ai.mountsea.nanobanana.NanoBanana;
import ai.mountsea.nanobanana.api.Action;
import ai.mountsea.nanobanana.api.ApiJsonAdapters;
import ai.mountsea.nanobanana.api.GenerateImageRequest;
import ai.mountsea.nanobanana.api.NanoBananaApi;
import com.squareup.moshi.Moshi;
import java.io.IOException;
import java.util.concurrent.TimeUnit;
import okhttp3.HttpUrl;
import okhttp3.MediaType;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;
import retrofit2.Retrofit;
import retrofit2.converter.moshi.MoshiConverterFactory;

/**
 * A synchronous submit on loopback, beside its floors: OkHttp alone, and bare Retrofit. All on one
 * processor: a call handed to and fro between two costs more in waking them than in the client, and
 * how much more is up to chance for a whole fork.
 */
@State(Scope.Benchmark)
@Fork(5)
@Warmup(iterations = 6, time = 2)
@Measurement(iterations = 3, time = 2)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class SubmitBenchmark {
  private static final MediaType JSON = MediaType.get("application/json; charset=UTF-8");
  private static final GenerateImageRequest CAT =
      GenerateImageRequest.builder(
              "A fluffy orange cat running through a sunny meadow", Action.GENERATE)
          .build();

  private LoopbackServer server;
  private OkHttpClient okHttpClient;
  private HttpUrl url;
  private NanoBananaApi retrofit;
  private NanoBanana nanoBanana;

  /** Starts the server and the three clients. */
  @Setup
  public void start() {
    keepToOneProcessor();
    server = LoopbackServer.created();
    okHttpClient = new OkHttpClient();
    url = HttpUrl.get(server.url() + "gemini/image/generate");
    retrofit =
        new Retrofit.Builder()
            .baseUrl(server.url())
            .client(okHttpClient)
            .addConverterFactory(
                MoshiConverterFactory.create(
                    new Moshi.Builder().add(new ApiJsonAdapters()).build()))
            .build()
            .create(NanoBananaApi.class);
    nanoBanana = NanoBanana.builder().apiKey("sk-benchmark").baseUrl(server.url()).build();
  }

  private static void keepToOneProcessor() {
    String pid = Long.toString(ProcessHandle.current().pid());
    try {
      new ProcessBuilder("taskset", "--all-tasks", "--cpu-list", "--pid", "0", pid)
          .start()
          .waitFor();
    } catch (IOException | InterruptedException e) {
      System.out.println("On all processors, so forks differ by chance: " + e.getMessage());
    }
  }

  /**
   * Stops them.
   *
   * @throws IOException if the server can't be closed
   */
  @TearDown
  public void stop() throws IOException {
    nanoBanana.close();
    okHttpClient.dispatcher().executorService().shutdown();
    okHttpClient.connectionPool().evictAll();
    server.close();
  }

  /**
   * The floor: a body and a reply put together by hand, with the same headers.
   *
   * @return the reply
   * @throws IOException if the call fails
   */
  @Benchmark
  public String okHttp() throws IOException {
    String body =
        "{\"prompt\":\"" + CAT.prompt() + "\",\"action\":\"" + CAT.action().value() + "\"}";
    Request request =
        new Request.Builder()
            .url(url)
            .header("Authorization", "Bearer sk-benchmark")
            .post(RequestBody.create(body, JSON))
            .build();
    try (Response response = okHttpClient.newCall(request).execute()) {
      String json = response.body().string();
      return json.substring(json.indexOf(':') + 2, json.length() - 2);
    }
  }

  /**
   * The floor under Retrofit: the generated interface alone, without even the key.
   *
   * @return the task id
   * @throws IOException if the call fails
   */
  @Benchmark
  public String retrofit() throws IOException {
    return retrofit.generateImage(CAT).execute().body().taskId();
  }

  /**
   * The client with everything on.
   *
   * @return the task id
   */
  @Benchmark
  public String nanoBanana() {
    return nanoBanana.submit(CAT);
  }
}
