package ai.mountsea.nanobanana.sandbox;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;

/** The page that shows the sandbox: one file, whose browser fetches nothing from elsewhere. */
final class Page {
  private static final byte[] HTML = Control.resource("page.html");

  /** Only the script and the style of the file itself may run. */
  private static final String POLICY =
      "default-src 'none'; img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none';"
          + " frame-ancestors 'none'; script-src "
          + hash("script")
          + "; style-src "
          + hash("style");

  private Page() {}

  static Reply reply() {
    return Reply.of(200, "text/html; charset=utf-8", HTML)
        .withHeader("Content-Security-Policy", POLICY)
        .withHeader("X-Content-Type-Options", "nosniff")
        .withHeader("Cache-Control", "no-cache");
  }

  /** The hash of what is between the tags. */
  private static String hash(String tag) {
    String html = new String(HTML, StandardCharsets.UTF_8);
    int start = html.indexOf('<' + tag + '>') + tag.length() + 2;
    String text = html.substring(start, html.indexOf("</" + tag + '>', start));
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
      return "'sha256-" + Base64.getEncoder().encodeToString(digest) + "'";
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e); // Each Java has it.
    }
  }
}
