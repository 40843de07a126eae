package ai.mountsea.nanobanana.spec;

import ai.mountsea.nanobanana.spec.Location.Applied;
import com.github.curiousoddman.rgxgen.RgxGen;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;

/** The values of one place at which its keywords begin or cease to hold. */
final class Boundaries {
  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;
  private static final int LONGEST_TEXT = 200_000;

  /** A value of each type, and texts that patterns like to tell apart. */
  private static final List<String> TEXTS = List.of("", "a", "A", "1", " ", "a b", "é", "unlisted");

  private static final List<String> FORMATTED =
      List.of(
          "https://example.com/a.png",
          "http://example.com",
          "ftp://example.com/a.png",
          "/a.png",
          "http://[::1]/a.png",
          "http://[::1",
          "http://[zz]/",
          "http://a/?b[]",
          "http://host:abc/",
          "http://%00/",
          "2026-01-15T09:30:00Z",
          "2026-01-15",
          "09:30:00Z",
          "123e4567-e89b-12d3-a456-426614174000",
          "a@example.com",
          "127.0.0.1",
          "::1",
          "AA==");

  private static final Pattern CHARACTER =
      Pattern.compile("\\\\u\\{?([0-9A-Fa-f]{4,6})}?|\\\\x([0-9A-Fa-f]{2})|\\\\(.)|([^\\\\])");

  private final Location location;
  private final Set<JsonNode> values = new LinkedHashSet<>();

  private Boundaries(Location location) {
    this.location = location;
  }

  static Set<JsonNode> of(Location location) {
    Boundaries made = new Boundaries(location);
    made.anything();
    made.named();
    made.numbers();
    made.texts();
    return made.values;
  }

  private void anything() {
    values.addAll(
        List.of(
            JSON.nullNode(),
            JSON.booleanNode(true),
            JSON.booleanNode(false),
            JSON.arrayNode(),
            JSON.objectNode(),
            number(BigDecimal.ZERO),
            number(BigDecimal.ONE),
            number(BigDecimal.ONE.negate()),
            number(new BigDecimal("0.5"))));
    TEXTS.forEach(this::text);
  }

  private void named() {
    for (Applied each : location.keywords()) {
      for (String keyword : List.of("enum", "examples")) {
        each.schema().path(keyword).forEach(values::add);
      }
      for (String keyword : List.of("const", "default", "example")) {
        if (each.schema().has(keyword)) {
          values.add(each.schema().get(keyword));
        }
      }
    }
  }

  private void numbers() {
    for (Applied each : location.keywords()) {
      for (String keyword :
          List.of("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf")) {
        if (each.schema().path(keyword).isNumber()) {
          BigDecimal limit = each.schema().get(keyword).decimalValue();
          for (String step : List.of("-1", "-0.5", "0", "0.5", "1")) {
            values.add(number(limit.add(new BigDecimal(step))));
          }
          values.add(number(limit.add(limit)));
        }
      }
      switch (each.schema().path("format").asString("")) {
        case "int32" -> integers(Integer.MIN_VALUE, Integer.MAX_VALUE);
        case "int64" -> integers(Long.MIN_VALUE, Long.MAX_VALUE);
        default -> {}
      }
    }
  }

  private void integers(long least, long most) {
    values.add(number(BigDecimal.valueOf(least)));
    values.add(number(BigDecimal.valueOf(least).subtract(BigDecimal.ONE)));
    values.add(number(BigDecimal.valueOf(most)));
    values.add(number(BigDecimal.valueOf(most).add(BigDecimal.ONE)));
  }

  /** An integer as such, since a validator may tell 1 and 1.0 apart. */
  private static JsonNode number(BigDecimal value) {
    return value.stripTrailingZeros().scale() <= 0
        ? JSON.numberNode(value.toBigIntegerExact())
        : JSON.numberNode(value);
  }

  private void texts() {
    if (location.keywords().stream().anyMatch(each -> each.schema().has("format"))) {
      FORMATTED.forEach(this::text);
    }
    patterns();
    List<String> texts = texts(values);
    for (int length : location.boundaries("minLength", "maxLength")) {
      if (length <= LONGEST_TEXT) {
        texts.forEach(text -> text(resized(text, length)));
      }
    }
  }

  /** Texts that match, texts that nearly do, and every character that a pattern names. */
  private void patterns() {
    Set<String> patterns = new LinkedHashSet<>();
    List<Set<String>> ofEach = new ArrayList<>();
    for (int i = 0; i < location.specs(); i++) {
      ofEach.add(new HashSet<>());
    }
    for (Applied each : location.keywords()) {
      if (each.schema().path("pattern").isString()) {
        patterns.add(each.schema().get("pattern").asString());
        ofEach.get(each.spec()).add(each.schema().get("pattern").asString());
      }
    }
    for (String pattern : patterns) {
      try {
        Random random = new Random(1);
        RgxGen generator = RgxGen.parse(pattern);
        for (int i = 0; i < 5; i++) {
          text(generator.generate(random));
          text(generator.generateNotMatching(random));
        }
      } catch (RuntimeException e) {
        // It knows less of regular expressions than Java does; there are the examples.
      }
    }
    boolean differ = ofEach.stream().distinct().count() > 1;
    if (patterns.isEmpty() || (location.specs() > 1 && !differ)) {
      return;
    }
    List<String> texts = texts(values);
    texts.forEach(this::mutations);
    String example =
        texts.stream()
            .filter(
                text -> patterns.stream().allMatch(p -> Pattern.compile(p).matcher(text).find()))
            .min(Comparator.comparingInt(String::length))
            .orElse("a");
    patterns.forEach(pattern -> characters(pattern, example));
  }

  private void mutations(String text) {
    for (int i = 0; i < Math.min(100, text.length()); i++) {
      text(text.substring(0, i));
      text(text.substring(i));
      text(text.substring(0, i) + text.substring(i + 1));
    }
    text(text + " ");
    text(" " + text);
    text(text + "\n");
    text(text + text);
  }

  private void characters(String pattern, String example) {
    Set<Integer> characters = new LinkedHashSet<>();
    Matcher named = CHARACTER.matcher(pattern);
    while (named.find()) {
      int character =
          named.group(1) != null
              ? Integer.parseInt(named.group(1), 16)
              : named.group(2) != null
                  ? Integer.parseInt(named.group(2), 16)
                  : named.group().codePointAt(named.group().length() - 1);
      characters.addAll(List.of(Math.max(0, character - 1), character, character + 1));
    }
    for (int character : characters) {
      if (Character.isValidCodePoint(character)) {
        String text = Character.toString(character);
        text(text);
        text(text + example);
        text(example + text);
        text(
            example.substring(0, example.length() / 2)
                + text
                + example.substring(example.length() / 2));
      }
    }
  }

  private static String resized(String text, int length) {
    int has = text.codePointCount(0, text.length());
    if (has >= length) {
      return text.substring(0, text.offsetByCodePoints(0, length));
    }
    String last = has == 0 ? "a" : Character.toString(text.codePointBefore(text.length()));
    return text + last.repeat(length - has);
  }

  private static List<String> texts(Set<JsonNode> values) {
    return values.stream().filter(JsonNode::isString).map(JsonNode::asString).toList();
  }

  private void text(String text) {
    values.add(JSON.stringNode(text));
  }
}
