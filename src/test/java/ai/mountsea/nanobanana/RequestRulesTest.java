package ai.mountsea.nanobanana;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import ai.mountsea.nanobanana.Violation.Rule;
import ai.mountsea.nanobanana.api.Action;
import ai.mountsea.nanobanana.api.AspectRatio;
import ai.mountsea.nanobanana.api.GenerateImageRequest;
import ai.mountsea.nanobanana.api.Model;
import ai.mountsea.nanobanana.api.Resolution;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.dataformat.yaml.YAMLMapper;

/** What the rules say. That they are the spec's is shown in {@link RequestRulesAgainstSpecTest}. */
class RequestRulesTest {
  // What a message lists grows with the spec.
  private static final String MODELS_WITH_RESOLUTIONS =
      allowed(Model.values(), model -> cat().model(model).resolution(Resolution.FOUR_K));
  private static final String MODELS_WITH_EVERY_ASPECT_RATIO =
      allowed(Model.values(), model -> cat().model(model).aspectRatio(AspectRatio.RATIO_1_8));
  private static final String ASPECT_RATIOS_OF_EVERY_MODEL =
      allowed(AspectRatio.values(), aspectRatio -> cat().aspectRatio(aspectRatio));

  private static final String ADVICE =
      " Use the URL of an image that the service can reach; percent-encode what a URL can't"
          + " contain, and write an international host name in its ASCII form (xn--...).";

  @Test
  void aRequestThatBreaksNoRuleHasNoViolations() {
    assertThat(RequestRules.check(cat().build())).isEmpty();
  }

  @Test
  void aBlankPromptIsToldWhatToSay() {
    assertThat(RequestRules.check(cat().prompt(" \n\u3000").build()))
        .containsExactly(
            new Violation(
                Rule.PROMPT_NOT_BLANK,
                "prompt",
                "`prompt` is blank. Say what the image should show, or what should change in it."));
  }

  @Test
  void whatIsBlankIsWhatThePatternOfTheSpecDoesNotMatch() {
    Pattern pattern =
        Pattern.compile(
            spec()
                .at("/components/schemas/GenerateImageRequest/properties/prompt/pattern")
                .asString());

    for (int codePoint = 0; codePoint <= Character.MAX_CODE_POINT; codePoint++) {
      String text = Character.toString(codePoint);
      boolean blank =
          RequestRules.check(cat().prompt(text).build()).stream()
              .anyMatch(violation -> violation.rule() == Rule.PROMPT_NOT_BLANK);
      if (blank == pattern.matcher(text).find()) {
        fail("U+%04X", codePoint);
      }
    }
  }

  @Test
  void everySeparatorControlAndFormatCharacterIsBlankIfAnEngineWithoutSurrogatePairsSeesItWhole() {
    for (char c = 0; c < Character.MAX_VALUE; c++) {
      switch (Character.getType(c)) {
        case Character.SPACE_SEPARATOR,
            Character.LINE_SEPARATOR,
            Character.PARAGRAPH_SEPARATOR,
            Character.CONTROL,
            Character.FORMAT ->
            assertThat(RequestRules.isBlank(c)).as("U+%04X", (int) c).isTrue();
        default -> {}
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"\u200b", "\ufeff", "\u2060", "\u2800", "\u3164", " \u00ad\n\u200d "})
  void aPromptThatShowsNothingIsBlank(String prompt) {
    assertThat(RequestRules.check(cat().prompt(prompt).build()))
        .extracting(Violation::rule)
        .containsExactly(Rule.PROMPT_NOT_BLANK);
    assertThat(RequestRules.check(cat().prompt(prompt + "a" + prompt).build())).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"\ud83d", "\udc08", "\ud83d\ud83d\udc08", "\udc08\ud83d", "\ud83d\udc08\ud83d"})
  void aPromptWithHalfACharacterIsRefused(String half) {
    assertThat(RequestRules.check(cat().prompt(half).build()))
        .extracting(Violation::rule)
        .containsExactly(Rule.PROMPT_IS_UNICODE);
    assertThat(RequestRules.check(cat().imageUrls("https://example.com/" + half).build()))
        .extracting(Violation::rule)
        .containsExactly(Rule.IMAGE_URL_IS_HTTP);
  }

  @Test
  void aPromptWithHalfACharacterIsToldWhere() {
    assertThat(RequestRules.check(cat().prompt("\ud83d\udc08 \ud83d").build()))
        .containsExactly(
            new Violation(
                Rule.PROMPT_IS_UNICODE,
                "prompt",
                "`prompt` has half a character at index 3, a surrogate without its pair, which"
                    + " UTF-8 can't encode. If you shorten a text, don't cut it inside an emoji."));
  }

  @Test
  void whatUtf8CannotEncodeIsWhatIsRefused() {
    Random random = new Random(20_261_122);
    char[] alphabet = {'a', '\u732b', '\ud83d', '\udbff', '\udc08', '\udfff', '\ue000', '\ud7ff'};
    for (int i = 0; i < 10_000; i++) {
      char[] text = new char[1 + random.nextInt(6)];
      for (int j = 0; j < text.length; j++) {
        text[j] = alphabet[random.nextInt(alphabet.length)];
      }
      String prompt = new String(text);

      assertThat(RequestRules.check(cat().prompt(prompt).build()).isEmpty())
          .isEqualTo(StandardCharsets.UTF_8.newEncoder().canEncode(prompt));
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "https://\u732b.example/",
        "https://example.com/\u732b.png",
        "http://\\",
        "http://host:abc/",
        "http://host:99999/",
        "http://host:65536/",
        "http://:80/",
        "http://[::1",
        "http://[]/",
        "http://[::g]/",
        "http://[zz]/",
        "http://[.]/",
        "http://[:::]/",
        "http://[1::2::3]/",
        "http://[1:2:3:4:5:6:7]/",
        "http://[1:2:3:4:5:6:7:8:9]/",
        "http://[1:2:3:4::5:6:7:8]/",
        "http://[12345::]/",
        "http://[::1.2.3]/",
        "http://[::1.2.3.256]/",
        "http://[::1.2.3.04]/",
        "http://[1:2:3:4:5:6::1.2.3.4]/",
        "http://[::1.2.3.4:5]/",
        "http://%00/",
        "http://a..b/",
        "http://.a/",
        "http://a@b@c/",
        "http://a/ b",
        "http://a/\n",
        "http://a\n",
        "http://a/\"",
        "http://a/<b>",
        "http://a/{b}",
        "http://a/|",
        "http://a/100%",
        "http://a/%zz",
        "http://a/[",
        "http://a/?b[]=c",
        "http://a/#b#c",
        "http://a%/",
        "http://a%@b/"
      })
  void aUrlThatNoServiceCanFetchIsRefused(String url) {
    assertThat(RequestRules.check(cat().imageUrls(url).build()))
        .extracting(Violation::rule)
        .containsExactly(Rule.IMAGE_URL_IS_HTTP);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "https://xn--zi8h.example/%E7%8C%AB.png",
        "http://host:0/",
        "http://host:65535/",
        "http://host:00080/",
        "http://[::1]:80/",
        "http://[::ffff:127.0.0.1]",
        "http://[::]",
        "http://[1:2:3:4:5:6:7::]",
        "http://[::2:3:4:5:6:7:8]",
        "http://[1:2:3:4:5:6:7:abCD]",
        "http://[1:2:3:4:5:6:1.2.3.255]",
        "http://[1:2:3::4:5:1.2.3.4]",
        "http://my_bucket.example.",
        "https://a-b:c%20d@example.com/a?b=c/d&e%5B%5D=f?g#h/?i",
        "https://example.com/a;b,c!(d)*'~$=+:@"
      })
  void aUrlOfAnyOrdinaryShapeIsAccepted(String url) {
    assertThat(RequestRules.check(cat().imageUrls(url).build())).isEmpty();
  }

  @Test
  void whatTheSpecDoesNotKnowIsNotJudged() {
    GenerateImageRequest.Builder newModel = cat().model(new Model("not-in-the-spec"));

    for (AspectRatio aspectRatio : AspectRatio.values()) {
      for (Resolution resolution : Resolution.values()) {
        assertThat(
                RequestRules.check(
                    newModel.aspectRatio(aspectRatio).resolution(resolution).build()))
            .isEmpty();
      }
    }
    for (Model model : Model.values()) {
      assertThat(
              RequestRules.check(
                  cat()
                      .model(model)
                      .aspectRatio(new AspectRatio("9:21"))
                      .resolution(new Resolution("8K"))
                      .additionalProperty("seed", 1)
                      .build()))
          .isEmpty();
    }
    assertThat(RequestRules.check(cat().resolution(new Resolution("8K")).build())).isEmpty();
    assertThat(RequestRules.check(newModel.numImages(2).build())).isNotEmpty();
  }

  @Test
  void anEditIsToldThatItNeedsAnImage() {
    GenerateImageRequest.Builder edit = cat().action(Action.EDIT);

    assertThat(RequestRules.check(edit.build()))
        .containsExactly(
            new Violation(
                Rule.EDIT_NEEDS_IMAGE_URLS,
                "image_urls",
                "`image_urls` is absent, but the action is edit, which needs at least one image."
                    + " Add the URL of the image, or set the action to generate."));
    assertThat(RequestRules.check(edit.imageUrls(List.of()).build()))
        .extracting(Violation::message)
        .containsExactly(
            "`image_urls` is empty, but the action is edit, which needs at least one image."
                + " Add the URL of the image, or set the action to generate.");
  }

  @Test
  void moreThanOneImageIsToldThatOneIsAllThereIs() {
    assertThat(RequestRules.check(cat().numImages(4).build()))
        .containsExactly(
            new Violation(
                Rule.NUM_IMAGES_IN_RANGE,
                "num_images",
                "`num_images` 4 is not supported, only 1 is. Leave it out, and submit once for"
                    + " each image that you want."));
  }

  @Test
  void eachImageUrlThatTheServiceCouldNotFetchIsNamed() {
    List<String> imageUrls = List.of("cat.jpg", "https://example.com/a.png", "ftp://example.com");

    assertThat(RequestRules.check(cat().imageUrls(imageUrls).build()))
        .containsExactly(
            new Violation(
                Rule.IMAGE_URL_IS_HTTP,
                "image_urls",
                "`image_urls[0]` is not an absolute http or https URL: \"cat.jpg\"." + ADVICE),
            new Violation(
                Rule.IMAGE_URL_IS_HTTP,
                "image_urls",
                "`image_urls[2]` is not an absolute http or https URL: \"ftp://example.com\"."
                    + ADVICE));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          ftp://user:secret@example.com/a.png   | "ftp://example.com/a.png"
          ftp://example.com/a.png?sig=secret    | "ftp://example.com/a.png"
          ftp://example.com/a.png#secret        | "ftp://example.com/a.png"
          ftp://a@b:secret@example.com          | "ftp://example.com"
          http:/user:secret@host/cat.png        | "http:/host/cat.png"
          http:user:secret@host/cat.png         | "host/cat.png"
          user:secret@host/cat.png              | "host/cat.png"
          //user:secret@host/cat.png            | "//host/cat.png"
          https:\\\\user:secret@host/cat.png    | "https:\\\\host/cat.png"
          http://user:sec/secret@host/cat.png   | "http://host/cat.png"
          http:/host/cat.png?sig=secret         | "http:/host/cat.png"
          """)
  void anImageUrlIsShownWithoutItsSecrets(String url, String shown) {
    assertThat(RequestRules.check(cat().imageUrls(List.of(url)).build()).get(0).message())
        .contains("https URL: " + shown)
        .doesNotContain("secret");
  }

  @Test
  void aLongImageUrlIsShownToALinesLength() {
    String shown = "x".repeat(80);

    assertThat(RequestRules.check(cat().imageUrls(List.of(shown)).build()).get(0).message())
        .contains("\"" + shown + "\"");
    assertThat(RequestRules.check(cat().imageUrls(List.of(shown + "y")).build()).get(0).message())
        .contains("\"" + shown + "...\"");
  }

  @Test
  void anAspectRatioThatTheModelLacksIsToldWhichModelHasIt() {
    assertThat(
            RequestRules.check(
                cat().aspectRatio(AspectRatio.RATIO_1_8).model(Model.NANO_BANANA_PRO).build()))
        .containsExactly(
            new Violation(
                Rule.ASPECT_RATIO_FITS_MODEL,
                "aspect_ratio",
                "`aspect_ratio` 1:8 needs model "
                    + MODELS_WITH_EVERY_ASPECT_RATIO
                    + "; model is nano-banana-pro. Set the model or choose one of "
                    + ASPECT_RATIOS_OF_EVERY_MODEL
                    + "."));
  }

  @Test
  void aResolutionWithoutAModelIsToldWhichModelThatMeans() {
    assertThat(RequestRules.check(cat().resolution(Resolution.FOUR_K).build()))
        .containsExactly(
            new Violation(
                Rule.RESOLUTION_FITS_MODEL,
                "resolution",
                "`resolution` 4K needs model "
                    + MODELS_WITH_RESOLUTIONS
                    + "; model is absent, which means nano-banana-fast. Set the model or leave"
                    + " resolution out."));
  }

  @Test
  void everythingThatIsWrongComesAtOnceAndInTheOrderOfTheRules() {
    GenerateImageRequest allWrong =
        GenerateImageRequest.builder("", Action.EDIT)
            .numImages(0)
            .aspectRatio(AspectRatio.RATIO_8_1)
            .resolution(Resolution.ONE_K)
            .build();

    assertThat(RequestRules.check(allWrong))
        .extracting(Violation::rule)
        .containsExactly(
            Rule.PROMPT_NOT_BLANK,
            Rule.EDIT_NEEDS_IMAGE_URLS,
            Rule.NUM_IMAGES_IN_RANGE,
            Rule.ASPECT_RATIO_FITS_MODEL,
            Rule.RESOLUTION_FITS_MODEL);
    assertThat(RequestRules.check(allWrong.toBuilder().imageUrls(List.of("x")).build()))
        .extracting(Violation::rule)
        .containsExactly(
            Rule.PROMPT_NOT_BLANK,
            Rule.NUM_IMAGES_IN_RANGE,
            Rule.IMAGE_URL_IS_HTTP,
            Rule.ASPECT_RATIO_FITS_MODEL,
            Rule.RESOLUTION_FITS_MODEL);
  }

  @Test
  void theExceptionListsWhateverIsWrong() {
    GenerateImageRequest request =
        cat().prompt("").aspectRatio(AspectRatio.RATIO_1_4).model(Model.NANO_BANANA_FAST).build();

    assertThat(new InvalidRequestException(RequestRules.check(request)))
        .hasMessage(
            """
            Invalid request, nothing was sent.
            - `prompt` is blank. Say what the image should show, or what should change in it.
            - `aspect_ratio` 1:4 needs model %s; model is nano-banana-fast. Set the model or \
            choose one of %s."""
                .formatted(MODELS_WITH_EVERY_ASPECT_RATIO, ASPECT_RATIOS_OF_EVERY_MODEL));
  }

  @Test
  void violationsCannotBeChanged() {
    assertThat(RequestRules.check(cat().prompt("").build())).isUnmodifiable();
  }

  @Test
  void fieldsAreNamedAsOnTheWire() {
    Pattern wireName = Pattern.compile("[a-z_]+");

    assertThat(RequestRules.check(cat().prompt("").numImages(9).build()))
        .allSatisfy(violation -> assertThat(violation.field()).matches(wireName));
  }

  private static JsonNode spec() {
    return new YAMLMapper().readTree(Path.of("openapi", "nano-banana.yaml").toFile());
  }

  private static GenerateImageRequest.Builder cat() {
    return GenerateImageRequest.builder("A cat", Action.GENERATE);
  }

  private static <T> String allowed(
      List<T> values, Function<T, GenerateImageRequest.Builder> request) {
    String allowed =
        values.stream()
            .filter(value -> RequestRules.check(request.apply(value).build()).isEmpty())
            .map(Object::toString)
            .collect(Collectors.joining(", "));
    return allowed.replaceFirst(", ([^,]*)$", " or $1");
  }
}
