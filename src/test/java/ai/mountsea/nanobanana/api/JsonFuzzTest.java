package ai.mountsea.nanobanana.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import com.squareup.moshi.JsonDataException;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.lang.reflect.InvocationTargetException;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;
import tools.jackson.core.json.JsonWriteFeature;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Random JSON, read as each record of the API. It is either a record that is the same JSON again,
 * or a {@link JsonDataException}.
 */
class JsonFuzzTest {
  private static final int ROUNDS = 5_000;
  private static final JsonMapper JSON =
      JsonMapper.builder()
          .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
          .enable(JsonWriteFeature.ESCAPE_NON_ASCII)
          .build();

  /** A record, and JSON that has all of its properties and more. */
  static final List<List<String>> RECORDS =
      List.of(
          List.of(
              "GenerateImageRequest",
              """
              {"prompt":"A cat","action":"edit","num_images":1,"image_urls":["https://a/1"],
              "aspect_ratio":"1:1","model":"nano-banana-2","resolution":"1K","seed":[7,{"a":null}]}"""),
          List.of("GenerateImageResponse", "{\"taskId\":\"t1\",\"x\":{\"y\":[null,1.50]}}"),
          List.of(
              "TaskResult",
              """
              {"taskId":"t1","status":"completed","result":{"imageUrls":["https://a/1"],"z":0},
              "errorMessage":"e","errorCode":4001,"createdAt":"2026-01-15T09:30:00.000Z",
              "finishedAt":"2026-01-15T09:30:21.480Z","traceId":"abc","outputs":[{"url":"https://a/2"}]}"""),
          List.of("ImageResult", "{\"imageUrls\":[\"https://a/1\"],\"seed\":12.50}"),
          List.of("ErrorBody", "{\"message\":[\"a\"],\"error\":\"b\",\"traceId\":7,\"x\":true}"));

  private static final List<String> VALUES =
      List.of(
          "null",
          "true",
          "0",
          "-0",
          "0.0",
          "-1.50",
          "1e2",
          "1e400",
          "1e-400",
          "2147483648",
          "9223372036854775808",
          "123456789012345678901234567890.123456789",
          "\"\"",
          "\" \"",
          "\"text\"",
          "\"https://a/3\"",
          "\"\\ud83d\\udc08\"",
          "\"\\ud83d\"",
          "\"2026-02-30T00:00:00Z\"",
          "[]",
          "{}",
          "[null]",
          "[[[\"a\"]]]",
          "{\"\":0}",
          "{\"url\":\"https://a/4\"}");

  @ParameterizedTest
  @FieldSource("RECORDS")
  void mutatedJsonIsReadWholeOrRefused(List<String> record) throws Exception {
    Random random = new Random(20_261_124);
    int read = 0;
    for (int i = 0; i < ROUNDS; i++) {
      ObjectNode json = (ObjectNode) JSON.readTree(record.get(1));
      for (int mutations = 1 + random.nextInt(4); mutations > 0; mutations--) {
        mutate(json, random);
      }
      Object value = read(record.get(0), JSON.writeValueAsString(json));
      if (value != null) {
        read++;
        same(json, JSON.readTree(toJson(value)), json.toString());
        assertThat(read(record.get(0), toJson(value))).isEqualTo(value).hasSameHashCodeAs(value);
        if (i % 100 == 0) {
          assertThat(serialized(value)).isEqualTo(value);
        }
        if (value instanceof TaskResult result) {
          assertThat(result.imageUrls()).doesNotContainNull();
        }
      }
    }
    assertThat(read).isBetween(ROUNDS / 10, ROUNDS);
  }

  @ParameterizedTest
  @FieldSource("RECORDS")
  void mutatedTextIsReadOrRefused(List<String> record) throws Exception {
    Random random = new Random(20_261_125);
    String pieces = "{}[]\",:\\0123456789.eE+-nulltruefalse \n\u0000\ud83d\udc08/*#'";
    for (int i = 0; i < ROUNDS; i++) {
      StringBuilder text = new StringBuilder(record.get(1));
      for (int mutations = 1 + random.nextInt(4); mutations > 0; mutations--) {
        int at = random.nextInt(text.length() + 1);
        switch (random.nextInt(4)) {
          case 0 -> text.insert(at, pieces.charAt(random.nextInt(pieces.length())));
          case 1 -> text.setLength(at);
          case 2 -> text.delete(at, Math.min(text.length(), at + 1 + random.nextInt(5)));
          default -> text.insert(at, text.substring(random.nextInt(at + 1), at));
        }
      }
      Object value = read(record.get(0), text.toString());
      if (value != null) {
        assertThat(read(record.get(0), toJson(value))).isEqualTo(value);
      }
    }
  }

  private static void mutate(JsonNode node, Random random) {
    JsonNode value = JSON.readTree(VALUES.get(random.nextInt(VALUES.size())));
    if (node instanceof ObjectNode object) {
      List<String> names = List.copyOf(object.propertyNames());
      String name = names.isEmpty() ? "new" : names.get(random.nextInt(names.size()));
      switch (random.nextInt(6)) {
        case 0 -> object.remove(name);
        case 1 -> object.set("new" + random.nextInt(3), value);
        case 2 -> object.set(name.toUpperCase(java.util.Locale.ROOT), value);
        case 3 -> {
          if (object.path(name).isContainer() && !object.get(name).isEmpty()) {
            mutate(object.get(name), random);
          }
        }
        default -> object.set(name, value);
      }
    } else if (node instanceof ArrayNode array) {
      if (random.nextBoolean()) {
        array.add(value);
      } else {
        array.set(random.nextInt(array.size()), value);
      }
    }
  }

  /**
   * What is written has everything that was read. Optional properties that are null are not
   * written, and neither are insignificant digits of a time.
   */
  private static void same(JsonNode read, JsonNode written, String of) {
    if (read instanceof ObjectNode object) {
      object
          .properties()
          .forEach(
              property -> {
                JsonNode other = written.path(property.getKey());
                if (!(property.getValue().isNull() && other.isMissingNode())) {
                  same(property.getValue(), other, of);
                }
              });
    } else if (read instanceof ArrayNode array && written.size() == array.size()) {
      for (int i = 0; i < array.size(); i++) {
        same(array.get(i), written.get(i), of);
      }
    } else if (read.isNumber() && written.isNumber()) {
      assertThat(written.decimalValue()).as(of).isEqualByComparingTo(read.decimalValue());
    } else if (read.isString() && read.asString().startsWith("2026-01")) {
      assertThat(written.asString()).as(of).startsWith(read.asString().substring(0, 16));
    } else {
      assertThat(written).as(of).isEqualTo(read);
    }
  }

  private static Object read(String type, String json) throws Exception {
    try {
      return Class.forName("ai.mountsea.nanobanana.api." + type)
          .getMethod("fromJson", String.class)
          .invoke(null, json);
    } catch (InvocationTargetException e) {
      if (!(e.getCause() instanceof JsonDataException)) {
        fail(json, e.getCause());
      }
      return null;
    }
  }

  private static String toJson(Object value) throws Exception {
    return (String) value.getClass().getMethod("toJson").invoke(value);
  }

  private static Object serialized(Object value) throws Exception {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
      out.writeObject(value);
    }
    try (ObjectInputStream in =
        new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray()))) {
      return in.readObject();
    }
  }
}
