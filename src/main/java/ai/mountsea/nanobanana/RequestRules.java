package ai.mountsea.nanobanana;

import ai.mountsea.nanobanana.Violation.Rule;
import ai.mountsea.nanobanana.api.Action;
import ai.mountsea.nanobanana.api.AspectRatio;
import ai.mountsea.nanobanana.api.GenerateImageRequest;
import ai.mountsea.nanobanana.api.Model;
import ai.mountsea.nanobanana.api.Resolution;
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
 * JSON Schema. A model, aspect ratio or resolution that the spec doesn't know is not judged.
 */
public final class RequestRules {
  // The characters of each part of an image URL, as the spec's pattern has them.
  private static final String ALPHANUMERIC =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
  private static final boolean[] DIGITS = ascii("0123456789");
  private static final boolean[] HEX_DIGITS = ascii("0123456789ABCDEFabcdef");
  private static final boolean[] IN_USER = ascii(ALPHANUMERIC + "._~!$&'()*+,;=:-");
  private static final boolean[] IN_NAME = ascii(ALPHANUMERIC + "_-");
  private static final boolean[] IN_PATH = ascii(ALPHANUMERIC + "._~:/@!$&'()*+,;=-");
  private static final boolean[] IN_QUERY = ascii(ALPHANUMERIC + "._~:/?@!$&'()*+,;=-");

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
    String prompt = request.prompt();
    if (isBlank(prompt)) {
      violations.add(
          Rule.PROMPT_NOT_BLANK,
          GenerateImageRequest.JSON_PROPERTY_PROMPT,
          "is blank. Say what the image should show, or what should change in it.");
    }
    int index = loneSurrogate(prompt);
    if (index >= 0) {
      violations.add(
          Rule.PROMPT_IS_UNICODE,
          GenerateImageRequest.JSON_PROPERTY_PROMPT,
          "has half a character at index "
              + index
              + ", a surrogate without its pair, which UTF-8 can't encode. If you shorten a text,"
              + " don't cut it inside an emoji.");
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
              + allowed(List.of(Action.values()), action -> !needsImages(action))
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
    for (int i = 0; i < imageUrls.size(); i++) {
      if (!isHttpUrl(imageUrls.get(i))) {
        violations.add(
            Rule.IMAGE_URL_IS_HTTP,
            GenerateImageRequest.JSON_PROPERTY_IMAGE_URLS,
            "[" + i + "]",
            "is not an absolute http or https URL: \""
                + withoutSecrets(imageUrls.get(i))
                + "\". Use the URL of an image that the service can reach; percent-encode what a URL"
                + " can't contain, and write an international host name in its ASCII form (xn--...).");
      }
    }
  }

  private static void checkAspectRatio(GenerateImageRequest request, Violations violations) {
    AspectRatio aspectRatio = request.aspectRatio();
    if (aspectRatio != null
        && !isInEveryModel(aspectRatio)
        && !features(effectiveModel(request)).everyAspectRatio()) {
      violations.add(
          Rule.ASPECT_RATIO_FITS_MODEL,
          GenerateImageRequest.JSON_PROPERTY_ASPECT_RATIO,
          aspectRatio
              + " needs model "
              + allowed(Model.values(), model -> features(model).everyAspectRatio())
              + "; "
              + found(request.model())
              + ". Set the model or choose one of "
              + allowed(AspectRatio.values(), RequestRules::isInEveryModel)
              + ".");
    }
  }

  private static void checkResolution(GenerateImageRequest request, Violations violations) {
    Resolution resolution = request.resolution();
    if (resolution != null
        && needsModelWithResolutions(resolution)
        && !features(effectiveModel(request)).resolution()) {
      violations.add(
          Rule.RESOLUTION_FITS_MODEL,
          GenerateImageRequest.JSON_PROPERTY_RESOLUTION,
          resolution
              + " needs model "
              + allowed(Model.values(), model -> features(model).resolution())
              + "; "
              + found(request.model())
              + ". Set the model or leave resolution out.");
    }
  }

  // What each value means. The switches have no default: a new value in the spec does not compile
  // until someone has decided. Of a value that the spec doesn't know, anything may be true.

  private static boolean needsImages(Action action) {
    return switch (action) {
      case EDIT -> true;
      case GENERATE -> false;
    };
  }

  private static Features features(Model model) {
    return switch (model.known()) {
      case NANO_BANANA_FAST -> new Features(false, false);
      case NANO_BANANA_PRO -> new Features(true, false);
      case NANO_BANANA_2, UNRECOGNIZED -> new Features(true, true);
    };
  }

  private static boolean needsModelWithResolutions(Resolution resolution) {
    return switch (resolution.known()) {
      case ONE_K, TWO_K, FOUR_K -> true;
      case UNRECOGNIZED -> false;
    };
  }

  private static boolean isInEveryModel(AspectRatio aspectRatio) {
    return switch (aspectRatio.known()) {
      case RATIO_21_9,
          RATIO_1_1,
          RATIO_4_3,
          RATIO_3_2,
          RATIO_2_3,
          RATIO_5_4,
          RATIO_4_5,
          RATIO_3_4,
          RATIO_16_9,
          RATIO_9_16,
          UNRECOGNIZED ->
          true;
      case RATIO_1_4, RATIO_4_1, RATIO_1_8, RATIO_8_1 -> false;
    };
  }

  private static Model effectiveModel(GenerateImageRequest request) {
    return request.model() == null ? GenerateImageRequest.DEFAULT_MODEL : request.model();
  }

  private static boolean isBlank(String text) {
    for (int i = 0; i < text.length(); i++) {
      if (!isBlank(text.charAt(i))) {
        return false;
      }
    }
    return true;
  }

  /**
   * Whether a character shows nothing, as the spec's pattern for a prompt has it: separators,
   * control and format characters, and letters and marks that are invisible by themselves. Beyond
   * the basic multilingual plane no character is blank, so that a char is enough to judge.
   */
  static boolean isBlank(char c) {
    if (c > ' ' && c < '\u007f') {
      return false;
    }
    return c <= '\u00a0'
        || c == '\u00ad'
        || c == '\u034f'
        || (c >= '\u0600' && c <= '\u0605')
        || c == '\u061c'
        || c == '\u06dd'
        || c == '\u070f'
        || (c >= '\u0890' && c <= '\u0891')
        || c == '\u08e2'
        || (c >= '\u115f' && c <= '\u1160')
        || c == '\u1680'
        || (c >= '\u17b4' && c <= '\u17b5')
        || (c >= '\u180b' && c <= '\u180f')
        || (c >= '\u2000' && c <= '\u200f')
        || (c >= '\u2028' && c <= '\u202f')
        || (c >= '\u205f' && c <= '\u206f')
        || c == '\u2800'
        || c == '\u3000'
        || c == '\u3164'
        || (c >= '\ufe00' && c <= '\ufe0f')
        || c == '\ufeff'
        || c == '\uffa0'
        || (c >= '\ufff0' && c <= '\ufffb');
  }

  /** Returns the index of the first surrogate without its pair, or -1. */
  private static int loneSurrogate(String text) {
    for (int i = 0; i < text.length(); i++) {
      if (Character.isSurrogate(text.charAt(i))) {
        if (!Character.isSupplementaryCodePoint(text.codePointAt(i))) {
          return i;
        }
        i++;
      }
    }
    return -1;
  }

  /**
   * Whether a URL matches the spec's pattern: a scheme, an optional user, a host, an optional port,
   * and an optional path, query and fragment. Without a regular expression, which takes several
   * times as long and allocates.
   */
  static boolean isHttpUrl(String url) {
    int at = afterScheme(url);
    if (at < 0) {
      return false;
    }
    int afterUser = skipEncoded(url, at, IN_USER);
    if (has(url, afterUser, '@')) {
      at = afterUser + 1;
    }
    at = has(url, at, '[') ? afterIpv6(url, at + 1) : afterName(url, at);
    if (at < 0) {
      return false;
    }
    if (has(url, at, ':')) {
      at = afterPort(url, at + 1);
    }
    if (has(url, at, '/')) {
      at = skipEncoded(url, at, IN_PATH);
    }
    if (has(url, at, '?')) {
      at = skipEncoded(url, at, IN_QUERY);
    }
    if (has(url, at, '#')) {
      at = skipEncoded(url, at + 1, IN_QUERY);
    }
    return at == url.length();
  }

  private static int afterScheme(String url) {
    if (url.regionMatches(true, 0, "http", 0, 4)) { // no other letter folds to one of these
      int colon = has(url, 4, 's') || has(url, 4, 'S') ? 5 : 4;
      return url.startsWith("://", colon) ? colon + 3 : -1;
    }
    return -1;
  }

  /** Eight groups in hexadecimal, of which the last two may be an IPv4 address, and "::" some. */
  private static int afterIpv6(String url, int start) {
    int at = start;
    int groups = 0;
    boolean shortened = false;
    while (!has(url, at, ']')) {
      if (url.startsWith("::", at)) {
        if (shortened) {
          return -1;
        }
        shortened = true;
        at += 2;
        if (has(url, at, ']')) {
          break;
        }
      } else if (groups > 0) {
        if (!has(url, at, ':')) {
          return -1;
        }
        at++;
      }
      int end = skip(url, at, HEX_DIGITS);
      if (end == at || end > at + 4) {
        return -1;
      }
      if (has(url, end, '.')) {
        end = afterIpv4(url, at);
        if (!has(url, end, ']')) {
          return -1;
        }
        groups++;
      }
      groups++;
      at = end;
    }
    return (shortened ? groups < 8 : groups == 8) ? at + 1 : -1;
  }

  /** Four numbers up to 255, without leading zeros. */
  private static int afterIpv4(String url, int start) {
    int at = start;
    for (int i = 0; i < 4; i++) {
      if (i > 0) {
        if (!has(url, at, '.')) {
          return -1;
        }
        at++;
      }
      int end = skip(url, at, DIGITS);
      if (end == at
          || end > at + 3
          || (end > at + 1 && url.charAt(at) == '0')
          || Integer.parseInt(url, at, end, 10) > 255) {
        return -1;
      }
      at = end;
    }
    return at;
  }

  /** A name may end with one dot, and none of its labels is empty. */
  private static int afterName(String url, int start) {
    int end = skip(url, start, IN_NAME);
    if (end == start) {
      return -1;
    }
    while (has(url, end, '.')) {
      int label = end + 1;
      end = skip(url, label, IN_NAME);
      if (end == label) {
        break;
      }
    }
    return end;
  }

  /** A port is at most 65535, and may be empty. */
  private static int afterPort(String url, int start) {
    int at = start;
    int port = 0;
    while (at < url.length() && url.charAt(at) >= '0' && url.charAt(at) <= '9') {
      port = 10 * port + url.charAt(at) - '0';
      if (port > 65_535) {
        return start; // before a digit, where no path begins
      }
      at++;
    }
    return at;
  }

  private static boolean has(String text, int index, char c) {
    return index >= 0 && index < text.length() && text.charAt(index) == c;
  }

  /** Skips characters of a set, and percent-encoded ones. */
  private static int skipEncoded(String text, int start, boolean[] set) {
    int end = skip(text, start, set);
    while (has(text, end, '%') && skip(text, end + 1, HEX_DIGITS) > end + 2) {
      end = skip(text, end + 3, set);
    }
    return end;
  }

  private static int skip(String text, int start, boolean[] set) {
    int end = start;
    while (end < text.length() && text.charAt(end) < 128 && set[text.charAt(end)]) {
      end++;
    }
    return end;
  }

  private static boolean[] ascii(String characters) {
    boolean[] set = new boolean[128];
    for (int i = 0; i < characters.length(); i++) {
      set[characters.charAt(i)] = true;
    }
    return set;
  }

  /** Returns a URL without what may be a password or a signature, and no longer than a line. */
  static String withoutSecrets(String url) {
    String shown =
        url.replaceFirst("(?s)[?#].*", "")
            .replaceFirst("(?s)^((?:[A-Za-z][A-Za-z0-9+.-]*:)?[/\\\\]+)?.*@", "$1");
    return shown.length() <= 80 ? shown : shown.substring(0, 80) + "...";
  }

  private static String found(@Nullable Model model) {
    return model == null
        ? "model is absent, which means " + GenerateImageRequest.DEFAULT_MODEL
        : "model is " + model;
  }

  private static <E> String allowed(List<E> values, Predicate<E> allowed) {
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

  /** What a model supports. */
  private record Features(boolean resolution, boolean everyAspectRatio) {}

  /** Makes no list until there is something to put into it. */
  private static final class Violations {
    private @Nullable List<Violation> list;

    void add(Rule rule, String field, String problem) {
      add(rule, field, "", problem);
    }

    void add(Rule rule, String field, String index, String problem) {
      if (list == null) {
        list = new ArrayList<>();
      }
      list.add(new Violation(rule, field, "`" + field + index + "` " + problem));
    }

    List<Violation> list() {
      return list == null ? List.of() : List.copyOf(list);
    }
  }
}
