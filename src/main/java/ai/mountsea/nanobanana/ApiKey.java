package ai.mountsea.nanobanana;

import java.io.IOException;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** The API key, which is sent and never shown, not even where the service echoes it. */
final class ApiKey {
  /** A key shorter than this is a placeholder; redacting it inside words would garble messages. */
  private static final int SHORTEST_SECRET = 8;

  private static final String REDACTED = "[API key]";

  private final String key;

  ApiKey(String key) {
    this.key = key;
  }

  String authorization() {
    return "Bearer " + key;
  }

  /** Redacts the key, whichever of its characters are escaped as in JSON. */
  String redact(String text) {
    StringBuilder redacted = null;
    int copied = 0;
    for (int i = 0; i < text.length(); i++) {
      int end = endOfKey(text, i);
      if (end > 0 && isSecret(text, i, end)) {
        redacted = redacted == null ? new StringBuilder() : redacted;
        redacted.append(text, copied, i).append(REDACTED);
        copied = end;
        i = end - 1;
      }
    }
    return redacted == null ? text : redacted.append(text, copied, text.length()).toString();
  }

  /** Whether the key is in the name of a header, which HTTP/2 has in lower case. */
  boolean isIn(String headerName) {
    return headerName.toLowerCase(Locale.ROOT).contains(key.toLowerCase(Locale.ROOT));
  }

  /** Returns the cause, or a copy of its message and stack if the key occurs in it. */
  @Nullable Throwable redact(@Nullable Throwable cause) {
    for (Throwable each = cause; each != null; each = each.getCause()) {
      String shown = each.toString();
      if (!redact(shown).equals(shown)) {
        IOException copy = new IOException(redact(String.valueOf(cause)));
        copy.setStackTrace(cause == null ? each.getStackTrace() : cause.getStackTrace());
        return copy;
      }
      if (each.getCause() == each) {
        break;
      }
    }
    return cause;
  }

  /** Where the key ends that begins at an index; -1 if none does. */
  private int endOfKey(String text, int start) {
    int at = start;
    for (int i = 0; i < key.length(); i++) {
      char c = key.charAt(i);
      if (text.startsWith("\\u", at) && isHex(text, at + 2, c)) {
        at += 6;
      } else if (at + 1 < text.length() && text.charAt(at) == '\\' && text.charAt(at + 1) == c) {
        at += 2;
      } else if (at < text.length() && text.charAt(at) == c) {
        at++;
      } else {
        return -1;
      }
    }
    return at;
  }

  private static boolean isHex(String text, int start, char c) {
    for (int i = 0; i < 4; i++) {
      int digit = start + i < text.length() ? Character.digit(text.charAt(start + i), 16) : -1;
      if (digit != (c >> (12 - 4 * i) & 0xf)) {
        return false;
      }
    }
    return true;
  }

  private boolean isSecret(String text, int start, int end) {
    return key.length() >= SHORTEST_SECRET
        || ((start == 0 || !Character.isLetterOrDigit(text.charAt(start - 1)))
            && (end == text.length() || !Character.isLetterOrDigit(text.charAt(end))));
  }
}
