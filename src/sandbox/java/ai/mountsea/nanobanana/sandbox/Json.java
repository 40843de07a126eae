package ai.mountsea.nanobanana.sandbox;

import com.squareup.moshi.JsonAdapter;
import com.squareup.moshi.JsonDataException;
import com.squareup.moshi.Moshi;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
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
      return wholeNumbers(ADAPTER.fromJson(json));
    } catch (JsonDataException e) {
      throw new IOException(e.getMessage(), e);
    }
  }

  /** Moshi reads 1 as 1.0, which would be shown like that. */
  private static @Nullable Object wholeNumbers(@Nullable Object value) {
    if (value instanceof Map<?, ?> map) {
      Map<Object, @Nullable Object> whole = new LinkedHashMap<>();
      map.forEach((name, each) -> whole.put(name, wholeNumbers(each)));
      return whole;
    }
    if (value instanceof List<?> list) {
      List<@Nullable Object> whole = new ArrayList<>();
      list.forEach(each -> whole.add(wholeNumbers(each)));
      return whole;
    }
    return value instanceof Double number
            && number == Math.rint(number)
            && Math.abs(number) < 1L << 53
        ? (Object) number.longValue()
        : value;
  }

  static String write(@Nullable Object value) {
    return ADAPTER.toJson(value);
  }

  static String write(@Nullable Object value, String indent) {
    return ADAPTER.indent(indent).toJson(value);
  }
}
