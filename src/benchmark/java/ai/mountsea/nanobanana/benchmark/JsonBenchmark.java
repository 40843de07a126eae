package ai.mountsea.nanobanana.benchmark;

import ai.mountsea.nanobanana.api.Action;
import ai.mountsea.nanobanana.api.ApiJsonAdapters;
import ai.mountsea.nanobanana.api.AspectRatio;
import ai.mountsea.nanobanana.api.GenerateImageRequest;
import ai.mountsea.nanobanana.api.GenerateImageResponse;
import ai.mountsea.nanobanana.api.Model;
import com.squareup.moshi.JsonAdapter;
import com.squareup.moshi.JsonReader;
import com.squareup.moshi.JsonWriter;
import com.squareup.moshi.Moshi;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.TimeUnit;
import okio.Buffer;
import okio.ByteString;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** The generated adapters beside ones that a person would write for just these two types. */
@State(Scope.Benchmark)
@Fork(2)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 3, time = 1)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class JsonBenchmark {
  private final GenerateImageRequest request =
      GenerateImageRequest.builder(
              "A fluffy orange cat running through a sunny meadow", Action.GENERATE)
          .numImages(1)
          .imageUrls(List.of("https://example.com/image1.jpg", "https://example.com/image2.jpg"))
          .aspectRatio(AspectRatio.RATIO_1_1)
          .model(Model.NANO_BANANA_FAST)
          .build();
  private final ByteString response = ByteString.encodeUtf8("{\"taskId\":\"7f1c2a90\"}");

  private final Moshi moshi = new Moshi.Builder().add(new ApiJsonAdapters()).build();
  private final JsonAdapter<GenerateImageRequest> generatedRequest =
      moshi.adapter(GenerateImageRequest.class);
  private final JsonAdapter<GenerateImageResponse> generatedResponse =
      moshi.adapter(GenerateImageResponse.class);
  private final JsonAdapter<GenerateImageRequest> handWrittenRequest = new RequestByHand();
  private final JsonAdapter<GenerateImageResponse> handWrittenResponse = new ResponseByHand();

  /**
   * Encodes with the generated adapter.
   *
   * @return the bytes
   * @throws IOException never
   */
  @Benchmark
  public ByteString encodeGenerated() throws IOException {
    return encode(generatedRequest);
  }

  /**
   * Encodes with the hand-written adapter.
   *
   * @return the bytes
   * @throws IOException never
   */
  @Benchmark
  public ByteString encodeByHand() throws IOException {
    return encode(handWrittenRequest);
  }

  /**
   * Decodes with the generated adapter.
   *
   * @return the response
   * @throws IOException never
   */
  @Benchmark
  public GenerateImageResponse decodeGenerated() throws IOException {
    return generatedResponse.fromJson(new Buffer().write(response));
  }

  /**
   * Decodes with the hand-written adapter.
   *
   * @return the response
   * @throws IOException never
   */
  @Benchmark
  public GenerateImageResponse decodeByHand() throws IOException {
    return handWrittenResponse.fromJson(new Buffer().write(response));
  }

  private ByteString encode(JsonAdapter<GenerateImageRequest> adapter) throws IOException {
    Buffer buffer = new Buffer();
    adapter.toJson(buffer, request);
    return buffer.readByteString();
  }

  private static final class RequestByHand extends JsonAdapter<GenerateImageRequest> {
    @Override
    public GenerateImageRequest fromJson(JsonReader reader) {
      throw new UnsupportedOperationException();
    }

    @Override
    public void toJson(JsonWriter writer, GenerateImageRequest value) throws IOException {
      writer.beginObject();
      writer.name("prompt").value(value.prompt());
      writer.name("action").value(value.action().value());
      if (value.numImages() != null) {
        writer.name("num_images").value(value.numImages());
      }
      if (value.imageUrls() != null) {
        writer.name("image_urls").beginArray();
        for (String url : value.imageUrls()) {
          writer.value(url);
        }
        writer.endArray();
      }
      if (value.aspectRatio() != null) {
        writer.name("aspect_ratio").value(value.aspectRatio().value());
      }
      if (value.model() != null) {
        writer.name("model").value(value.model().value());
      }
      if (value.resolution() != null) {
        writer.name("resolution").value(value.resolution().value());
      }
      writer.endObject();
    }
  }

  private static final class ResponseByHand extends JsonAdapter<GenerateImageResponse> {
    private static final JsonReader.Options NAMES = JsonReader.Options.of("taskId");

    @Override
    public GenerateImageResponse fromJson(JsonReader reader) throws IOException {
      String taskId = null;
      reader.beginObject();
      while (reader.hasNext()) {
        if (reader.selectName(NAMES) == 0) {
          taskId = reader.nextString();
        } else {
          reader.skipName();
          reader.skipValue();
        }
      }
      reader.endObject();
      return GenerateImageResponse.builder(taskId).build();
    }

    @Override
    public void toJson(JsonWriter writer, GenerateImageResponse value) {
      throw new UnsupportedOperationException();
    }
  }
}
