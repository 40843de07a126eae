package ai.mountsea.nanobanana.spec;

import static org.assertj.core.api.Assertions.assertThat;

import ai.mountsea.nanobanana.RequestRules;
import ai.mountsea.nanobanana.api.ApiJsonAdapters;
import ai.mountsea.nanobanana.api.GenerateImageRequest;
import ai.mountsea.nanobanana.api.GenerateImageResponse;
import ai.mountsea.nanobanana.api.TaskResult;
import ai.mountsea.nanobanana.spec.OpenApi.Use;
import ai.mountsea.nanobanana.spec.Samples.Sample;
import com.squareup.moshi.JsonDataException;
import com.squareup.moshi.Moshi;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** The library and the spec agree at the boundary of every keyword of the spec. */
class LimitsTest {
  private final OpenApi spec = spec();
  private final Moshi moshi = new Moshi.Builder().add(new ApiJsonAdapters()).build();

  @Test
  void theLibraryRefusesExactlyTheRequestsThatTheSpecRefuses() throws IOException {
    List<Sample> samples = samples(Use.REQUEST, "GenerateImageRequest");
    List<String> different = new ArrayList<>();
    for (Sample sample : samples) {
      if (sample.isValid(0) && !sends(sample.value())) {
        different.add(
            SchemaChanges.shown(sample.value()) + " is valid, and the library refuses it.");
      } else if (!sample.isValid(0) && sends(sample.value())) {
        different.add(
            "%s is invalid (%s), and nothing in the library refuses it. Add the check to RequestRules, or x-enforced-by: nothing to the spec."
                .formatted(SchemaChanges.shown(sample.value()), sample.errors().get(0)));
      }
    }

    assertThat(different).isEmpty();
    assertThat(samples).hasSizeGreaterThan(25);
  }

  @Test
  void theLibraryReadsEveryResponseThatTheSpecAllows() throws IOException {
    Map<String, Class<?>> responses =
        Map.of(
            "GenerateImageResponse", GenerateImageResponse.class, "TaskResult", TaskResult.class);
    List<String> unread = new ArrayList<>();
    for (Map.Entry<String, Class<?>> response : responses.entrySet()) {
      for (Sample sample : samples(Use.RESPONSE, response.getKey())) {
        if (sample.isValid(0) && !reads(response.getValue(), sample.value())) {
          unread.add(response.getKey() + " " + SchemaChanges.shown(sample.value()));
        }
      }
    }

    assertThat(unread).as("valid, and the library can't read it").isEmpty();
  }

  private List<Sample> samples(Use use, String schema) {
    OpenApi used = spec.as(use);
    return Samples.of(List.of(used), List.of(used.root().at("/components/schemas/" + schema)))
        .all();
  }

  private boolean sends(JsonNode request) throws IOException {
    try {
      GenerateImageRequest read =
          moshi.adapter(GenerateImageRequest.class).fromJson(request.toString());
      return read != null && RequestRules.check(read).isEmpty();
    } catch (JsonDataException e) {
      return false;
    }
  }

  private boolean reads(Class<?> type, JsonNode response) throws IOException {
    try {
      return moshi.adapter(type).fromJson(response.toString()) != null;
    } catch (JsonDataException e) {
      return false;
    }
  }

  private static OpenApi spec() {
    try {
      return new OpenApi(
          Enforced.of(OpenApi.of(Files.readString(Path.of("openapi/nano-banana.yaml"))).root()));
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }
}
