package ai.mountsea.nanobanana;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The API key, which is sent and never shown, not even where the service echoes it. */
final class ApiKey {
  private final String key;

  ApiKey(String key) {
    this.key = key;
  }

  String authorization() {
    return "Bearer " + key;
  }

  /** The text with the key taken out, whichever of its characters JSON has escaped. */
  String hiddenIn(String text) {
    StringBuilder echo = new StringBuilder();
    for (int i = 0; i < key.length(); i++) {
      String c = Pattern.quote(key.substring(i, i + 1));
      echo.append("(?:\\\\?%s|(?i:\\\\u%04x))".formatted(c, (int) key.charAt(i)));
    }
    return text.replaceAll(echo.toString(), Matcher.quoteReplacement("[API key]"));
  }
}
