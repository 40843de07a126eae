package ai.mountsea.nanobanana.sandbox;

import com.squareup.moshi.JsonAdapter;
import com.squareup.moshi.JsonDataException;
import com.squareup.moshi.Moshi;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** JSON as maps, lists, strings, numbers, booleans and null. */
final class Json {
  private static final JsonAdapter<Object> ADAPTER =
      new Moshi.Builder().build().adapter(Object.class).serializeNulls();

  private Json() {}

  /**
   * Reads one JSON value.
   *
   * @throws IOException with a sentence, if the text is anything else
   */
  static @Nullable Object read(String json) throws IOException {
    try {
      return ADAPTER.fromJson(json);
    } catch (JsonDataException e) {
      throw new IOException(e.getMessage(), e);
    }
  }

  static String write(@Nullable Object value) {
    return ADAPTER.toJson(value);
  }

  static String write(@Nullable Object value, String indent) {
    return ADAPTER.indent(indent).toJson(value);
  }
}
