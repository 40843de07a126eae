package ai.mountsea.nanobanana;

import ai.mountsea.nanobanana.Violation.Rule;
import ai.mountsea.nanobanana.api.Action;
import ai.mountsea.nanobanana.api.AspectRatio;
import ai.mountsea.nanobanana.api.GenerateImageRequest;
import ai.mountsea.nanobanana.api.Model;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The rules that the types of a request can't express. Pure: no I/O, no state, safe for any number
 * of threads.
 *
 * <pre>{@code
 * List<Violation> violations = RequestRules.check(request);
 * }</pre>
 *
 * <p>{@link NanoBanana} checks every request before it sends it. The spec states the same rules as
 * JSON Schema.
 */
public final class RequestRules {
  private RequestRules() {}

  /**
   * Checks a request against every rule.
   *
   * @param request what would be sent
   * @return all that is wrong with it, in the order of {@link Rule}; empty when nothing is
   */
  public static List<Violation> check(GenerateImageRequest request) {
    Violations violations = new Violations();
    checkPrompt(request, violations);
    checkImagesForEdit(request, violations);
    checkNumImages(request, violations);
    checkImageUrls(request, violations);
    checkAspectRatio(request, violations);
    checkResolution(request, violations);
    return violations.list();
  }

  private static void checkPrompt(GenerateImageRequest request, Violations violations) {
    if (isBlank(request.prompt())) {
      violations.add(
          Rule.PROMPT_NOT_BLANK,
          GenerateImageRequest.JSON_PROPERTY_PROMPT,
          "is blank. Say what the image shall show, or what shall change in it.");
    }
  }

  private static void checkImagesForEdit(GenerateImageRequest request, Violations violations) {
    List<String> imageUrls = request.imageUrls();
    if (needsImages(request.action()) && (imageUrls == null || imageUrls.isEmpty())) {
      violations.add(
          Rule.EDIT_NEEDS_IMAGE_URLS,
          GenerateImageRequest.JSON_PROPERTY_IMAGE_URLS,
          (imageUrls == null ? "is absent" : "is empty")
              + ", but the action is "
              + request.action()
              + ", which needs at least one image. Add the URL of the image, or set the action to "
              + allowed(Action.values(), action -> !needsImages(action))
              + ".");
    }
  }

  private static void checkNumImages(GenerateImageRequest request, Violations violations) {
    Integer numImages = request.numImages();
    if (numImages != null
        && (numImages < GenerateImageRequest.MINIMUM_NUM_IMAGES
            || numImages > GenerateImageRequest.MAXIMUM_NUM_IMAGES)) {
      violations.add(
          Rule.NUM_IMAGES_IN_RANGE,
          GenerateImageRequest.JSON_PROPERTY_NUM_IMAGES,
          numImages
              + " is not supported, only "
              + GenerateImageRequest.MAXIMUM_NUM_IMAGES
              + " is. Leave it out, and submit once for each image that you want.");
    }
  }

  private static void checkImageUrls(GenerateImageRequest request, Violations violations) {
    List<String> imageUrls = request.imageUrls();
    if (imageUrls == null) {
      return;
    }
    for (int i = nextBad(imageUrls, 0); i < imageUrls.size(); i = nextBad(imageUrls, i + 1)) {
      violations.add(
          Rule.IMAGE_URL_IS_HTTP,
          GenerateImageRequest.JSON_PROPERTY_IMAGE_URLS,
          "number "
              + (i + 1)
              + " is no absolute http or https URL with a host: \""
              + withoutSecrets(imageUrls.get(i))
              + "\". Put the image where the service can fetch it and give that URL, with white"
              + " space percent-encoded.");
    }
  }

  /** The index of the next URL that is none, or how many there are. */
  private static int nextBad(List<String> urls, int from) {
    int i = from;
    while (i < urls.size() && isHttpUrl(urls.get(i))) {
      i++;
    }
    return i;
  }

  private static void checkAspectRatio(GenerateImageRequest request, Violations violations) {
    AspectRatio aspectRatio = request.aspectRatio();
    if (aspectRatio != null
        && !isInEveryModel(aspectRatio)
        && !hasEveryAspectRatio(effectiveModel(request))) {
      violations.add(
          Rule.ASPECT_RATIO_FITS_MODEL,
          GenerateImageRequest.JSON_PROPERTY_ASPECT_RATIO,
          aspectRatio
              + " needs model "
              + allowed(Model.values(), RequestRules::hasEveryAspectRatio)
              + "; "
              + found(request.model())
              + ". Set the model or choose one of "
              + allowed(AspectRatio.values(), RequestRules::isInEveryModel)
              + ".");
    }
  }

  private static void checkResolution(GenerateImageRequest request, Violations violations) {
    if (request.resolution() != null && !takesResolution(effectiveModel(request))) {
      violations.add(
          Rule.RESOLUTION_FITS_MODEL,
          GenerateImageRequest.JSON_PROPERTY_RESOLUTION,
          request.resolution()
              + " needs model "
              + allowed(Model.values(), RequestRules::takesResolution)
              + "; "
              + found(request.model())
              + ". Set the model or leave resolution out.");
    }
  }

  // What each value of an enum means. The switches have no default: a new value in the spec does
  // not compile until someone has decided.

  private static boolean needsImages(Action action) {
    return switch (action) {
      case EDIT -> true;
      case GENERATE -> false;
    };
  }

  private static boolean takesResolution(Model model) {
    return switch (model) {
      case NANO_BANANA_FAST -> false;
      case NANO_BANANA_PRO, NANO_BANANA_2 -> true;
    };
  }

  private static boolean hasEveryAspectRatio(Model model) {
    return switch (model) {
      case NANO_BANANA_FAST, NANO_BANANA_PRO -> false;
      case NANO_BANANA_2 -> true;
    };
  }

  private static boolean isInEveryModel(AspectRatio aspectRatio) {
    return switch (aspectRatio) {
      case RATIO_21_9,
          RATIO_1_1,
          RATIO_4_3,
          RATIO_3_2,
          RATIO_2_3,
          RATIO_5_4,
          RATIO_4_5,
          RATIO_3_4,
          RATIO_16_9,
          RATIO_9_16 ->
          true;
      case RATIO_1_4, RATIO_4_1, RATIO_1_8, RATIO_8_1 -> false;
    };
  }

  private static Model effectiveModel(GenerateImageRequest request) {
    return request.model() == null ? GenerateImageRequest.DEFAULT_MODEL : request.model();
  }

  /** True unless a character is there that is neither a separator nor a control character. */
  private static boolean isBlank(String text) {
    for (int i = 0; i < text.length(); i++) {
      if (!isSpace(text.charAt(i))) {
        return false;
      }
    }
    return true;
  }

  /** Whether the text has the shape that the spec's pattern for an image URL has. */
  private static boolean isHttpUrl(String url) {
    int host = startsWithAnyCase(url, "http://") ? 7 : startsWithAnyCase(url, "https://") ? 8 : 0;
    if (host == 0) {
      return false;
    }
    int end = host;
    for (; end < url.length() && !endsAuthority(url.charAt(end)); end++) {
      if (url.charAt(end) == '@') {
        host = end + 1;
      }
    }
    return host < end && url.charAt(host) != ':' && !hasSpace(url);
  }

  private static boolean endsAuthority(char c) {
    return c == '/' || c == '?' || c == '#';
  }

  /** Like regionMatches, which would also take a letter from beyond ASCII for an s. */
  private static boolean startsWithAnyCase(String text, String lowerCase) {
    for (int i = 0; i < lowerCase.length(); i++) {
      if (i == text.length() || Character.toLowerCase(text.charAt(i)) != lowerCase.charAt(i)) {
        return false;
      }
    }
    return true;
  }

  private static boolean hasSpace(String text) {
    for (int i = 0; i < text.length(); i++) {
      if (isSpace(text.charAt(i))) {
        return true;
      }
    }
    return false;
  }

  /** Whether it is a separator or a control character, of which none takes two chars. */
  private static boolean isSpace(char c) {
    return c <= ' ' || (c >= '\u007f' && (c <= '\u009f' || Character.isSpaceChar(c)));
  }

  /** The URL without what may be a password or a signature, and not longer than a line. */
  private static String withoutSecrets(String url) {
    String shown = url.replaceFirst("(?s)[?#].*", "").replaceFirst("(?s)//.*@", "//");
    return shown.length() <= 80 ? shown : shown.substring(0, 80) + "...";
  }

  private static String found(@Nullable Model model) {
    return model == null
        ? "model is absent, which means " + GenerateImageRequest.DEFAULT_MODEL
        : "model is " + model;
  }

  private static <E> String allowed(E[] values, Predicate<E> allowed) {
    List<String> names = new ArrayList<>();
    for (E value : values) {
      if (allowed.test(value)) {
        names.add(value.toString());
      }
    }
    int last = names.size() - 1;
    return last < 1
        ? String.join("", names)
        : String.join(", ", names.subList(0, last)) + " or " + names.get(last);
  }

  /** Makes no list until there is something to put into it. */
  private static final class Violations {
    private @Nullable List<Violation> list;

    void add(Rule rule, String field, String problem) {
      if (list == null) {
        list = new ArrayList<>();
      }
      list.add(new Violation(rule, field, "`" + field + "` " + problem));
    }

    List<Violation> list() {
      return list == null ? List.of() : List.copyOf(list);
    }
  }
}
