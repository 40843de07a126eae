package ai.mountsea.nanobanana.sandbox;

import com.squareup.moshi.JsonDataException;
import com.squareup.moshi.JsonEncodingException;
import com.squareup.moshi.JsonReader;
import com.squareup.moshi.JsonWriter;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import okio.Buffer;
import org.jspecify.annotations.Nullable;

/** JSON as maps, lists, strings, numbers, booleans and null. Numbers are written as they were. */
final class Json {
  private static final int MAX_DIGITS = 1_000;

  private Json() {}

  /**
   * Reads one JSON value.
   *
   * @param subject what it is, the beginning of the sentence that says what is wrong with it
   * @throws IOException with a sentence, if the text is anything else
   */
  static @Nullable Object read(String json, String subject) throws IOException {
    JsonReader reader = JsonReader.of(new Buffer().writeUtf8(json));
    try {
      Object value = value(reader);
      if (reader.peek() != JsonReader.Token.END_DOCUMENT) {
        throw new JsonEncodingException("More than one value");
      }
      return value;
    } catch (EOFException e) {
      throw new IOException(
          json.isBlank()
              ? subject + " is empty"
              : subject + " is not valid JSON: it ends too early",
          e);
    } catch (JsonEncodingException e) { // Moshi's sentences are for those who call Moshi.
      throw new IOException(subject + " is not valid JSON at path " + reader.getPath(), e);
    } catch (JsonDataException e) {
      throw new IOException(subject + " can't be read: " + e.getMessage(), e);
    }
  }

  private static @Nullable Object value(JsonReader reader) throws IOException {
    switch (reader.peek()) {
      case BEGIN_OBJECT -> {
        Map<Object, @Nullable Object> map = new LinkedHashMap<>();
        reader.beginObject();
        while (reader.hasNext()) {
          String name = reader.nextName();
          if (map.containsKey(name)) {
            throw new JsonDataException("A field is there twice, at path " + reader.getPath());
          }
          map.put(name, value(reader));
        }
        reader.endObject();
        return map;
      }
      case BEGIN_ARRAY -> {
        List<@Nullable Object> list = new ArrayList<>();
        reader.beginArray();
        while (reader.hasNext()) {
          list.add(value(reader));
        }
        reader.endArray();
        return list;
      }
      case STRING -> {
        return reader.nextString();
      }
      case NUMBER -> {
        return number(reader);
      }
      case BOOLEAN -> {
        return reader.nextBoolean();
      }
      default -> {
        return reader.nextNull();
      }
    }
  }

  private static Number number(JsonReader reader) throws IOException {
    String path = reader.getPath();
    String text = reader.nextString();
    double number = Double.parseDouble(text);
    if (Double.isInfinite(number)) {
      throw new JsonDataException("A number is too large, at path " + path);
    }
    if (text.matches("-?[0-9]{1,18}")) {
      return Long.valueOf(text);
    }
    return text.length() <= MAX_DIGITS ? new BigDecimal(text) : (Number) number;
  }

  static String write(@Nullable Object value) {
    Buffer buffer = new Buffer();
    try (JsonWriter writer = JsonWriter.of(buffer)) {
      writer.setSerializeNulls(true);
      writer.jsonValue(value);
    } catch (IOException e) {
      throw new UncheckedIOException(e); // A buffer has none.
    }
    return buffer.readUtf8();
  }
}
