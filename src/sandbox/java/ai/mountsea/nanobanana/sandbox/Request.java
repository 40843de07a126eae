package ai.mountsea.nanobanana.sandbox;

import java.net.URLDecoder;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A whole HTTP request.
 *
 * @param method in upper case
 * @param path percent-decoded
 * @param query as it was sent, without the question mark; empty if there is none
 * @param headers by their names in lower case
 */
@SuppressWarnings("ArrayRecordComponent") // Neither changed nor compared.
record Request(String method, String path, String query, Map<String, String> headers, byte[] body) {

  /** Makes a request whose target is a path and perhaps a query, or an absolute URL. */
  static Request of(String method, String target, Map<String, String> headers, byte[] body)
      throws BadRequestException {
    String local = target.replaceFirst("^[Hh][Tt][Tt][Pp][Ss]?://[^/?#]*", "");
    int question = local.indexOf('?');
    String path = question < 0 ? local : local.substring(0, question);
    if (!target.equals(local) && path.isEmpty()) {
      path = "/";
    }
    if (!path.startsWith("/")) {
      throw new BadRequestException(400, "The request target is not a path: " + target);
    }
    return new Request(
        method,
        decode(path.replace("+", "%2B")),
        question < 0 ? "" : local.substring(question + 1),
        headers,
        body);
  }

  @Nullable String header(String name) {
    return headers.get(name.toLowerCase(Locale.ROOT));
  }

  /** The first value of a query parameter, or null. */
  @Nullable String queryParameter(String name) throws BadRequestException {
    for (String pair : query.split("&", -1)) {
      int equals = pair.indexOf('=');
      if (decode(equals < 0 ? pair : pair.substring(0, equals)).equals(name)) {
        return equals < 0 ? "" : decode(pair.substring(equals + 1));
      }
    }
    return null;
  }

  String text() throws BadRequestException {
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(body)).toString();
    } catch (CharacterCodingException e) {
      throw new BadRequestException(400, "The body is not valid UTF-8");
    }
  }

  private static String decode(String text) throws BadRequestException {
    try {
      return URLDecoder.decode(text, StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      throw new BadRequestException(400, "Invalid percent-encoding in the URL: " + text);
    }
  }
}
