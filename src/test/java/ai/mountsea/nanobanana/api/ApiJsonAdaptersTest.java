package ai.mountsea.nanobanana.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.squareup.moshi.JsonDataException;
import com.squareup.moshi.Moshi;
import java.io.IOException;
import java.lang.reflect.Type;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ApiJsonAdaptersTest {
  private final Moshi moshi = new Moshi.Builder().add(new ApiJsonAdapters()).build();

  @Test
  void whatIsNotSetIsNotWritten() {
    GenerateImageRequest request =
        GenerateImageRequest.builder().prompt("A cat").action(Action.GENERATE).build();

    assertThat(moshi.adapter(GenerateImageRequest.class).toJson(request))
        .isEqualTo("{\"prompt\":\"A cat\",\"action\":\"generate\"}");
  }

  @Test
  void whatIsSetIsWrittenUnderItsNameInTheSpec() {
    GenerateImageRequest request =
        GenerateImageRequest.builder()
            .prompt("A cat")
            .action(Action.EDIT)
            .numImages(1)
            .imageUrls(List.of("https://example.com/a.png"))
            .aspectRatio(AspectRatio.RATIO_1_8)
            .model(Model.NANO_BANANA_2)
            .resolution(Resolution.FOUR_K)
            .build();

    String json = moshi.adapter(GenerateImageRequest.class).toJson(request);

    assertThat(json)
        .isEqualTo(
            "{\"prompt\":\"A cat\",\"action\":\"edit\",\"num_images\":1,"
                + "\"image_urls\":[\"https://example.com/a.png\"],\"aspect_ratio\":\"1:8\","
                + "\"model\":\"nano-banana-2\",\"resolution\":\"4K\"}");
  }

  @Test
  void aRequestReadsBackAsItWasWritten() throws IOException {
    GenerateImageRequest request =
        GenerateImageRequest.builder()
            .prompt("猫 \"quoted\" \\ \n")
            .action(Action.EDIT)
            .imageUrls(List.of("https://example.com/a.png", "https://example.com/b.png"))
            .model(Model.NANO_BANANA_PRO)
            .resolution(Resolution.ONE_K)
            .build();

    String json = moshi.adapter(GenerateImageRequest.class).toJson(request);

    assertThat(moshi.adapter(GenerateImageRequest.class).fromJson(json)).isEqualTo(request);
  }

  @Test
  void aCompletedTaskIsReadWhole() throws IOException {
    TaskResult result =
        read(
            """
            {"taskId": "t1", "status": "completed", "result": {"imageUrls": ["https://x.example/1.png"]},
             "errorCode": 7, "createdAt": "2026-01-15T09:30:00.000Z", "traceId": "abc"}
            """);

    assertThat(result)
        .isEqualTo(
            TaskResult.builder()
                .taskId("t1")
                .status(TaskStatus.COMPLETED)
                .result(ImageResult.builder().imageUrls(List.of("https://x.example/1.png")).build())
                .errorCode(7L)
                .createdAt(OffsetDateTime.parse("2026-01-15T09:30:00Z"))
                .traceId("abc")
                .build());
  }

  @Test
  void unknownFieldsAreSkipped() throws IOException {
    TaskResult result =
        read("{\"new\": {\"a\": [1, {}]}, \"taskId\": \"t1\", \"status\": \"ready\", \"x\": null}");

    assertThat(result)
        .isEqualTo(TaskResult.builder().taskId("t1").status(TaskStatus.READY).build());
  }

  @Test
  void anUnknownStatusKeepsItsText() throws IOException {
    TaskStatus status = read("{\"taskId\": \"t1\", \"status\": \"On Hold\"}").status();

    assertThat(status.value()).isEqualTo("On Hold");
    assertThat(status.known()).isEqualTo(TaskStatus.Known.UNRECOGNIZED);
  }

  @Test
  void everyKnownStatusIsItsConstant() {
    for (TaskStatus.Known known : TaskStatus.Known.values()) {
      String value = known.name().toLowerCase(java.util.Locale.ROOT);
      assertThat(new TaskStatus(value).known()).isEqualTo(known);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"\"yesterday\"", "\"\"", "1.5", "{}", "[true]"})
  void aTimeOrACodeThatCannotBeReadHidesNoImage(String odd) throws IOException {
    String json =
        "{'taskId': 't1', 'createdAt': %1$s, 'finishedAt': %1$s, 'errorCode': %1$s, 'status': 'completed'}";

    TaskResult result = read(json.replace('\'', '"').formatted(odd));

    assertThat(result)
        .isEqualTo(TaskResult.builder().taskId("t1").status(TaskStatus.COMPLETED).build());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          {"status": "ready"}                                            | Required value 'taskId' missing at path $
          {"taskId": "t1"}                                               | Required value 'status' missing at path $
          {"taskId": null, "status": "ready"}                            | Unexpected null at $.taskId
          {"taskId": 7, "status": "ready"}                               | Expected STRING but was NUMBER at path $.taskId
          {"taskId": "t1", "status": ["ready"]}                          | Expected STRING but was BEGIN_ARRAY at path $.status
          {"taskId": "t1", "status": "ready", "traceId": 5}              | Expected STRING but was NUMBER at path $.traceId
          {"taskId": "t1", "status": "ready", "result": "x"}             | Expected BEGIN_OBJECT but was STRING at path $.result
          {"taskId": "t1", "status": "ready", "result": {"imageUrls": {}}}     | Expected BEGIN_ARRAY but was BEGIN_OBJECT at path $.result.imageUrls
          {"taskId": "t1", "status": "ready", "result": {"imageUrls": ["a", null]}} | Unexpected null at $.result.imageUrls[1]
          """)
  void aResponseThatBreaksTheSpecIsRefusedWithItsPath(String json, String message) {
    assertThatThrownBy(() -> read(json)).isInstanceOf(JsonDataException.class).hasMessage(message);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          {"prompt": "A cat"}                                           | Required value 'action' missing at path $
          {"prompt": "A cat", "action": "draw"}                         | Expected one of [edit, generate] but was draw at path $.action
          {"prompt": "A cat", "action": 1}                              | Expected one of [edit, generate] but was 1.0 at path $.action
          {"prompt": "A cat", "action": "generate", "model": null}      | Unexpected null at $.model
          {"prompt": "A cat", "action": "generate", "num_images": "1"}  | Expected NUMBER but was STRING at path $.num_images
          {"prompt": "A cat", "action": "generate", "num_images": 1.5}  | Expected an int but was 1.5 at path $.num_images
          """)
  void aRequestThatBreaksTheSpecIsRefusedWithItsPath(String json, String message) {
    assertThatThrownBy(() -> moshi.adapter(GenerateImageRequest.class).fromJson(json))
        .isInstanceOf(JsonDataException.class)
        .hasMessage(message);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "prompt",
        "action",
        "num_images",
        "image_urls",
        "aspect_ratio",
        "model",
        "resolution"
      })
  void nothingInARequestMayBeNull(String name) {
    String json = "{\"" + name + "\": null, \"prompt\": \"A cat\", \"action\": \"generate\"}";

    assertThatThrownBy(() -> moshi.adapter(GenerateImageRequest.class).fromJson(json))
        .isInstanceOf(JsonDataException.class)
        .hasMessage("Unexpected null at $." + name);
  }

  @Test
  void whatAResultDoesNotPromiseMayBeNull() throws IOException {
    TaskResult result =
        read(
            """
            {"taskId": "t1", "status": "failed", "result": null, "errorMessage": null,
             "errorCode": null, "createdAt": null, "finishedAt": null, "traceId": null}
            """);

    assertThat(result)
        .isEqualTo(TaskResult.builder().taskId("t1").status(TaskStatus.FAILED).build());
  }

  @Test
  void aRequestCannotBeBuiltWithoutWhatEveryRequestNeeds() {
    assertThatThrownBy(() -> GenerateImageRequest.builder().prompt("A cat").build())
        .isInstanceOf(NullPointerException.class)
        .hasMessage("GenerateImageRequest needs action");
  }

  @Test
  void aRequestDoesNotChangeWithTheListItWasMadeFrom() {
    List<String> imageUrls = new ArrayList<>(List.of("https://example.com/a.png"));
    GenerateImageRequest request =
        GenerateImageRequest.builder()
            .prompt("A cat")
            .action(Action.EDIT)
            .imageUrls(imageUrls)
            .build();

    imageUrls.clear();

    assertThat(request.imageUrls()).containsExactly("https://example.com/a.png");
    assertThat(request.toBuilder().build()).isEqualTo(request);
  }

  @Test
  void noTypeOfTheApiIsLeftToMoshisReflection() {
    List<Type> leftToMoshi = new ArrayList<>();
    Moshi watched =
        new Moshi.Builder()
            .add(new ApiJsonAdapters())
            .addLast(
                (type, annotations, moshi) -> {
                  leftToMoshi.add(type);
                  return null;
                })
            .build();

    watched.adapter(GenerateImageRequest.class);
    watched.adapter(GenerateImageResponse.class);
    watched.adapter(TaskResult.class);
    watched.adapter(ErrorBody.class);

    assertThat(leftToMoshi).isEmpty();
  }

  private TaskResult read(String json) throws IOException {
    return moshi.adapter(TaskResult.class).fromJson(json);
  }
}
