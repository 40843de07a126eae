package ai.mountsea.nanobanana.live;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Takes out of a response what is secret, private or different each time, so that what is left can
 * be committed and compared. Of a field whose name the spec doesn't have, only the type is kept.
 */
final class Redaction {
  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;
  private static final int SHORTEST_PART_OF_KEY = 6;
  private static final Pattern URL =
      Pattern.compile(
          "(?i)\\b(https?)://[^\\s\"'<>\\\\/?#]+([^\\s\"'<>\\\\?#]*)([^\\s\"'<>\\\\]*)(?<![.,;:)])");
  private static final Pattern EXTENSION = Pattern.compile("\\.[A-Za-z0-9]{1,5}$");
  private static final Pattern DATE_TIME =
      Pattern.compile(
          "\\d{4}-\\d\\d-\\d\\d([T ])\\d\\d:\\d\\d(?::\\d\\d)?(\\.\\d+)?(Z|[+-]\\d\\d:?\\d\\d)?");
  private static final Pattern EMAIL = Pattern.compile("[\\w.+-]+@[\\w-]+\\.[\\w.-]+");
  private static final Pattern OPAQUE =
      Pattern.compile(
          "(?<![\\w$-])(?=[A-Za-z_-]*\\d)(?=[\\d_-]*[A-Za-z])[A-Za-z0-9_-]{16,}(?![\\w-])");
  private static final Pattern PARTLY_HIDDEN =
      Pattern.compile("[\\w()-]*(?:\\*{2,}|\\.{3,}|…)[\\w-]+");

  /** What may stay of a text: words, short numbers, marks, tags, and what stands for something. */
  private static final String PLAIN =
      "(?:https?://\\(host\\)(?:/\\(path\\)(?:\\.[A-Za-z0-9]{1,5})?|/)?(?:\\?\\(query\\))?"
          + "|\\((?:key|email|opaque|address)\\)|\\$(?:taskId|imageUrl|prompt)"
          + "|2000-01-01(?:T00:00:00)?(?:\\.000)?(?:Z|[+-]\\d\\d:?\\d\\d)?|00:00:00"
          + "|</?[A-Za-z][A-Za-z0-9]{0,9}>|[A-Za-z]{1,20}|\\d{1,4}|[-_.,:;!'’\"`()\\[\\]{}…])+";

  private static final Pattern ADDRESS =
      Pattern.compile("(?<![\\d.])\\d{1,3}(?:\\.\\d{1,3}){3}(?!\\d|\\.\\d)");

  /** Not the beginning of an address, and not a port of one. */
  private static final Pattern LONG_NUMBER =
      Pattern.compile("(?<![\\d:.])\\d+\\.\\d+(?!\\d|\\.\\d)|(?<!\\.\\d{1,3}:)\\d{5,}");

  private final Set<String> names = new LinkedHashSet<>();
  private final Set<String> words = new LinkedHashSet<>();
  private final @Nullable String key;
  private final Set<String> taskIds = new LinkedHashSet<>();
  private final String prompt;

  /**
   * Makes a redaction.
   *
   * @param spec whose field names are known
   * @param key the API key, if there is one
   */
  Redaction(JsonNode spec, @Nullable String key, String prompt) {
    this.prompt = prompt;
    for (JsonNode schema : spec.at("/components/schemas")) {
      names.addAll(schema.path("properties").propertyNames());
    }
    words.addAll(spec.path("paths").propertyNames());
    this.key = key;
  }

  /** A task id becomes {@code $taskId}. */
  void taskId(String taskId) {
    taskIds.add(taskId);
  }

  /** A text for people. */
  String text(String text) {
    String redacted = withoutKey(text);
    redacted = PARTLY_HIDDEN.matcher(redacted).replaceAll("(key)");
    redacted = redacted.replace(prompt, "$prompt");
    List<String> longestFirst = new ArrayList<>(taskIds);
    longestFirst.sort(Comparator.comparing(String::length).reversed());
    for (String taskId : longestFirst) {
      redacted = redacted.replace(taskId, "$taskId");
    }
    redacted = URL.matcher(redacted).replaceAll(url -> Matcher.quoteReplacement(maskedUrl(url)));
    redacted = DATE_TIME.matcher(redacted).replaceAll(Redaction::maskedTime);
    redacted = EMAIL.matcher(redacted).replaceAll("(email)");
    redacted =
        ADDRESS
            .matcher(redacted)
            .replaceAll(found -> found.group().startsWith("127.") ? found.group() : "(address)");
    redacted = OPAQUE.matcher(redacted).replaceAll("(opaque)");
    return LONG_NUMBER.matcher(redacted).replaceAll("0");
  }

  /** A text of the service's that is kept: whatever is no plain word may be a secret. */
  String kept(String text) {
    StringBuilder kept = new StringBuilder();
    for (String part : text(text).split("(?<=\\s)|(?=\\s)")) {
      boolean isPlain = part.isBlank() || words.contains(part) || part.matches(PLAIN);
      kept.append(isPlain ? part : "(opaque)");
    }
    return kept.toString();
  }

  /** Hides each part of the key that is not short: a service may echo one. */
  private String withoutKey(String text) {
    if (key == null) {
      return text;
    }
    int shortest = Math.min(SHORTEST_PART_OF_KEY, key.length());
    StringBuilder shown = new StringBuilder();
    for (int i = 0; i < text.length(); ) {
      int end = i;
      while (end < text.length() && key.contains(text.substring(i, end + 1))) {
        end++;
      }
      if (end - i >= shortest) {
        shown.append("(key)");
        i = end;
      } else {
        shown.append(text.charAt(i++));
      }
    }
    return shown.toString();
  }

  /**
   * A body.
   *
   * @param hasImages whether its URLs are those of the task's images
   */
  JsonNode json(JsonNode body, boolean hasImages) {
    return json("", body, hasImages);
  }

  private JsonNode json(String name, JsonNode node, boolean hasImages) {
    boolean isKnown = names.contains(name);
    switch (node.getNodeType()) {
      case OBJECT -> {
        ObjectNode sorted = JSON.objectNode();
        node.properties().stream()
            .sorted(Map.Entry.comparingByKey())
            .forEach(
                each ->
                    sorted.set(
                        text(each.getKey()), json(each.getKey(), each.getValue(), hasImages)));
        return sorted;
      }
      case ARRAY -> {
        return JSON.arrayNode()
            .addAll(node.valueStream().map(e -> json(name, e, hasImages)).toList());
      }
      case STRING -> {
        return JSON.stringNode(string(name, node.asString(), isKnown, hasImages));
      }
      case NUMBER -> {
        double value = node.asDouble();
        if (value >= 1e12 && value < 4.1e12) {
          return JSON.numberNode(1_000_000_000_000L);
        } else if (value >= 1e9 && value < 4.1e9) {
          return JSON.numberNode(1_000_000_000);
        }
        if (isKnown) {
          return node;
        }
        return node.isIntegralNumber() ? JSON.numberNode(0) : JSON.numberNode(0.5);
      }
      default -> {
        return node;
      }
    }
  }

  private String string(String name, String value, boolean isKnown, boolean hasImages) {
    if (URL.matcher(value).matches()) {
      return hasImages ? "$imageUrl" : text(value);
    }
    String redacted = kept(value);
    boolean isMasked = redacted.contains("$taskId") || DATE_TIME.matcher(redacted).matches();
    if (!isMasked && name.matches("(?i).*id")) {
      return value.isEmpty() ? "" : "(opaque)";
    }
    return isKnown || isMasked || value.isEmpty() ? redacted : "(text)";
  }

  private static String maskedUrl(MatchResult url) {
    String path = url.group(2);
    Matcher extension = EXTENSION.matcher(path);
    return url.group(1)
        + "://(host)"
        + (path.length() > 1 ? "/(path)" + (extension.find() ? extension.group() : "") : path)
        + (url.group(3).isEmpty() ? "" : "?(query)");
  }

  private static String maskedTime(MatchResult time) {
    return "2000-01-01"
        + time.group(1)
        + "00:00:00"
        + (time.group(2) == null ? "" : ".000")
        + (time.group(3) == null ? "" : time.group(3));
  }
}
