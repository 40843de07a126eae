package ai.mountsea.nanobanana.internal;

import com.squareup.moshi.JsonAdapter;
import com.squareup.moshi.JsonDataException;
import com.squareup.moshi.JsonReader;
import com.squareup.moshi.JsonWriter;
import java.io.IOException;
import java.math.BigDecimal;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.function.Function;
import okhttp3.HttpUrl;
import okio.BufferedSink;
import okio.ByteString;
import org.jspecify.annotations.Nullable;

/**
 * What the generated adapters and records share. For generated code only: it may change at any
 * time.
 *
 * <p>Nothing is coerced: a JSON number is never read as a string, nor a string as a number. What
 * can't be read is a {@link JsonDataException}, and JSON that is malformed an {@link IOException}.
 */
public final class Json {
  /** A string. */
  public static final JsonAdapter<String> STRING = new StringAdapter();

  /**
   * Any JSON value: String, Boolean, BigDecimal, List, Map or null. A number that is too long or
   * too large for a BigDecimal is read as its text.
   */
  public static final JsonAdapter<Object> ANY = new AnyAdapter();

  /** Moshi reads and writes no deeper nesting. */
  private static final int MAX_DEPTH = 255;

  /** Parsing a number takes time that grows with the square of its digits. */
  private static final int MAX_DIGITS = 1_000;

  private Json() {}

  /** {@return an adapter of booleans} */
  public static JsonAdapter<Boolean> booleans() {
    return new Scalar<>(JsonReader.Token.BOOLEAN, "a boolean", Boolean::valueOf, JsonWriter::value);
  }

  /** {@return an adapter of 32-bit integers} */
  public static JsonAdapter<Integer> integers() {
    return number("an int", text -> new BigDecimal(text).intValueExact());
  }

  /** {@return an adapter of 64-bit integers} */
  public static JsonAdapter<Long> longs() {
    return number("a long", text -> new BigDecimal(text).longValueExact());
  }

  /** {@return an adapter of 32-bit floating-point numbers} */
  public static JsonAdapter<Float> floats() {
    return number("a float", text -> finite(Float.parseFloat(text)));
  }

  /** {@return an adapter of 64-bit floating-point numbers} */
  public static JsonAdapter<Double> doubles() {
    return number("a double", text -> finite(Double.parseDouble(text)));
  }

  /** {@return an adapter of numbers of any precision} */
  public static JsonAdapter<BigDecimal> decimals() {
    return number("a decimal", BigDecimal::new);
  }

  /** {@return an adapter of dates without a time, as RFC 3339 has them} */
  public static JsonAdapter<LocalDate> dates() {
    return text("a date", LocalDate::parse, LocalDate::toString);
  }

  /** {@return an adapter of dates and times with an offset, as RFC 3339 has them} */
  public static JsonAdapter<OffsetDateTime> dateTimes() {
    // Not toString, which leaves out seconds that are 0; RFC 3339 requires them.
    return text(
        "a date-time", OffsetDateTime::parse, DateTimeFormatter.ISO_OFFSET_DATE_TIME::format);
  }

  /** {@return an adapter of UUIDs} */
  public static JsonAdapter<UUID> uuids() {
    return text("a UUID", UUID::fromString, UUID::toString);
  }

  /** {@return an adapter of bytes in base64} */
  public static JsonAdapter<ByteString> bytes() {
    return text("base64", Json::decoded, ByteString::base64);
  }

  /**
   * Copies a list or a map so that the copy can't be changed, at any depth. Unlike List.copyOf it
   * keeps nulls and the order of maps.
   *
   * @param <T> the type of the value
   * @param value a list, a map, or a value that can't be changed
   * @return the copy
   */
  @SuppressWarnings("unchecked") // a copy has the type of the original
  public static <T extends @Nullable Object> T copy(T value) {
    if (value instanceof List<?> list) {
      List<@Nullable Object> copy = new ArrayList<>(list.size());
      for (Object each : list) {
        copy.add(Json.<@Nullable Object>copy(each));
      }
      return (T) Collections.unmodifiableList(copy);
    }
    if (value instanceof Map<?, ?> map) {
      Map<Object, @Nullable Object> copy = new LinkedHashMap<>();
      map.forEach((name, each) -> copy.put(name, Json.<@Nullable Object>copy(each)));
      return (T) Collections.unmodifiableMap(copy);
    }
    return value;
  }

  /**
   * Copies a list that has no nulls.
   *
   * @param <T> the type of the elements
   * @param list the list
   * @param name how the message names the list
   * @return a copy that can't be changed
   * @throws NullPointerException if an element is null; the message has its index
   */
  public static <T> List<T> elements(List<T> list, String name) {
    int index = 0;
    for (T element : list) {
      if (element == null) {
        throw new NullPointerException(name + "[" + index + "]");
      }
      index++;
    }
    return List.copyOf(list);
  }

  /**
   * Copies any JSON value, with each number as a BigDecimal.
   *
   * @param value a String, Boolean, Number, List or Map of such values, or null
   * @return a copy that can't be changed
   * @throws IllegalArgumentException if the value is not JSON
   */
  public static @Nullable Object tree(@Nullable Object value) {
    return tree(value, 1);
  }

  private static @Nullable Object tree(@Nullable Object value, int depth) {
    if (value == null || value instanceof String || value instanceof Boolean) {
      return value;
    }
    if (value instanceof Number number) {
      return decimal(number);
    }
    if (depth > MAX_DEPTH) {
      throw new IllegalArgumentException("JSON is nested too deeply: over " + MAX_DEPTH);
    }
    if (value instanceof List<?> list) {
      List<@Nullable Object> copy = new ArrayList<>(list.size());
      for (Object each : list) {
        copy.add(tree(each, depth + 1));
      }
      return Collections.unmodifiableList(copy);
    }
    if (value instanceof Map<?, ?> map) {
      Map<String, @Nullable Object> copy = new LinkedHashMap<>();
      for (Map.Entry<?, ?> entry : map.entrySet()) {
        if (!(entry.getKey() instanceof String name)) {
          throw new IllegalArgumentException("A name in JSON is a String, not " + entry.getKey());
        }
        copy.put(name, tree(entry.getValue(), depth + 1));
      }
      return Collections.unmodifiableMap(copy);
    }
    throw new IllegalArgumentException(
        "A JSON value is a String, Boolean, Number, List, Map or null, not a "
            + value.getClass().getName());
  }

  private static BigDecimal decimal(Number number) {
    if (number.getClass() == BigDecimal.class) {
      return (BigDecimal) number;
    }
    try {
      return new BigDecimal(number.toString());
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(number + " is not a number in JSON", e);
    }
  }

  /**
   * Copies the additional properties of a record, and refuses those that it has components for.
   *
   * @param type the name of the record
   * @param names what its components are called on the wire
   * @param properties the additional properties
   * @return a copy that can't be changed
   * @throws IllegalArgumentException if a name has a component, or a value is not JSON
   */
  public static Map<String, @Nullable Object> additional(
      String type, JsonReader.Options names, Map<String, @Nullable Object> properties) {
    return additional(type, names, properties, null);
  }

  /**
   * Copies the additional properties of a record that is read leniently. One that it has a
   * component for is allowed only while that component is null: it is what could not be read.
   *
   * @param type the name of the record
   * @param names what its components are called on the wire
   * @param properties the additional properties
   * @param components the values of the components, in the order of their names; null if all are
   *     present
   * @return a copy that can't be changed
   * @throws IllegalArgumentException if a name has a component, or a value is not JSON
   */
  public static Map<String, @Nullable Object> additional(
      String type,
      JsonReader.Options names,
      Map<String, @Nullable Object> properties,
      @Nullable Object @Nullable [] components) {
    Map<String, @Nullable Object> copy = new LinkedHashMap<>();
    properties.forEach(
        (name, value) -> {
          Objects.requireNonNull(name, "The name of an additional property is null");
          int component = names.strings().indexOf(name);
          if (component >= 0 && (components == null || components[component] != null)) {
            throw known(type, name);
          }
          copy.put(name, tree(value, 2));
        });
    return Collections.unmodifiableMap(copy);
  }

  private static IllegalArgumentException known(String type, String name) {
    return new IllegalArgumentException(
        "`"
            + name
            + "` is not an additional property of "
            + type
            + ": use the setter that its builder has for it");
  }

  /**
   * Reads a whole JSON text.
   *
   * @param <T> what to read
   * @param adapter how to read it
   * @param json the text
   * @return the value
   * @throws JsonDataException if the text is malformed or doesn't fit the type
   */
  public static <T> T fromJson(JsonAdapter<T> adapter, String json) {
    T value;
    try {
      value = adapter.fromJson(json);
    } catch (IOException e) {
      throw new JsonDataException("Malformed JSON: " + e.getMessage(), e);
    }
    if (value == null) {
      throw new JsonDataException("Unexpected null at $");
    }
    return value;
  }

  /**
   * Returns the image URLs in a JSON value: those in the first place that has any.
   *
   * @param json the value
   * @param places where to look, each the names from the root, joined by dots; there, a string, an
   *     object or an array of these is understood
   * @param names the names tried in an object, in this order
   * @return absolute http and https URLs, as they are in the JSON
   */
  public static List<String> imageUrls(
      @Nullable Object json, List<String> places, List<String> names) {
    for (String place : places) {
      Object found = json;
      for (String name : place.split("\\.", -1)) {
        found = found instanceof Map<?, ?> object ? object.get(name) : null;
      }
      List<String> urls = new ArrayList<>();
      if (found instanceof List<?> list) {
        list.forEach(each -> addImageUrl(each, names, urls));
      } else {
        addImageUrl(found, names, urls);
      }
      if (!urls.isEmpty()) {
        return List.copyOf(urls);
      }
    }
    return List.of();
  }

  private static void addImageUrl(@Nullable Object item, List<String> names, List<String> urls) {
    if (item instanceof Map<?, ?> object) {
      for (String name : names) {
        if (isHttpUrl(object.get(name))) {
          urls.add((String) object.get(name));
          return;
        }
      }
    } else if (isHttpUrl(item)) {
      urls.add((String) item);
    }
  }

  private static boolean isHttpUrl(@Nullable Object value) {
    // HttpUrl by itself also takes surrounding white space and http:/host.
    return value instanceof String text
        && (text.regionMatches(true, 0, "http://", 0, 7)
            || text.regionMatches(true, 0, "https://", 0, 8))
        && HttpUrl.parse(text) != null;
  }

  /**
   * Makes the complaint about a required property that is not there.
   *
   * @param name its name on the wire
   * @param reader where it was looked for
   * @return the exception to throw
   */
  public static JsonDataException missing(String name, JsonReader reader) {
    return new JsonDataException(
        "Required value '" + name + "' missing at path " + reader.getPath());
  }

  /**
   * Reads one of an open set of values.
   *
   * @param <T> the type of the value
   * @param reader stands before the value
   * @param of makes a value of its text
   * @return the value
   * @throws IOException if the JSON can't be read
   */
  public static <T> T open(JsonReader reader, Function<String, T> of) throws IOException {
    String path = reader.getPath();
    String text = STRING.fromJson(reader);
    try {
      return of.apply(text);
    } catch (IllegalArgumentException e) {
      throw new JsonDataException(e.getMessage() + " at path " + path, e);
    }
  }

  /**
   * Reads one of a closed set of values.
   *
   * @param <E> the enum
   * @param reader stands before the value
   * @param values the values on the wire
   * @param constants their constants
   * @return a constant
   * @throws IOException if the JSON can't be read
   */
  public static <E extends Enum<E>> E constant(
      JsonReader reader, JsonReader.Options values, E[] constants) throws IOException {
    int index = reader.peek() == JsonReader.Token.STRING ? reader.selectString(values) : -1;
    if (index >= 0) {
      return constants[index];
    }
    String path = reader.getPath();
    throw new JsonDataException(
        "Expected one of "
            + Arrays.toString(constants)
            + " but was "
            + ANY.fromJson(reader)
            + " at path "
            + path);
  }

  /**
   * Makes an adapter for arrays. It reads element by element, so that a wrong one is reported with
   * its path.
   *
   * @param <T> the type of the elements
   * @param element their adapter
   * @return the adapter
   */
  public static <T extends @Nullable Object> JsonAdapter<List<T>> list(JsonAdapter<T> element) {
    return new JsonAdapter<>() {
      @Override
      public List<T> fromJson(JsonReader reader) throws IOException {
        List<T> list = new ArrayList<>();
        beginArray(reader);
        while (reader.hasNext()) {
          list.add(element.fromJson(reader));
        }
        reader.endArray();
        return list;
      }

      @Override
      public void toJson(JsonWriter writer, List<T> list) throws IOException {
        writer.beginArray();
        for (T value : list) {
          element.toJson(writer, value);
        }
        writer.endArray();
      }
    };
  }

  /**
   * Makes an adapter for objects with any names. It reads value by value, so that a wrong one is
   * reported with its path.
   *
   * @param <T> the type of the values
   * @param element their adapter
   * @return the adapter
   */
  public static <T extends @Nullable Object> JsonAdapter<Map<String, T>> map(
      JsonAdapter<T> element) {
    return new JsonAdapter<>() {
      @Override
      public Map<String, T> fromJson(JsonReader reader) throws IOException {
        Map<String, T> map = new LinkedHashMap<>();
        Json.beginObject(reader);
        while (reader.hasNext()) {
          map.put(reader.nextName(), element.fromJson(reader));
        }
        reader.endObject();
        return map;
      }

      @Override
      public void toJson(JsonWriter writer, Map<String, T> map) throws IOException {
        boolean serializeNulls = writer.getSerializeNulls();
        writer.beginObject();
        writer.setSerializeNulls(true); // or a null would go, and its name with it
        for (Map.Entry<String, T> entry : map.entrySet()) {
          writer.name(entry.getKey());
          element.toJson(writer, entry.getValue());
        }
        writer.setSerializeNulls(serializeNulls);
        writer.endObject();
      }
    };
  }

  /**
   * Makes an adapter that writes a null, which Moshi would leave out together with its name.
   *
   * @param <T> the type of the values
   * @param adapter for those that are not null
   * @return the adapter
   */
  public static <T> JsonAdapter<T> nullable(JsonAdapter<T> adapter) {
    return new JsonAdapter<>() {
      @Override
      public @Nullable T fromJson(JsonReader reader) throws IOException {
        return reader.peek() == JsonReader.Token.NULL
            ? reader.<T>nextNull()
            : adapter.fromJson(reader);
      }

      @Override
      public void toJson(JsonWriter writer, @Nullable T value) throws IOException {
        boolean serializeNulls = writer.getSerializeNulls();
        writer.setSerializeNulls(true);
        if (value == null) {
          writer.nullValue();
        } else {
          adapter.toJson(writer, value);
        }
        writer.setSerializeNulls(serializeNulls);
      }
    };
  }

  /**
   * Writes additional properties into the object that is being written.
   *
   * @param writer stands inside an object
   * @param properties the properties
   * @throws IOException if the JSON can't be written
   */
  public static void write(JsonWriter writer, Map<String, @Nullable Object> properties)
      throws IOException {
    for (Map.Entry<String, @Nullable Object> property : properties.entrySet()) {
      writer.name(property.getKey());
      ANY.toJson(writer, property.getValue());
    }
  }

  /**
   * Begins to read an object.
   *
   * @param reader stands before it
   * @throws JsonDataException if there is something else
   * @throws IOException if the JSON is malformed
   */
  public static void beginObject(JsonReader reader) throws IOException {
    if (reader.peek() != JsonReader.Token.BEGIN_OBJECT) {
      throw unexpected(JsonReader.Token.BEGIN_OBJECT, reader.peek(), reader.getPath());
    }
    reader.beginObject();
  }

  private static void beginArray(JsonReader reader) throws IOException {
    if (reader.peek() != JsonReader.Token.BEGIN_ARRAY) {
      throw unexpected(JsonReader.Token.BEGIN_ARRAY, reader.peek(), reader.getPath());
    }
    reader.beginArray();
  }

  private static float finite(float number) {
    if (Float.isInfinite(number)) {
      throw new ArithmeticException();
    }
    return number;
  }

  private static double finite(double number) {
    if (Double.isInfinite(number)) {
      throw new ArithmeticException();
    }
    return number;
  }

  private static ByteString decoded(String text) {
    ByteString bytes = ByteString.decodeBase64(text);
    if (bytes == null) {
      throw new IllegalArgumentException();
    }
    return bytes;
  }

  private static <T> JsonAdapter<T> text(
      String what, Function<String, T> parse, Function<T, String> format) {
    return new Scalar<>(
        JsonReader.Token.STRING, what, parse, (writer, value) -> writer.value(format.apply(value)));
  }

  private static <T extends Number> JsonAdapter<T> number(String what, Function<String, T> parse) {
    return new Scalar<>(
        JsonReader.Token.NUMBER,
        what,
        text -> {
          if (text.length() > MAX_DIGITS) {
            throw new ArithmeticException();
          }
          return parse.apply(text);
        },
        JsonWriter::value);
  }

  /** The additional properties of an object that is being read or built. */
  public static final class AdditionalProperties {
    private @Nullable Map<String, @Nullable Object> map;

    /** Makes a collection without any. */
    public AdditionalProperties() {}

    /**
     * Reads the name and the value of a property that the spec doesn't know.
     *
     * @param reader stands before the name
     * @throws IOException if the JSON can't be read
     */
    public void read(JsonReader reader) throws IOException {
      read(reader.nextName(), reader);
    }

    private void read(String name, JsonReader reader) throws IOException {
      put(name, ANY.fromJson(reader));
    }

    /**
     * Reads the value of an optional property. One that is not as the spec says is kept as it is,
     * under its name.
     *
     * @param <T> what the spec says that the value is
     * @param name the name of the property
     * @param adapter reads such a value
     * @param reader stands before the value
     * @return the value; null if it is null or not as the spec says
     * @throws IOException if the JSON can't be read
     */
    public <T> @Nullable T readOptional(String name, JsonAdapter<T> adapter, JsonReader reader)
        throws IOException {
      remove(name); // The last of several properties of the same name counts.
      if (reader.peek() == JsonReader.Token.NULL) {
        return reader.<T>nextNull();
      }
      if (adapter == STRING) {
        if (reader.peek() == JsonReader.Token.STRING) {
          return adapter.fromJson(reader);
        }
        read(name, reader);
        return null;
      }
      Object value = ANY.fromJson(reader);
      try {
        return adapter.fromJsonValue(value);
      } catch (JsonDataException notAsTheSpecSays) {
        put(name, value);
        return null;
      }
    }

    /**
     * Adds properties.
     *
     * @param properties the properties
     */
    public void putAll(Map<String, @Nullable Object> properties) {
      properties.forEach(this::put);
    }

    /**
     * Adds a property that the spec doesn't know.
     *
     * @param type the name of the record
     * @param names what its components are called on the wire
     * @param name the name of the property
     * @param value its value
     * @throws IllegalArgumentException if the spec knows the name, or the value is not JSON
     */
    public void put(String type, JsonReader.Options names, String name, @Nullable Object value) {
      Objects.requireNonNull(name, "The name of an additional property is null");
      if (names.strings().contains(name)) {
        throw known(type, name);
      }
      put(name, tree(value, 2));
    }

    /**
     * Removes a property, if it is there.
     *
     * @param name its name
     */
    public void remove(String name) {
      if (map != null) {
        map.remove(name);
      }
    }

    /**
     * Returns the properties.
     *
     * @return the properties, in the order in which they were added
     */
    public Map<String, @Nullable Object> toMap() {
      return map == null ? Map.of() : map;
    }

    private void put(String name, @Nullable Object value) {
      if (map == null) {
        map = new LinkedHashMap<>();
      }
      map.put(name, value);
    }
  }

  private interface Write<T> {
    void write(JsonWriter writer, T value) throws IOException;
  }

  private static JsonDataException unexpected(Object wanted, Object found, String path) {
    return new JsonDataException(
        "Expected " + inWords(wanted) + " but was " + inWords(found) + " at path " + path);
  }

  private static Object inWords(Object token) {
    if (!(token instanceof JsonReader.Token kind)) {
      return token;
    }
    return switch (kind) {
      case BEGIN_OBJECT -> "an object";
      case BEGIN_ARRAY -> "an array";
      case STRING -> "a string";
      case NUMBER -> "a number";
      case BOOLEAN -> "a boolean";
      case NULL -> "null";
      default -> token;
    };
  }

  private static final class StringAdapter extends JsonAdapter<String> {
    @Override
    public String fromJson(JsonReader reader) throws IOException {
      JsonReader.Token found = reader.peek();
      if (found != JsonReader.Token.STRING) {
        throw unexpected(JsonReader.Token.STRING, found, reader.getPath());
      }
      return reader.nextString();
    }

    @Override
    public void toJson(JsonWriter writer, String value) throws IOException {
      if (isUnicode(value)) {
        writer.value(value);
      } else {
        writeEscaped(writer, value);
      }
    }

    private static boolean isUnicode(String text) {
      for (int i = 0; i < text.length(); i++) {
        if (Character.isSurrogate(text.charAt(i))) {
          if (!Character.isSupplementaryCodePoint(text.codePointAt(i))) {
            return false;
          }
          i++;
        }
      }
      return true;
    }

    /** Writes a text with unpaired surrogates, each of which Moshi would write as a '?'. */
    private static void writeEscaped(JsonWriter writer, String value) throws IOException {
      StringBuilder json = new StringBuilder("\"");
      for (int i = 0; i < value.length(); i++) {
        json.append("\\u%04x".formatted((int) value.charAt(i)));
      }
      try (BufferedSink sink = writer.valueSink()) {
        sink.writeUtf8(json.append('"').toString());
      }
    }
  }

  /** A value that is parsed from its text. */
  private static final class Scalar<T> extends JsonAdapter<T> {
    private final JsonReader.Token token;
    private final String what;
    private final Function<String, T> parse;
    private final Write<T> write;

    Scalar(JsonReader.Token token, String what, Function<String, T> parse, Write<T> write) {
      this.token = token;
      this.what = what;
      this.parse = parse;
      this.write = write;
    }

    @Override
    public T fromJson(JsonReader reader) throws IOException {
      JsonReader.Token found = reader.peek();
      String path = reader.getPath(); // in an array, the reader's path then moves on
      if (found != token) {
        throw unexpected(token, found, path);
      }
      String text =
          found == JsonReader.Token.BOOLEAN
              ? String.valueOf(reader.nextBoolean())
              : reader.nextString();
      try {
        return parse.apply(text);
      } catch (DateTimeException | IllegalArgumentException | ArithmeticException e) {
        JsonDataException unexpected = unexpected(what, text, path);
        unexpected.initCause(e);
        throw unexpected;
      }
    }

    @Override
    public void toJson(JsonWriter writer, T value) throws IOException {
      write.write(writer, value);
    }
  }

  /** Moshi's own would read every number as a double, and write no null. */
  private static final class AnyAdapter extends JsonAdapter<Object> {
    @Override
    public @Nullable Object fromJson(JsonReader reader) throws IOException {
      return switch (reader.peek()) {
        case BEGIN_ARRAY -> list(this).fromJson(reader);
        case BEGIN_OBJECT -> map(this).fromJson(reader);
        case NUMBER -> number(reader.nextString());
        case STRING -> reader.nextString();
        case BOOLEAN -> reader.nextBoolean();
        case NULL -> reader.nextNull();
        default -> throw unexpected("a value", reader.peek(), reader.getPath());
      };
    }

    private static Object number(String text) {
      if (text.length() > MAX_DIGITS) {
        return text;
      }
      try {
        return new BigDecimal(text);
      } catch (NumberFormatException e) {
        return text;
      }
    }

    @Override
    @SuppressWarnings("unchecked") // names in JSON are strings, see tree
    public void toJson(JsonWriter writer, @Nullable Object value) throws IOException {
      if (value instanceof List<?>) {
        list(this).toJson(writer, (List<Object>) value);
      } else if (value instanceof Map<?, ?>) {
        map(this).toJson(writer, (Map<String, Object>) value);
      } else if (value instanceof String text) {
        STRING.toJson(writer, text);
      } else {
        boolean serializeNulls = writer.getSerializeNulls();
        writer.setSerializeNulls(true);
        writer.jsonValue(value);
        writer.setSerializeNulls(serializeNulls);
      }
    }
  }
}
