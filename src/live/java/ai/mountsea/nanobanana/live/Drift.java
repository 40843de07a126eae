package ai.mountsea.nanobanana.live;

import ai.mountsea.nanobanana.live.ApiFacts.Place;
import ai.mountsea.nanobanana.spec.OpenEnums;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.dataformat.yaml.YAMLMapper;

/**
 * Compares the service's documentation with our spec. {@code mvn -Pdrift verify} runs it.
 *
 * <p>Where the spec deviates on purpose, {@code openapi/deviations.yaml} says why; a deviation that
 * no longer exists is reported as stale. Some rules are only in the prose of the documentation: the
 * same file quotes it, and a quote that is no longer there is reported, too.
 */
final class Drift {
  private static final Path SPEC = Path.of("openapi", "nano-banana.yaml");
  private static final Path DEVIATIONS = Path.of("openapi", "deviations.yaml");
  private static final int LONGEST_SHOWN = 60;

  private final JsonNode spec;
  private final JsonNode deviations;
  private final Set<String> differences = new LinkedHashSet<>();
  private final Set<String> compared = new LinkedHashSet<>();
  private final List<String> findings = new ArrayList<>();

  private Drift(JsonNode spec, JsonNode deviations) {
    this.spec = spec;
    this.deviations = deviations;
  }

  /**
   * Compares.
   *
   * @param args for each operation its method and path, and the URL or the file of its page
   */
  public static void main(String... args) throws IOException {
    Map<String, String> pages = new LinkedHashMap<>();
    for (int i = 0; i + 1 < args.length; i += 2) {
      pages.put(args[i], args[i + 1]);
    }
    YAMLMapper yaml = YAMLMapper.shared();
    JsonNode deviations = yaml.readTree(DEVIATIONS.toFile());
    List<String> findings = findings(yaml.readTree(SPEC.toFile()), deviations, pages);
    Path report = Path.of("target", "drift.md");
    Files.createDirectories(report.getParent());
    Files.writeString(report, report(findings, deviations));
    System.out.print(Files.readString(report));
    System.exit(findings.isEmpty() ? 0 : 1);
  }

  /** Returns a sentence for each finding. */
  static List<String> findings(JsonNode spec, JsonNode deviations, Map<String, String> pages) {
    Drift drift = new Drift(OpenEnums.marked(spec), deviations);
    pages.forEach(drift::compare);
    drift.deviations();
    return drift.findings;
  }

  static String report(List<String> findings, JsonNode deviations) {
    if (findings.isEmpty()) {
      return "The documentation says what %s says, apart from %d deviations on purpose, see %s.%n"
          .formatted(SPEC, deviations.path("deviations").size(), DEVIATIONS);
    }
    StringBuilder report = new StringBuilder();
    report.append(
        "%s is not what the documentation says, or the documentation can't be read:%n"
            .formatted(SPEC));
    findings.forEach(finding -> report.append("- ").append(finding).append('\n'));
    return report.toString();
  }

  private void compare(String operation, String source) {
    String[] parts = operation.split(" ");
    JsonNode document;
    try {
      document = DocumentationPage.openApi(source, operation);
    } catch (DocumentationPage.UnreadableException e) {
      findings.add(e.getMessage());
      return;
    }
    Map<String, Place> page = ApiFacts.of(document, parts[0], parts[1]);
    if (page.isEmpty()) {
      findings.add(source + ": the block of " + operation + " doesn't have this operation.");
      return;
    }
    compared.add(operation);
    Map<String, Place> ours = ApiFacts.of(spec, parts[0], parts[1]);
    Set<String> places = new LinkedHashSet<>(page.keySet());
    places.addAll(ours.keySet());
    for (String place : places) {
      compare(place, page.get(place), ours.get(place), page, ours);
    }
    prose(page);
  }

  private void compare(
      String place,
      @Nullable Place page,
      @Nullable Place ours,
      Map<String, Place> allOfPage,
      Map<String, Place> allOfOurs) {
    if (ours == null || page == null) {
      String parent = ours == null ? page.parent() : ours.parent();
      boolean isTop =
          parent == null || (allOfPage.containsKey(parent) && allOfOurs.containsKey(parent));
      if (isTop) {
        differences.add(place + ": only the " + (ours == null ? "page" : "spec") + " has it.");
      }
      return;
    }
    missing(page.values(), ours.values(), place + ": only the page has the value `%s`.");
    missing(ours.values(), page.values(), place + ": only the spec has the value `%s`.");
    missing(page.rules(), ours.rules(), place + ": only the page has the rule \"%s\".");
    missing(ours.rules(), page.rules(), place + ": only the spec has the rule \"%s\".");
    Set<String> keywords = new TreeSet<>(page.keywords().keySet());
    keywords.addAll(ours.keywords().keySet());
    for (String keyword : keywords) {
      JsonNode theirs = page.keywords().get(keyword);
      JsonNode own = ours.keywords().get(keyword);
      if (theirs == null || own == null || !theirs.equals(own)) {
        differences.add(place + ": " + difference(keyword, theirs, own) + ".");
      }
    }
  }

  private static String difference(
      String keyword, @Nullable JsonNode theirs, @Nullable JsonNode own) {
    String here = theirs == null ? "in the spec" : "on the page";
    String there = theirs == null ? "on the page" : "in the spec";
    return switch (keyword) {
      case "required" -> "required %s and optional %s".formatted(here, there);
      case "null" -> "may be null %s, but not %s".formatted(here, there);
      case "open" -> "any other text is accepted %s, but not %s".formatted(here, there);
      default ->
          "%s is %s on the page and %s in the spec".formatted(keyword, shown(theirs), shown(own));
    };
  }

  private static String shown(@Nullable JsonNode value) {
    if (value == null) {
      return "unset";
    }
    String text = value.isString() ? value.asString() : value.toString();
    return text.length() > LONGEST_SHOWN ? "set" : "`" + text + "`";
  }

  private static String shortened(String text) {
    return text.length() > LONGEST_SHOWN ? text.substring(0, LONGEST_SHOWN) + "…" : text;
  }

  private void missing(Set<String> these, Set<String> those, String sentence) {
    these.stream()
        .filter(each -> !those.contains(each))
        .forEach(each -> differences.add(sentence.formatted(shortened(each))));
  }

  /** What the spec has read from the text that describes a field. */
  private void prose(Map<String, Place> page) {
    for (JsonNode quote : deviations.path("prose")) {
      String place = quote.path("of").asString();
      if (isCompared(place) && page.containsKey(place)) {
        String says = oneLine(page.get(place).description());
        if (!says.contains(oneLine(quote.path("says").asString()))) {
          findings.add(
              "%s: the page no longer says \"%s\" but \"%s\"."
                  .formatted(place, oneLine(quote.path("says").asString()), says));
        }
      }
    }
  }

  private static String oneLine(String text) {
    return text.strip().replaceAll("\\s+", " ");
  }

  private void deviations() {
    Set<String> left = new LinkedHashSet<>(differences);
    List<String> stale = new ArrayList<>();
    for (JsonNode deviation : deviations.path("deviations")) {
      for (JsonNode difference : deviation.path("differences")) {
        if (!left.remove(difference.asString()) && isCompared(difference.asString())) {
          stale.add(DEVIATIONS + " is stale, delete: " + difference.asString());
        }
      }
    }
    findings.addAll(left);
    findings.addAll(stale);
  }

  private boolean isCompared(String sentence) {
    return compared.stream()
        .anyMatch(each -> sentence.startsWith(each + ",") || sentence.startsWith(each + ":"));
  }
}
