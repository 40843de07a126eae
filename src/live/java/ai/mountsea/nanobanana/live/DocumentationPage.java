package ai.mountsea.nanobanana.live;

import java.io.IOException;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.Response;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.dataformat.yaml.YAMLMapper;

/**
 * One page of the service's documentation: Markdown with the OpenAPI document of one operation in a
 * block that is fenced by backticks and starts with {@code yaml POST /gemini/image/generate}.
 */
final class DocumentationPage {
  private static final Pattern BLOCK =
      Pattern.compile("(?ms)^(`{3,})yaml +([A-Z]+ /\\S*) *\\R(.*?)^\\1 *$");
  private static final long MAX_BYTES = 5_000_000;

  private DocumentationPage() {}

  /** Why a page says nothing. */
  static final class UnreadableException extends Exception {
    private static final long serialVersionUID = 1;

    UnreadableException(String message) {
      super(message);
    }
  }

  /**
   * Returns the OpenAPI document of an operation.
   *
   * @param source a URL or a file
   */
  static JsonNode openApi(String source, String operation) throws UnreadableException {
    String markdown = markdown(source).replace("\r\n", "\n");
    List<String> others = new ArrayList<>();
    for (Matcher block = BLOCK.matcher(markdown); block.find(); ) {
      if (block.group(2).equals(operation)) {
        return parse(source, block.group(3));
      }
      others.add(block.group(2));
    }
    throw new UnreadableException(
        source
            + " has no block ````yaml "
            + operation
            + (others.isEmpty() ? "" : ", only of " + String.join(", ", others))
            + ".");
  }

  private static JsonNode parse(String source, String yaml) throws UnreadableException {
    try {
      return YAMLMapper.shared().readTree(yaml);
    } catch (JacksonException e) {
      throw new UnreadableException(
          "%s: invalid YAML at line %d, column %d of the OpenAPI block: %s."
              .formatted(
                  source,
                  e.getLocation().getLineNr(),
                  e.getLocation().getColumnNr(),
                  String.valueOf(e.getOriginalMessage()).lines().findFirst().orElse("")));
    }
  }

  private static String markdown(String source) throws UnreadableException {
    try {
      return source.matches("https?://.*") ? download(source) : Files.readString(Path.of(source));
    } catch (NoSuchFileException e) {
      throw new UnreadableException(source + " doesn't exist.");
    } catch (UnknownHostException e) {
      throw new UnreadableException(source + " can't be read: its host is unknown.");
    } catch (IOException e) {
      throw new UnreadableException(source + " can't be read: " + e.getMessage() + ".");
    }
  }

  private static String download(String url) throws IOException, UnreadableException {
    OkHttpClient http = new OkHttpClient.Builder().callTimeout(Duration.ofSeconds(30)).build();
    try (Response response = http.newCall(new Request.Builder().url(url).build()).execute()) {
      if (response.code() != 200) {
        boolean isGone = response.code() == 404 || response.code() == 410;
        throw new UnreadableException(
            "%s %s: HTTP status %d."
                .formatted(url, isGone ? "is gone" : "can't be read", response.code()));
      }
      return new String(response.peekBody(MAX_BYTES).bytes(), StandardCharsets.UTF_8);
    } finally {
      http.dispatcher().executorService().shutdown();
      http.connectionPool().evictAll();
    }
  }
}
