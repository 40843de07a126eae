package ai.mountsea.nanobanana;

import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;

import ai.mountsea.nanobanana.Violation.Rule;
import ai.mountsea.nanobanana.api.Action;
import ai.mountsea.nanobanana.api.AspectRatio;
import ai.mountsea.nanobanana.api.GenerateImageRequest;
import ai.mountsea.nanobanana.api.Model;
import ai.mountsea.nanobanana.api.Resolution;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.dataformat.yaml.YAMLMapper;

/** What the README and the Javadoc say of the rules is what {@link RequestRules} checks. */
class QuotedRulesTest {
  private static final String TABLE = "| field | rule |\n| --- | --- |\n";

  /** The texts of the spec that say which models something needs; the Javadoc is made of them. */
  private static final Pattern NEEDED_MODELS =
      Pattern.compile(
          "(?:needs?|[Rr]equires?)(?: the model)? (L)|only (L) supports|(L) only\\."
              .replace("L", "M(?:(?:, | or )M)*")
              .replace("M", "nano-banana-\\w+"));

  private static final Map<Rule, GenerateImageRequest> BREAKING =
      Map.of(
          Rule.PROMPT_NOT_BLANK, cat().prompt("").build(),
          Rule.PROMPT_IS_UNICODE, cat().prompt("\ud83d").build(),
          Rule.EDIT_NEEDS_IMAGE_URLS, cat().action(Action.EDIT).build(),
          Rule.NUM_IMAGES_IN_RANGE, cat().numImages(0).build(),
          Rule.IMAGE_URL_IS_HTTP, cat().imageUrls("").build(),
          Rule.ASPECT_RATIO_FITS_MODEL, cat().aspectRatio(AspectRatio.RATIO_1_4).build(),
          Rule.RESOLUTION_FITS_MODEL, cat().resolution(Resolution.FOUR_K).build());

  private final JsonNode spec =
      YAMLMapper.shared().readTree(Path.of("openapi", "nano-banana.yaml").toFile());
  private final List<Model> withResolution =
      where(Model.values(), model -> accepts(cat().model(model).resolution(Resolution.FOUR_K)));
  private final List<AspectRatio> ofSomeModels =
      where(
          AspectRatio.values(),
          ratio ->
              !Model.values().stream()
                  .allMatch(model -> accepts(cat().model(model).aspectRatio(ratio))));
  private final List<Model> withEveryRatio =
      where(
          Model.values(),
          model ->
              ofSomeModels.stream()
                  .allMatch(ratio -> accepts(cat().model(model).aspectRatio(ratio))));

  @Test
  void theReadmeHasTheRulesThatAreChecked() throws IOException {
    Path readme = Path.of(".", "README.md");
    String text = Files.readString(readme);
    int start = text.indexOf(TABLE) + TABLE.length();
    int end = text.indexOf("\n## ", start);
    assertThat(start).isBetween(TABLE.length(), end);
    List<Violation> example = RequestRules.check(BREAKING.get(Rule.RESOLUTION_FITS_MODEL));

    CommittedFile.assertUpToDate(
        readme,
        text.substring(0, start)
            + table()
            + "\n> "
            + new InvalidRequestException(example).getMessage()
            + "\n"
            + text.substring(end));
  }

  @Test
  void theJavadocNamesTheModelsThatAreNeeded() {
    List<String> named = new ArrayList<>();
    List<String> expected = new ArrayList<>();
    for (Map.Entry<String, String> text : texts(spec, "").entrySet()) {
      boolean ofResolution = (text.getKey() + text.getValue()).matches("(?is).*resolution.*");
      NEEDED_MODELS
          .matcher(text.getValue())
          .results()
          .forEach(
              found -> {
                named.add(text.getKey() + ": " + firstGroup(found));
                expected.add(
                    text.getKey()
                        + ": "
                        + listed(ofResolution ? withResolution : withEveryRatio, "", " or "));
              });
    }

    assertThat(named).hasSizeGreaterThan(8).isEqualTo(expected);
  }

  @Test
  void theJavadocOfEachValueSaysWhatItSupportsOrNeeds() {
    List<String> ratios = new ArrayList<>();
    for (int i = 0; i < AspectRatio.values().size(); i++) {
      if (description("AspectRatio", i).endsWith(" only.")) {
        ratios.add(AspectRatio.values().get(i).value());
      }
    }
    assertThat(ratios).isEqualTo(ofSomeModels.stream().map(AspectRatio::value).toList());

    List<String> numbers = List.of("nine", "ten", "eleven", "twelve", "thirteen");
    for (int i = 0; i < Model.values().size(); i++) {
      Model model = Model.values().get(i);
      List<AspectRatio> supported =
          where(AspectRatio.values(), ratio -> accepts(cat().model(model).aspectRatio(ratio)));
      assertThat(description("Model", i))
          .contains(
              supported.equals(AspectRatio.values())
                  ? "Supports every aspect ratio"
                  : "Supports %s aspect ratios".formatted(numbers.get(supported.size() - 9)))
          .endsWith(withResolution.contains(model) ? " and a resolution." : " and no resolution.");
    }
  }

  /** A row for each field, in the order of the rules. */
  private String table() throws IOException {
    String source =
        Files.readString(Path.of("src/main/java/ai/mountsea/nanobanana/Violation.java"));
    Map<String, String> rows = new LinkedHashMap<>();
    for (Rule rule : Rule.values()) {
      String words = words(rule, found("/\\*\\* ([^*]*)\\. \\*/\\s+" + rule + "\\b", source, 1));
      if (!words.isEmpty()) {
        rows.merge(field(rule), words, (first, second) -> first + "; " + second);
      }
    }
    StringBuilder table = new StringBuilder();
    rows.forEach((field, words) -> table.append("| `%s` | %s |\n".formatted(field, words)));
    return table.toString();
  }

  /**
   * Says a rule with the words of its message and the values that it judges; a new one as Javadoc.
   */
  private String words(Rule rule, String javadoc) {
    return switch (rule.name()) {
      case "PROMPT_NOT_BLANK" -> "not " + found("`prompt` is (blank)\\.", message(rule), 1);
      case "PROMPT_IS_UNICODE" -> ""; // It takes a mistake in a program to break it.
      case "EDIT_NEEDS_IMAGE_URLS" ->
          found("which needs (at least one) image\\.", message(rule), 1)
              + " when `action` is "
              + listed(
                  where(List.of(Action.values()), action -> !accepts(cat().action(action))),
                  "`",
                  " or ");
      case "NUM_IMAGES_IN_RANGE" ->
          IntStream.range(-1, 100)
                  .filter(number -> accepts(cat().numImages(number)))
                  .mapToObj(number -> number + " or ")
                  .collect(joining())
              + "absent";
      case "IMAGE_URL_IS_HTTP" ->
          found("is not an absolute http or https URL", message(rule), 0)
              .replaceFirst(
                  ".*(absolute) (http) or (https).*", "each $1, `$2` or `$3`, with a host");
      case "ASPECT_RATIO_FITS_MODEL" ->
          listed(ofSomeModels, "`", " and ")
              + " only with model "
              + listed(withEveryRatio, "`", " or ");
      case "RESOLUTION_FITS_MODEL" -> "only with model " + listed(withResolution, "`", " or ");
      default -> javadoc;
    };
  }

  /** Returns the field of a rule's violation; of a new rule, the one at which the spec names it. */
  private String field(Rule rule) {
    if (BREAKING.containsKey(rule)) {
      return violation(rule).field();
    }
    return spec.at("/components/schemas/GenerateImageRequest/properties")
        .propertyStream()
        .filter(property -> property.getValue().toString().contains("\"" + rule + "\""))
        .map(Map.Entry::getKey)
        .findFirst()
        .orElseThrow(
            () -> new AssertionError("Add a request that breaks " + rule + " to BREAKING"));
  }

  private static String message(Rule rule) {
    return violation(rule).message();
  }

  private static Violation violation(Rule rule) {
    return RequestRules.check(BREAKING.get(rule)).stream()
        .filter(violation -> violation.rule() == rule)
        .findFirst()
        .orElseThrow();
  }

  private String description(String type, int index) {
    return spec.at("/components/schemas/" + type + "/x-enum-descriptions/" + index).asString();
  }

  private static Map<String, String> texts(JsonNode node, String at) {
    Map<String, String> texts = new LinkedHashMap<>();
    if (node.isString()) {
      texts.put(at, node.asString());
    } else if (node.isObject()) {
      node.forEachEntry((name, value) -> texts.putAll(texts(value, at + "/" + name)));
    } else {
      for (int i = 0; i < node.size(); i++) {
        texts.putAll(texts(node.get(i), at + "/" + i));
      }
    }
    return texts;
  }

  private static String found(String pattern, String text, int group) {
    return Pattern.compile(pattern)
        .matcher(text)
        .results()
        .map(found -> found.group(group))
        .findFirst()
        .orElseThrow(
            () ->
                new AssertionError(
                    "Expected the words of the README, %s, in the rule: %s"
                        .formatted(pattern, text)));
  }

  private static String firstGroup(MatchResult found) {
    return IntStream.rangeClosed(1, found.groupCount())
        .mapToObj(found::group)
        .filter(group -> group != null)
        .findFirst()
        .orElseThrow();
  }

  private static <T> List<T> where(List<T> values, Predicate<T> condition) {
    return values.stream().filter(condition).toList();
  }

  private static String listed(List<?> values, String quote, String last) {
    return values.stream()
        .map(value -> quote + value + quote)
        .collect(joining(", "))
        .replaceFirst(", ([^,]*)$", last + "$1");
  }

  private static boolean accepts(GenerateImageRequest.Builder request) {
    return RequestRules.check(request.build()).isEmpty();
  }

  private static GenerateImageRequest.Builder cat() {
    return GenerateImageRequest.builder("A cat", Action.GENERATE);
  }
}
