package ai.mountsea.nanobanana.live;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.util.DefaultIndenter;
import tools.jackson.core.util.DefaultPrettyPrinter;
import tools.jackson.core.util.Separators;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectWriter;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.dataformat.yaml.YAMLMapper;

/**
 * A folder of exchanges as {@code openapi/observed/README.md} describes it: a file for each, and
 * {@code seen.yaml}, which says when each was last seen, and each fact of the spec last seen true.
 */
final class Observations {
  private static final List<String> HEADERS =
      List.of("Content-Type", "Location", "Retry-After", "WWW-Authenticate");
  private static final int MAX_TEXT = 2_000;
  private static final ObjectWriter WRITER = writer();

  private final Path folder;
  private final LocalDate today;
  private final Map<String, String> exchanges = new TreeMap<>();
  private final Map<String, String> facts = new TreeMap<>();
  private final List<String> changed = new ArrayList<>();

  Observations(Path folder, LocalDate today) throws IOException {
    this.folder = folder;
    this.today = today;
    Files.createDirectories(folder);
    Path seen = folder.resolve("seen.yaml");
    if (Files.exists(seen)) {
      JsonNode known = YAMLMapper.shared().readTree(seen.toFile());
      known.path("exchanges").forEachEntry((name, date) -> exchanges.put(name, date.asString()));
      known.path("facts").forEachEntry((fact, date) -> facts.put(fact, date.asString()));
    }
  }

  /** Returns the files that are new or other than before, without seen.yaml. */
  List<String> changed() {
    return changed;
  }

  /**
   * Writes an exchange.
   *
   * @param path the path of the operation, or what stands for the URL
   * @param requestBody what was sent, if anything
   */
  void write(
      String name,
      String path,
      @Nullable JsonNode requestBody,
      Exchange exchange,
      Redaction redaction)
      throws IOException {
    ObjectNode whole = JsonNodeFactory.instance.objectNode();
    ObjectNode request = whole.putObject("request");
    request.put("method", exchange.method());
    request.put("path", path);
    String taskId = exchange.url().queryParameter("taskId");
    if (path.startsWith("/") && taskId != null) {
      request.putObject("query").put("taskId", redaction.text(taskId));
    }
    if (requestBody != null) {
      if (requestBody.isString()) {
        request.put("text", redaction.text(requestBody.asString()));
      } else {
        request.set("body", redaction.json(requestBody, false));
      }
    }
    ObjectNode response = whole.putObject("response");
    response.put("status", exchange.status());
    ObjectNode headers = JsonNodeFactory.instance.objectNode();
    for (String header : HEADERS) {
      String value = exchange.headers().get(header);
      if (value != null) {
        boolean isPlace = header.equals("Location") || header.equals("WWW-Authenticate");
        headers.put(header, isPlace ? redaction.kept(value) : redaction.text(value));
      }
    }
    if (!headers.isEmpty()) {
      response.set("headers", headers);
    }
    String body = exchange.responseBody();
    JsonNode json = ResponseCheck.json(body);
    if (json != null) {
      boolean hasImages = exchange.method().equals("GET") && exchange.isSuccess();
      response.set("body", redaction.json(json, hasImages));
    } else if (body != null && !body.isEmpty()) {
      String text = redaction.kept(body);
      response.put("text", text.length() <= MAX_TEXT ? text : text.substring(0, MAX_TEXT) + "…");
    }
    if (exchange.isCut()) {
      response.put("isCut", true);
    }
    String file = name + ".json";
    if (replace(folder.resolve(file), WRITER.writeValueAsString(whole) + "\n")) {
      changed.add(file);
    }
    exchanges.put(name, today.toString());
  }

  /** Notes what was seen to be true. */
  void seen(Set<String> trueFacts) {
    trueFacts.forEach(fact -> facts.put(fact, today.toString()));
  }

  /** Writes when everything was seen. */
  void close() throws IOException {
    StringBuilder yaml = new StringBuilder();
    yaml.append(
        "# When each exchange of this folder was last seen, and each fact of the spec last");
    yaml.append(" seen to be true, in UTC. Written by `mvn -Plive verify`.\n");
    section(yaml, "exchanges", exchanges);
    section(yaml, "facts", facts);
    replace(folder.resolve("seen.yaml"), yaml.toString());
  }

  private static void section(StringBuilder yaml, String name, Map<String, String> dates) {
    yaml.append(name).append(dates.isEmpty() ? ": {}\n" : ":\n");
    dates.forEach(
        (key, date) ->
            yaml.append("  '")
                .append(key.replace("'", "''"))
                .append("': ")
                .append(date)
                .append('\n'));
  }

  private static boolean replace(Path file, String text) throws IOException {
    if (Files.exists(file) && Files.readString(file).equals(text)) {
      return false;
    }
    Files.writeString(file, text);
    return true;
  }

  private static ObjectWriter writer() {
    DefaultIndenter indenter = new DefaultIndenter("  ", "\n");
    Separators separators =
        Separators.createDefaultInstance()
            .withObjectNameValueSpacing(Separators.Spacing.AFTER)
            .withObjectEmptySeparator("")
            .withArrayEmptySeparator("");
    DefaultPrettyPrinter printer =
        new DefaultPrettyPrinter(separators)
            .withObjectIndenter(indenter)
            .withArrayIndenter(indenter);
    return JsonMapper.shared().writer().with(printer);
  }
}
