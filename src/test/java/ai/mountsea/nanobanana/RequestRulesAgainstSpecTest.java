package ai.mountsea.nanobanana;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import ai.mountsea.nanobanana.Violation.Rule;
import ai.mountsea.nanobanana.api.Action;
import ai.mountsea.nanobanana.api.ApiJsonAdapters;
import ai.mountsea.nanobanana.api.AspectRatio;
import ai.mountsea.nanobanana.api.GenerateImageRequest;
import ai.mountsea.nanobanana.api.Model;
import ai.mountsea.nanobanana.api.Resolution;
import com.networknt.schema.InputFormat;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaLocation;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import com.networknt.schema.format.Format;
import com.networknt.schema.format.UriFormat;
import com.squareup.moshi.JsonAdapter;
import com.squareup.moshi.Moshi;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.dataformat.yaml.YAMLMapper;

/**
 * {@link RequestRules} and the spec give the same verdict on every request, by exhaustion.
 *
 * <p>The rules see a request through these classes, so one member of each stands for all: every
 * value of each enum and its absence; image_urls absent, empty, and with one or two URLs that are
 * good or bad in every position; num_images absent, below, at and above its limit; a prompt that is
 * blank or not. All combinations of them are run.
 *
 * <p>A model, aspect ratio or resolution that the spec doesn't know is one more class of each. The
 * schema of the spec refuses it, on purpose: a validator should notice a typo. The rules abstain:
 * they accept such a value if the spec accepts at least one that it knows in its place, or none.
 *
 * <p>What makes a text blank or a URL good is then tried on its own, on texts picked by hand for
 * each branch of the check and on random ones from an alphabet of just the characters that matter.
 */
class RequestRulesAgainstSpecTest {
  private static final String GOOD = "https://example.com/a.png";
  private static final String BAD = "ftp://example.com/a.png";
  private static final SchemaLocation REQUEST =
      SchemaLocation.of("spec:nano-banana#/components/schemas/GenerateImageRequest");

  private static final Format URI = new UriFormat();

  private static final List<String> PROMPTS =
      List.of(
          "",
          " ",
          "\t\r\n",
          "\u0000",
          "\u0085",
          "\u00a0",
          "\u2003",
          "\u2028",
          "\u2029",
          "\u3000",
          "a",
          " a ",
          ".",
          "0",
          "\u732b",
          "\ud83d\udc08",
          "\u200b",
          "\ufeff",
          "\u0301",
          " \u732b");

  private static final List<String> URLS =
      List.of(
          GOOD,
          "http://example.com",
          "HTTP://EXAMPLE.COM",
          "hTTpS://example.com/",
          "http://e",
          "http://localhost:8080/a",
          "http://127.0.0.1",
          "http://[::1]/a.png",
          "https://example.com?x",
          "https://example.com#x",
          "https://example.com/?a=b#c",
          "https://user@example.com/",
          "https://user:pw@example.com",
          "https://a@b@example.com/",
          "https://\u732b.example/",
          "http://host:abc/",
          "http://host:0/",
          "http://host:65535/",
          "http://host:65536/",
          "http://host:99999",
          "http://host:000000000080",
          "http://[::1",
          "http://[::1]:8080",
          "http://[zz]/",
          "http://a/%",
          "http://a/%e7%8c%ab",
          "http://a/[b]",
          "http://a/?b[]",
          "http://[]",
          "http://%00/",
          "http://a.b./",
          "http://a..b/",
          "http://a/#b#c",
          "http://a/\\",
          "https://@example.com",
          "https://\u732b.example/\u732b.png",
          "https://example.com:",
          "https://example.com/@",
          "https://example.com/a:b",
          "https://example.com/%20",
          "",
          " ",
          "/",
          "a",
          "example.com/a.png",
          "//example.com/a.png",
          "/a.png",
          BAD,
          "http",
          "http:",
          "http:/",
          "http://",
          "https://",
          "https:///a",
          "http://?x",
          "http://#x",
          "http:example.com",
          "http:/example.com",
          "http//example.com",
          "htt://example.com",
          "httpss://example.com",
          "xhttp://example.com",
          " http://example.com",
          "http://example.com ",
          "http://exa mple.com",
          "http://example.com/a b",
          "http://example.com/\n",
          "http://example.com\n",
          "http://example.com/\u3000",
          "http://example.com/\u2028",
          "http://\u00a0",
          "http://:80",
          "http://:80/",
          "http://@",
          "http://@/",
          "http://user@",
          "http://user@/",
          "http://user@:80",
          "http://user@?x",
          "http://u s@example.com",
          "http\u017f://example.com",
          "data:image/png;base64,AAAA",
          "file:///a.png",
          "javascript:alert(1)",
          "http:\\\\example.com",
          "http://\\");

  private final JsonAdapter<GenerateImageRequest> json =
      new Moshi.Builder().add(new ApiJsonAdapters()).build().adapter(GenerateImageRequest.class);

  @Test
  void onEveryRequestTheRulesAndTheSpecAgree() {
    List<GenerateImageRequest> requests = requests();

    assertThat(firstDisagreement(spec(), requests)).isEmpty();

    long valid = requests.stream().filter(r -> RequestRules.check(r).isEmpty()).count();
    System.out.printf(
        "Rules against spec: %,d combinations, %,d of them valid%n", requests.size(), valid);
    assertThat(valid).isBetween(1L, requests.size() - 1L);
  }

  @Test
  void ofAValueThatTheSpecDoesNotKnowAnythingMayBeTrue() {
    Model model = new Model("unknown");
    AspectRatio aspectRatio = new AspectRatio("unknown");
    Resolution resolution = new Resolution("unknown");
    Schema spec = schema(spec());
    int accepted = 0;

    for (GenerateImageRequest request :
        requests(
            orAbsent(with(AspectRatio.values(), aspectRatio)),
            orAbsent(with(Model.values(), model)),
            orAbsent(with(Resolution.values(), resolution)))) {
      if (model.equals(request.model())
          || aspectRatio.equals(request.aspectRatio())
          || resolution.equals(request.resolution())) {
        boolean mayBeValid = false;
        for (Model m : inPlaceOf(model, request.model(), Model.values())) {
          for (AspectRatio a :
              inPlaceOf(aspectRatio, request.aspectRatio(), AspectRatio.values())) {
            for (Resolution r : inPlaceOf(resolution, request.resolution(), Resolution.values())) {
              mayBeValid =
                  mayBeValid
                      || isValid(
                          spec, request.toBuilder().model(m).aspectRatio(a).resolution(r).build());
            }
          }
        }

        assertThat(RequestRules.check(request).isEmpty()).as("%s", request).isEqualTo(mayBeValid);
        assertThat(isValid(spec, request)).as("%s", request).isEqualTo(mayBeValid);
        accepted += mayBeValid ? 1 : 0;
      }
    }
    assertThat(accepted).isPositive();
  }

  @Test
  void onRandomTextsTheRulesAndTheSpecAgree() {
    String[] alphabet = {
      "http",
      "https",
      "HTTP",
      "://",
      ":",
      "/",
      "?",
      "#",
      "@",
      ".",
      "a",
      "\u732b",
      "\ud83d\udc08",
      " ",
      "\n",
      "\u3000",
      "\u0000",
      "[",
      "\\",
      "%"
    };
    Random random = new Random(20_261_122);
    List<GenerateImageRequest> requests = new ArrayList<>();
    for (int i = 0; i < 20_000; i++) {
      StringBuilder text = new StringBuilder(i % 2 == 0 ? "http://" : "");
      for (int length = random.nextInt(8); length > 0; length--) {
        text.append(alphabet[random.nextInt(alphabet.length)]);
      }
      requests.add(request(text.toString(), text.toString()));
    }

    assertThat(firstDisagreement(spec(), requests)).isEmpty();
  }

  /**
   * The check of a URL is no regular expression, so it is held against the spec's: on every text of
   * up to four of the characters that it tells apart, after each of the parts that may come before.
   * And every URL that it takes has the format {@code uri}, so that it doesn't matter whether a
   * validator asserts formats.
   */
  @Test
  void aUrlIsGoodExactlyIfItMatchesThePatternOfTheSpec() {
    Pattern pattern = urlPattern();
    String[] starts = {
      "http://",
      "https://a",
      "http://a:6553",
      "http://[",
      "http://[1:2:3:4:5:",
      "http://[1::2:3:4:5:6",
      "http://[::1.2.25",
      "http://a@b",
      "http://a/"
    };
    String characters = "a6:.@[]/?#-% ";
    long tried = 0;
    for (String start : starts) {
      for (int length = 0; length <= 4; length++) {
        int count = (int) Math.pow(characters.length(), length);
        for (int i = 0; i < count; i++) {
          StringBuilder url = new StringBuilder(start);
          for (int j = 0, rest = i; j < length; j++, rest /= characters.length()) {
            url.append(characters.charAt(rest % characters.length()));
          }
          assertAlike(pattern, url.toString());
          tried++;
        }
      }
    }
    for (int c = Character.MIN_VALUE; c <= Character.MAX_VALUE; c++) {
      for (String around :
          List.of(
              "%sttp://a",
              "h%sttp://a",
              "htt%s://a",
              "http%s://a",
              "https%s//a",
              "https:%s/a",
              "http:/%sa",
              "http://%s",
              "http://%s@a",
              "http://a%s",
              "http://a.%s",
              "http://[%s]",
              "http://[a%s",
              "http://a:%s",
              "http://a:8%s",
              "http://a%sa",
              "http://a/%s",
              "http://a?%s",
              "http://a#%s")) {
        assertAlike(pattern, around.replace("%s", String.valueOf((char) c)));
        tried++;
      }
    }
    for (int port = 0; port <= 100_000; port++) {
      assertAlike(pattern, "http://a:" + port);
      assertAlike(pattern, "http://a:00" + port + "/");
      tried += 2;
    }
    assertAlike(pattern, "http://a:99999999999999999999");
    assertAlike(pattern, "http://a:4294967376");
    System.out.printf("URLs against the spec's pattern: %,d texts%n", tried);
  }

  /** IPv6 addresses have too many parts to try them all, so random ones are joined. */
  @Test
  void anIpv6AddressIsGoodExactlyIfItMatchesThePatternOfTheSpec() {
    Pattern pattern = urlPattern();
    String[] parts = {"1", "0", "ab", "1234", "12345", "255", "256", "g", ":", ":", ":", "::", "."};
    String[] starts = {"", "", "::", "1:2:3:", "1:2:3:4:5:6:", "a:b:c:d:e:f:0:", "::1.2.3.4"};
    Random random = new Random(20_261_124);
    int good = 0;
    for (int i = 0; i < 500_000; i++) {
      StringBuilder address = new StringBuilder(starts[random.nextInt(starts.length)]);
      for (int length = random.nextInt(15); length > 0; length--) {
        address.append(parts[random.nextInt(parts.length)]);
      }
      String url = "http://[" + address + "]";
      assertAlike(pattern, url);
      good += RequestRules.isHttpUrl(url) ? 1 : 0;
    }
    System.out.printf(
        "IPv6 addresses against the spec's pattern: 500,000, %,d of them good%n", good);
    assertThat(good).isGreaterThan(1_000);
  }

  private static Pattern urlPattern() {
    return Pattern.compile(
        spec()
            .at("/components/schemas/GenerateImageRequest/properties/image_urls/items/pattern")
            .asString());
  }

  private static void assertAlike(Pattern pattern, String url) {
    if (RequestRules.isHttpUrl(url) && !URI.matches(null, url)) {
      fail("The format uri refuses a URL that the rules accept: " + url);
    }
    if (RequestRules.isHttpUrl(url) != pattern.matcher(url).find()) {
      assertThat(RequestRules.isHttpUrl(url)).as(url).isEqualTo(pattern.matcher(url).find());
    }
  }

  @Test
  void theSpecNamesEveryRuleThatEnforcesIt() {
    List<String> named = new ArrayList<>();
    spec()
        .at("/components/schemas/GenerateImageRequest")
        .findValues("x-enforced-by")
        .forEach(
            by -> {
              if (by.isString()) {
                named.add(by.asString());
              } else {
                by.forEach(rule -> named.add(rule.asString()));
              }
            });

    // JSON Schema can't say that a text has no lone surrogates.
    named.add(Rule.PROMPT_IS_UNICODE.name());
    assertThat(named.stream().filter(rule -> !rule.equals("nothing")).distinct())
        .containsExactlyInAnyOrderElementsOf(Arrays.stream(Rule.values()).map(Rule::name).toList());
  }

  /** Each of these spoils one thing in the spec; the comparison above has to notice. */
  @TestFactory
  List<DynamicTest> aSpecWithOneRuleDroppedOrLoosenedIsNoticed() {
    Map<String, Consumer<ObjectNode>> spoilers =
        Map.ofEntries(
            spoiler("no rule for edits", s -> s.withArray("allOf").remove(0)),
            spoiler("no rule for resolutions", s -> s.withArray("allOf").remove(1)),
            spoiler("no rule for aspect ratios", s -> s.withArray("allOf").remove(2)),
            spoiler("an edit may lack image_urls", s -> then(s, 0).remove("required")),
            spoiler("an edit may have no image", s -> then(s, 0).remove("properties")),
            spoiler("a resolution may lack a model", s -> then(s, 1).remove("required")),
            spoiler("a resolution goes with any model", s -> then(s, 1).remove("properties")),
            spoiler("an aspect ratio may lack a model", s -> then(s, 2).remove("required")),
            spoiler("an aspect ratio goes with any model", s -> then(s, 2).remove("properties")),
            spoiler(
                "8:1 is for all",
                s -> s.at("/allOf/2/if/properties/aspect_ratio").withArray("enum").remove(3)),
            spoiler(
                "16:9 is for one",
                s -> s.at("/allOf/2/if/properties/aspect_ratio").withArray("enum").add("16:9")),
            spoiler(
                "fast has resolutions",
                s ->
                    s.at("/allOf/1/then/properties/model")
                        .withArray("enum")
                        .add("nano-banana-fast")),
            spoiler(
                "2 has no resolutions",
                s -> s.at("/allOf/1/then/properties/model").withArray("enum").remove(1)),
            spoiler("a prompt may be blank", s -> property(s, "prompt").remove("pattern")),
            spoiler(
                "any image URL",
                s -> s.at("/properties/image_urls/items").asObject().remove("pattern")),
            spoiler("no image", s -> property(s, "num_images").remove("minimum")),
            spoiler("many images", s -> property(s, "num_images").remove("maximum")));
    List<GenerateImageRequest> requests = requests();
    return spoilers.entrySet().stream()
        .sorted(Map.Entry.comparingByKey())
        .map(
            spoiler ->
                DynamicTest.dynamicTest(
                    spoiler.getKey(),
                    () -> {
                      JsonNode spec = spec();
                      spoiler
                          .getValue()
                          .accept(spec.at("/components/schemas/GenerateImageRequest").asObject());
                      assertThat(firstDisagreement(spec, requests)).isPresent();
                    }))
        .toList();
  }

  private static List<GenerateImageRequest> requests() {
    List<GenerateImageRequest> requests =
        requests(
            orAbsent(AspectRatio.values()),
            orAbsent(Model.values()),
            orAbsent(Resolution.values()));
    PROMPTS.forEach(prompt -> requests.add(request(prompt, GOOD)));
    URLS.forEach(url -> requests.add(request("A cat", url)));
    return requests;
  }

  private static List<GenerateImageRequest> requests(
      List<@Nullable AspectRatio> aspectRatios,
      List<@Nullable Model> models,
      List<@Nullable Resolution> resolutions) {
    List<GenerateImageRequest> requests = new ArrayList<>();
    for (Action action : Action.values()) {
      for (List<String> imageUrls : imageUrlClasses()) {
        for (AspectRatio aspectRatio : aspectRatios) {
          for (Model model : models) {
            for (Resolution resolution : resolutions) {
              for (Integer numImages : orAbsent(List.of(0, 1, 2))) {
                for (String prompt : List.of("A cat", " ")) {
                  requests.add(
                      GenerateImageRequest.builder(prompt, action)
                          .numImages(numImages)
                          .imageUrls(imageUrls)
                          .aspectRatio(aspectRatio)
                          .model(model)
                          .resolution(resolution)
                          .build());
                }
              }
            }
          }
        }
      }
    }
    return requests;
  }

  private static List<List<String>> imageUrlClasses() {
    List<List<String>> classes = new ArrayList<>();
    classes.add(null);
    classes.add(List.of());
    for (String first : List.of(GOOD, BAD)) {
      classes.add(List.of(first));
      for (String second : List.of(GOOD, BAD)) {
        classes.add(List.of(first, second));
      }
    }
    return classes;
  }

  private static <T> List<T> with(List<T> values, T another) {
    List<T> all = new ArrayList<>(values);
    all.add(another);
    return all;
  }

  /** The values that may stand for one; only itself if it is known. */
  private static <T> List<@Nullable T> inPlaceOf(T unknown, @Nullable T value, List<T> known) {
    return unknown.equals(value) ? orAbsent(known) : Arrays.asList(value);
  }

  private static <T> List<@Nullable T> orAbsent(List<T> values) {
    List<@Nullable T> all = new ArrayList<>(values);
    all.add(null);
    return all;
  }

  private static GenerateImageRequest request(String prompt, String imageUrl) {
    return GenerateImageRequest.builder(prompt, Action.EDIT).imageUrls(List.of(imageUrl)).build();
  }

  /** The first request on which the two verdicts differ, with both. */
  private Optional<String> firstDisagreement(JsonNode spec, List<GenerateImageRequest> requests) {
    Schema schema = schema(spec);
    for (GenerateImageRequest request : requests) {
      String sent = json.toJson(request);
      List<Violation> rules = RequestRules.check(request);
      var errors = schema.validate(sent, InputFormat.JSON);
      if (rules.isEmpty() != errors.isEmpty()) {
        return Optional.of(sent + "\n  the rules say " + rules + "\n  the spec says " + errors);
      }
    }
    return Optional.empty();
  }

  private boolean isValid(Schema spec, GenerateImageRequest request) {
    return spec.validate(json.toJson(request), InputFormat.JSON).isEmpty();
  }

  private static Schema schema(JsonNode spec) {
    return SchemaRegistry.withDefaultDialect(
            SpecificationVersion.DRAFT_2020_12,
            registry -> registry.schemas(Map.of("spec:nano-banana", spec.toString())))
        .getSchema(REQUEST);
  }

  private static JsonNode spec() {
    return new YAMLMapper().readTree(Path.of("openapi", "nano-banana.yaml").toFile());
  }

  private static Map.Entry<String, Consumer<ObjectNode>> spoiler(
      String name, Consumer<ObjectNode> change) {
    return Map.entry(name, change);
  }

  private static ObjectNode then(ObjectNode schema, int rule) {
    return schema.at("/allOf/" + rule + "/then").asObject();
  }

  private static ObjectNode property(ObjectNode schema, String name) {
    return schema.at("/properties/" + name).asObject();
  }
}
