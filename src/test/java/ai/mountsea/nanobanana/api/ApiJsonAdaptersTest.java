package ai.mountsea.nanobanana.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.squareup.moshi.JsonDataException;
import com.squareup.moshi.Moshi;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.math.BigDecimal;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ApiJsonAdaptersTest {
  private final Moshi moshi = new Moshi.Builder().add(new ApiJsonAdapters()).build();

  @Test
  void whatIsNotSetIsNotWritten() {
    GenerateImageRequest request = GenerateImageRequest.builder("A cat", Action.GENERATE).build();

    assertThat(moshi.adapter(GenerateImageRequest.class).toJson(request))
        .isEqualTo("{\"prompt\":\"A cat\",\"action\":\"generate\"}");
  }

  @Test
  void whatIsSetIsWrittenUnderItsNameInTheSpec() {
    GenerateImageRequest request =
        GenerateImageRequest.builder("A cat", Action.EDIT)
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
        GenerateImageRequest.builder("猫 \"quoted\" \\ \n", Action.EDIT)
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
            TaskResult.builder("t1", TaskStatus.COMPLETED)
                .result(ImageResult.builder().imageUrls(List.of("https://x.example/1.png")).build())
                .errorCode(7L)
                .createdAt(OffsetDateTime.parse("2026-01-15T09:30:00Z"))
                .traceId("abc")
                .build());
  }

  @Test
  void unknownPropertiesAreKept() {
    String json =
        """
        {"taskId":"t1","status":"ready","result":{"unlisted":12.50},"unlisted":{"a":[1,{},null,true]},"x":null}""";

    TaskResult result = TaskResult.fromJson(json);

    assertThat(result.additionalProperties().get("unlisted"))
        .isEqualTo(Map.of("a", Arrays.asList(BigDecimal.ONE, Map.of(), null, true)));
    assertThat(result.additionalProperties()).containsEntry("x", null).isUnmodifiable();
    assertThat(result.result().additionalProperties())
        .containsEntry("unlisted", new BigDecimal("12.50"));
    assertThat(result.toJson()).isEqualTo(json);
  }

  @Test
  void noUnknownPropertiesCostNothing() {
    TaskResult result = TaskResult.fromJson("{\"taskId\":\"t1\",\"status\":\"ready\"}");

    assertThat(result.additionalProperties()).isSameAs(Map.of());
  }

  @Test
  void aPropertyThatTheSpecDoesNotKnowIsSentAsGiven() {
    GenerateImageRequest request =
        GenerateImageRequest.builder("A cat", Action.GENERATE)
            .model(new Model("not-in-the-spec"))
            .additionalProperty("unlisted-number", 42)
            .additionalProperty("unlisted-object", Map.of("strength", 0.5))
            .additionalProperty("unlisted-null", null)
            .build();

    assertThat(request.toJson())
        .isEqualTo(
            """
            {"prompt":"A cat","action":"generate","model":"not-in-the-spec","unlisted-number":42,\
            "unlisted-object":{"strength":0.5},"unlisted-null":null}""");
    assertThat(GenerateImageRequest.fromJson(request.toJson())).isEqualTo(request);
    assertThat(request.toBuilder().build()).isEqualTo(request);
  }

  @Test
  void aPropertyThatTheSpecKnowsHasToBeSetByItsSetter() {
    String message =
        "`model` is not an additional property of GenerateImageRequest: use the setter that its"
            + " builder has for it";

    assertThatThrownBy(() -> cat().additionalProperty("model", "not-in-the-spec"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(message);
    assertThatThrownBy(
            () ->
                constructed(
                    GenerateImageRequest.class,
                    Map.of(
                        "prompt",
                        "A cat",
                        "action",
                        Action.GENERATE,
                        "additionalProperties",
                        Map.of("model", "x"))))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(message);
  }

  @Test
  void anAdditionalPropertyHasToBeJson() {
    List<Object> itself = new ArrayList<>();
    itself.add(itself);

    assertThatThrownBy(() -> cat().additionalProperty("x", Action.EDIT))
        .hasMessage(
            "A JSON value is a String, Boolean, Number, List, Map or null, not a"
                + " ai.mountsea.nanobanana.api.Action");
    assertThatThrownBy(() -> cat().additionalProperty("x", List.of(Double.NaN)))
        .hasMessage("NaN is not a number in JSON");
    assertThatThrownBy(() -> cat().additionalProperty("x", Map.of(1, 2)))
        .hasMessage("A name in JSON is a String, not 1");
    assertThatThrownBy(() -> cat().additionalProperty("x", itself))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("JSON is nested too deeply: over 255");
  }

  @Test
  void anAdditionalPropertyDoesNotChangeWithWhatItWasMadeFrom() {
    List<Object> list = new ArrayList<>(List.of(1));
    GenerateImageRequest request = cat().additionalProperty("x", list).build();

    list.clear();

    assertThat(request.additionalProperties()).containsEntry("x", List.of(BigDecimal.ONE));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          "result": {"imageUrls": ["https://a/1", "https://a/2"]}        | https://a/1 https://a/2
          "result": {"imageUrls": []}, "images": ["https://a/1"]         | https://a/1
          "result": {"imageUrls": "https://a/1"}                         | https://a/1
          "result": {"imageUrls": ["https://a/1", null, 7]}              | https://a/1
          "result": {"image_urls": ["https://a/1"]}                      | https://a/1
          "result": {"images": [{"url": "https://a/1"}, {"imageUrl": "https://a/2"}]} | https://a/1 https://a/2
          "result": {"outputs": [{"image_url": "https://a/1"}]}          | https://a/1
          "result": {"imageUrl": "https://a/1", "url": "https://a/2"}    | https://a/1
          "result": {"url": "HTTP://a/1"}                                | HTTP://a/1
          "result": "https://a/1"                                        | https://a/1
          "result": ["https://a/1", {"url": "https://a/2"}]              | https://a/1 https://a/2
          "outputs": {"url": "https://a/1"}                              | https://a/1
          "images": ["https://a/1"]                                      | https://a/1
          "result": 7, "imageUrls": ["https://a/1"]                      | https://a/1
          "result": null                                                 | ''
          "status": "completed"                                          | ''
          "result": {"videoUrls": ["https://a/1"]}                       | ''
          "result": {"imageUrls": ["data:image/png;base64,AA==", "/1.png", "https:/a/1", "https://", " https://a/1"]} | ''
          """)
  void imageUrlsAreFoundInEveryShapeThatClientsHaveSeen(String properties, String urls) {
    TaskResult result =
        TaskResult.fromJson("{\"taskId\": \"t1\", \"status\": \"completed\", " + properties + "}");

    assertThat(String.join(" ", result.imageUrls())).isEqualTo(urls);
    assertThat(TaskResult.fromJson(result.toJson())).isEqualTo(result);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          "result": 7                   | result
          "errorMessage": ["a", 1]      | errorMessage
          "errorCode": "E17"            | errorCode
          "errorCode": 1e400            | errorCode
          "createdAt": 1768469400       | createdAt
          "finishedAt": {"at": "now"}   | finishedAt
          "traceId": 17                 | traceId
          """)
  void anOptionalPropertyOfAnotherTypeIsAbsentAndItsJsonIsKept(String property, String name)
      throws Throwable {
    TaskResult result =
        TaskResult.fromJson("{\"taskId\": \"t1\", \"status\": \"failed\", " + property + "}");

    assertThat(result.additionalProperties()).containsOnlyKeys(name);
    assertThat(result)
        .isEqualTo(
            constructed(
                TaskResult.class,
                Map.of(
                    "taskId",
                    "t1",
                    "status",
                    TaskStatus.FAILED,
                    "additionalProperties",
                    result.additionalProperties())));
    assertThat(TaskResult.fromJson(result.toJson())).isEqualTo(result);
  }

  @Test
  void aNumberThatIsTooLargeIsKeptAsItsText() {
    String digits = "9".repeat(100_000);
    TaskResult result =
        TaskResult.fromJson(
            "{\"taskId\":\"t1\",\"status\":\"ready\",\"errorCode\":1e99999999999,\"traceId\":1e99999999999,"
                + "\"x\":[1e99999999999,"
                + digits
                + ",1e999]}");

    assertThat(result.errorCode()).isNull();
    assertThat(result.traceId()).isNull();
    assertThat(result.additionalProperties())
        .containsEntry("x", List.of("1e99999999999", digits, new BigDecimal("1e999")))
        .containsEntry("errorCode", "1e99999999999");
  }

  @ParameterizedTest
  @CsvSource({"[,]", "'{\"a\":','}'"})
  void nestingThatIsTooDeepIsReportedLikeOtherJsonThatCannotBeRead(String open, String close) {
    for (String name : List.of("new", "result", "traceId", "taskId")) {
      String json =
          "{\"taskId\":\"t1\",\"status\":\"ready\",\"%s\":%s%s}"
              .formatted(
                  name,
                  open.repeat(100_000) + (open.equals("[") ? "" : "1"),
                  close.repeat(100_000));

      assertThatThrownBy(() -> TaskResult.fromJson(json)).isInstanceOf(JsonDataException.class);
    }
  }

  @Test
  void nestingUpToTheLimitIsKept() {
    String json =
        "{\"taskId\":\"t1\",\"status\":\"ready\",\"new\":%s%s}"
            .formatted("[".repeat(254), "]".repeat(254));

    assertThat(TaskResult.fromJson(json).toJson()).isEqualTo(json);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        "{",
        "{\"taskId\":\"t1\"",
        "null",
        "nul",
        "<html>",
        "{'taskId':'t1'}",
        "{\"a\":\"\\u12",
        "{\"a\":\"\\q\"}",
        "{\"a\":01}",
        "{\"a\":NaN}",
        "{} {}",
        "{a:1}",
        "\ufeff{}",
        "{\"a\":\"\ud800",
        "\u0000"
      })
  void whatIsNotJsonIsRefusedInOneWay(String text) {
    assertThatThrownBy(() -> TaskResult.fromJson(text)).isInstanceOf(JsonDataException.class);
    assertThatThrownBy(() -> GenerateImageRequest.fromJson(text))
        .isInstanceOf(JsonDataException.class);
  }

  @Test
  void everythingIsSerializable() throws Exception {
    GenerateImageRequest request =
        cat()
            .imageUrls("https://a/1")
            .model(Model.NANO_BANANA_2)
            .additionalProperty("x", List.of(Map.of("a", 1)))
            .build();
    TaskResult result =
        TaskResult.fromJson(
            """
            {"taskId": "t1", "status": "completed", "createdAt": "2026-01-15T09:30:00.000Z",
             "result": {"imageUrls": ["https://a/1"], "x": [null]}, "y": {"z": 1}}
            """);

    for (Object each :
        List.of(
            request,
            result,
            GenerateImageResponse.builder("t1").build(),
            ErrorBody.fromJson("{\"message\": [\"a\"]}"))) {
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
        out.writeObject(each);
      }
      try (ObjectInputStream in =
          new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray()))) {
        assertThat(in.readObject()).isEqualTo(each);
      }
    }
  }

  @Test
  void anOpenEnumListsTheValuesThatTheSpecKnows() {
    assertThat(Model.values())
        .startsWith(Model.NANO_BANANA_FAST, Model.NANO_BANANA_PRO, Model.NANO_BANANA_2);
    assertThat(new Model("nano-banana-pro")).isEqualTo(Model.NANO_BANANA_PRO);
    assertThat(new Model("not-in-the-spec").known()).isEqualTo(Model.Known.UNRECOGNIZED);
    assertThat(new Model("not-in-the-spec")).hasToString("not-in-the-spec");
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
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          {"status": "ready"}                                            | Required value 'taskId' missing at path $
          {"taskId": "t1"}                                               | Required value 'status' missing at path $
          {"taskId": null, "status": "ready"}                            | Unexpected null at $.taskId
          {"taskId": 7, "status": "ready"}                               | Expected a string but was a number at path $.taskId
          {"taskId": "t1", "status": ["ready"]}                          | Expected a string but was an array at path $.status
          []                                                             | Expected an object but was an array at path $
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
          {"prompt": "A cat", "action": 1}                              | Expected one of [edit, generate] but was 1 at path $.action
          {"prompt": "A cat", "action": "generate", "model": null}      | Unexpected null at $.model
          {"prompt": "A cat", "action": "generate", "num_images": "1"}  | Expected a number but was a string at path $.num_images
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

    assertThat(result).isEqualTo(TaskResult.builder("t1", TaskStatus.FAILED).build());
  }

  @Test
  void aRequestCannotBeBuiltWithoutWhatEveryRequestNeeds() {
    assertThatThrownBy(
            () ->
                constructed(
                    GenerateImageRequest.class,
                    Map.of("prompt", "A cat", "additionalProperties", Map.of())))
        .isInstanceOf(NullPointerException.class)
        .hasMessage("GenerateImageRequest needs action");
  }

  @Test
  void aRequiredArgumentThatIsNullIsRefusedAtOnceWithItsName() {
    assertThatThrownBy(() -> GenerateImageRequest.builder(null, Action.EDIT))
        .isInstanceOf(NullPointerException.class)
        .hasMessage("GenerateImageRequest needs prompt");
    assertThatThrownBy(() -> cat().action(null))
        .isInstanceOf(NullPointerException.class)
        .hasMessage("GenerateImageRequest needs action");
    assertThatThrownBy(() -> cat().imageUrls("https://a/1", null).build())
        .isInstanceOf(NullPointerException.class)
        .hasMessage("GenerateImageRequest needs imageUrls[1]");
    assertThatThrownBy(() -> cat().additionalProperty(null, 1))
        .isInstanceOf(NullPointerException.class)
        .hasMessage("The name of an additional property is null");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", " ", "\n", "\u3000"})
  void aBlankModelIsAMistake(String value) {
    assertThatThrownBy(() -> new Model(value))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Model needs a value that is not blank");
    assertThatThrownBy(() -> new Model(null))
        .isInstanceOf(NullPointerException.class)
        .hasMessage("Model needs a value");
    assertThatThrownBy(
            () ->
                GenerateImageRequest.fromJson(
                    "{\"prompt\":\"a\",\"action\":\"edit\",\"model\":\"\"}"))
        .isInstanceOf(JsonDataException.class)
        .hasMessage("Model needs a value that is not blank at path $.model");
  }

  @Test
  void aBlankStatusHidesNoImage() {
    String json =
        "{\"taskId\":\"t1\",\"status\":\"\",\"result\":{\"imageUrls\":[\"https://a/1\"]}}";

    assertThat(TaskResult.fromJson(json).imageUrls()).containsExactly("https://a/1");
  }

  @Test
  void halfACharacterIsWrittenAsItWasRead() {
    String json = "{\"taskId\":\"\\u0061\\ud83d\",\"x\":[\"\\udc08\"]}";

    assertThat(GenerateImageResponse.fromJson(json).toJson()).isEqualTo(json);
  }

  @Test
  void imageUrlsMayBeSetOneByOne() {
    assertThat(cat().imageUrls("https://a/1", "https://a/2").build())
        .isEqualTo(cat().imageUrls(List.of("https://a/1", "https://a/2")).build());
  }

  @Test
  void aRequestDoesNotChangeWithTheListItWasMadeFrom() {
    List<String> imageUrls = new ArrayList<>(List.of("https://example.com/a.png"));
    GenerateImageRequest request =
        GenerateImageRequest.builder("A cat", Action.EDIT).imageUrls(imageUrls).build();

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

  private static GenerateImageRequest.Builder cat() {
    return GenerateImageRequest.builder("A cat", Action.GENERATE);
  }

  private TaskResult read(String json) throws IOException {
    return moshi.adapter(TaskResult.class).fromJson(json);
  }

  /** Calls the constructor of a record, whatever components the spec gives it; null where unset. */
  private static <T extends Record> T constructed(Class<T> type, Map<String, ?> components)
      throws Throwable {
    RecordComponent[] all = type.getRecordComponents();
    Class<?>[] types = Arrays.stream(all).map(RecordComponent::getType).toArray(Class<?>[]::new);
    try {
      return type.getDeclaredConstructor(types)
          .newInstance(
              Arrays.stream(all).map(component -> components.get(component.getName())).toArray());
    } catch (InvocationTargetException e) {
      throw e.getCause();
    }
  }
}
