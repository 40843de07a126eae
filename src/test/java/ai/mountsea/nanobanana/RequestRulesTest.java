package ai.mountsea.nanobanana;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import ai.mountsea.nanobanana.Violation.Rule;
import ai.mountsea.nanobanana.api.Action;
import ai.mountsea.nanobanana.api.AspectRatio;
import ai.mountsea.nanobanana.api.GenerateImageRequest;
import ai.mountsea.nanobanana.api.Model;
import ai.mountsea.nanobanana.api.Resolution;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the rules say. That they are the spec's is shown in {@link RequestRulesAgainstSpecTest}. */
class RequestRulesTest {

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
                "`prompt` is blank. Say what the image shall show, or what shall change in it."));
  }

  @Test
  void onlySeparatorsAndControlCharactersAreBlankAndOutOfPlaceInAnImageUrl() {
    for (int codePoint = 0; codePoint <= Character.MAX_CODE_POINT; codePoint++) {
      String text = Character.toString(codePoint);
      boolean space =
          switch (Character.getType(codePoint)) {
            case Character.SPACE_SEPARATOR,
                Character.LINE_SEPARATOR,
                Character.PARAGRAPH_SEPARATOR,
                Character.CONTROL ->
                true;
            default -> false;
          };
      GenerateImageRequest prompt = cat().prompt(text).build();
      GenerateImageRequest imageUrl = cat().imageUrls(List.of("https://a/" + text)).build();
      if (RequestRules.check(prompt).isEmpty() == space
          || RequestRules.check(imageUrl).isEmpty() == space) {
        fail("U+%04X", codePoint);
      }
    }
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
                "`image_urls` number 1 is no absolute http or https URL with a host: \"cat.jpg\"."
                    + " Put the image where the service can fetch it and give that URL, with"
                    + " white space percent-encoded."),
            new Violation(
                Rule.IMAGE_URL_IS_HTTP,
                "image_urls",
                "`image_urls` number 3 is no absolute http or https URL with a host:"
                    + " \"ftp://example.com\". Put the image where the service can fetch it and"
                    + " give that URL, with white space percent-encoded."));
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
          """)
  void anImageUrlIsShownWithoutItsSecrets(String url, String shown) {
    assertThat(RequestRules.check(cat().imageUrls(List.of(url)).build()).get(0).message())
        .contains("with a host: " + shown)
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
                "`aspect_ratio` 1:8 needs model nano-banana-2; model is nano-banana-pro. Set the"
                    + " model or choose one of 21:9, 1:1, 4:3, 3:2, 2:3, 5:4, 4:5, 3:4, 16:9 or"
                    + " 9:16."));
  }

  @Test
  void aResolutionWithoutAModelIsToldWhichModelThatMeans() {
    assertThat(RequestRules.check(cat().resolution(Resolution.FOUR_K).build()))
        .containsExactly(
            new Violation(
                Rule.RESOLUTION_FITS_MODEL,
                "resolution",
                "`resolution` 4K needs model nano-banana-pro or nano-banana-2; model is absent,"
                    + " which means nano-banana-fast. Set the model or leave resolution out."));
  }

  @Test
  void everythingThatIsWrongComesAtOnceAndInTheOrderOfTheRules() {
    GenerateImageRequest allWrong =
        GenerateImageRequest.builder()
            .prompt("")
            .action(Action.EDIT)
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
            - `prompt` is blank. Say what the image shall show, or what shall change in it.
            - `aspect_ratio` 1:4 needs model nano-banana-2; model is nano-banana-fast. Set the \
            model or choose one of 21:9, 1:1, 4:3, 3:2, 2:3, 5:4, 4:5, 3:4, 16:9 or 9:16.""");
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

  private static GenerateImageRequest.Builder cat() {
    return GenerateImageRequest.builder().prompt("A cat").action(Action.GENERATE);
  }
}
