package ai.mountsea.nanobanana.examples;

import ai.mountsea.nanobanana.RequestRules;
import ai.mountsea.nanobanana.api.Action;
import ai.mountsea.nanobanana.api.ApiJsonAdapters;
import ai.mountsea.nanobanana.api.GenerateImageRequest;
import com.squareup.moshi.JsonAdapter;
import com.squareup.moshi.JsonDataException;
import com.squareup.moshi.Moshi;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import okio.ByteString;
import org.jspecify.annotations.Nullable;

/**
 * The prompts of a {@link Batch}, one a line: a text, or a JSON object with the fields of {@link
 * GenerateImageRequest} and perhaps a {@code name}. {@code action} may be left out, and is {@code
 * generate} then.
 *
 * <pre>{@code
 * A fluffy orange cat
 * {"name":"cat-2","prompt":"A fluffy orange cat","model":"nano-banana-pro","resolution":"4K"}
 * }</pre>
 */
final class BatchPrompts {
  /**
   * One image to make.
   *
   * @param name names the image's file, and is the key under which it is submitted once
   */
  record Prompt(String name, GenerateImageRequest request) {}

  private static final int MAX_NAME_BYTES = 150;
  private static final Moshi MOSHI = new Moshi.Builder().add(new ApiJsonAdapters()).build();
  private static final JsonAdapter<Object> JSON = MOSHI.adapter(Object.class);
  private static final JsonAdapter<GenerateImageRequest> REQUEST =
      MOSHI.adapter(GenerateImageRequest.class);

  private BatchPrompts() {}

  /**
   * Reads a file of prompts. A byte order mark, line breaks of Windows, and spaces around a line
   * are not part of a prompt. A prompt without a name is named for its text and a hash of the
   * request, so that the same line is the same image, in any run; for two images, give names.
   *
   * @throws IllegalArgumentException with all that is wrong in the file
   */
  static List<Prompt> read(Path file) throws IOException {
    try {
      return parse(file.getFileName().toString(), Files.readString(file));
    } catch (CharacterCodingException e) {
      throw new IllegalArgumentException(file + " is not encoded as UTF-8; save it as UTF-8");
    }
  }

  static List<Prompt> parse(String file, String text) {
    Map<String, Prompt> prompts = new LinkedHashMap<>();
    Map<String, Integer> lineNumbers = new HashMap<>();
    List<String> problems = new ArrayList<>();
    int number = 0;
    for (String raw : text.split("\r\n|\r|\n")) {
      number++;
      String line = raw.replace("\ufeff", "").strip();
      if (line.isEmpty()) {
        continue;
      }
      try {
        Prompt prompt = line.startsWith("{") ? fromJson(line) : of(null, request(line));
        // Some file systems ignore case.
        String id = prompt.name().toLowerCase(Locale.ROOT);
        Prompt same = prompts.putIfAbsent(id, prompt);
        if (same != null && !same.equals(prompt)) {
          throw new IllegalArgumentException(
              "the name \"" + prompt.name() + "\" is that of line " + lineNumbers.get(id));
        }
        lineNumbers.putIfAbsent(id, number);
      } catch (IOException | JsonDataException | IllegalArgumentException e) {
        problems.add(file + ", line " + number + ": " + e.getMessage());
      }
    }
    if (prompts.isEmpty() && problems.isEmpty()) {
      problems.add(file + " has no prompts");
    }
    if (!problems.isEmpty()) {
      throw new IllegalArgumentException(String.join("\n", problems));
    }
    return List.copyOf(prompts.values());
  }

  private static Prompt fromJson(String line) throws IOException {
    Map<Object, Object> fields = new LinkedHashMap<>((Map<?, ?>) JSON.fromJson(line));
    Object name = fields.remove("name");
    if (name != null && !(name instanceof String)) {
      throw new IllegalArgumentException("name must be a string");
    }
    fields.putIfAbsent(GenerateImageRequest.JSON_PROPERTY_ACTION, Action.GENERATE.toString());
    GenerateImageRequest request =
        REQUEST.fromJsonValue(fields); // Text would hide half a character.
    if (!request.additionalProperties().isEmpty()) {
      throw new IllegalArgumentException(
          "unknown fields: " + request.additionalProperties().keySet());
    }
    String prompt = request.prompt().strip();
    return of((String) name, request.toBuilder().prompt(prompt).build());
  }

  private static GenerateImageRequest request(String prompt) {
    return GenerateImageRequest.builder(prompt, Action.GENERATE).build();
  }

  private static Prompt of(@Nullable String name, GenerateImageRequest request) {
    RequestRules.check(request).stream()
        .findFirst()
        .ifPresent(
            violation -> {
              throw new IllegalArgumentException(violation.message());
            });
    if (name == null) {
      String hash = ByteString.encodeUtf8(request.toJson()).sha256().hex().substring(0, 12);
      return new Prompt((words(request.prompt()) + "-" + hash).replaceFirst("^-", ""), request);
    }
    if (!name.matches("[\\p{L}\\p{N}]([\\p{L}\\p{N} ._-]*[\\p{L}\\p{N}])?")
        || name.getBytes(StandardCharsets.UTF_8).length > MAX_NAME_BYTES) {
      throw new IllegalArgumentException(
          "the name \""
              + name
              + "\" can't name a file: use letters, digits, and between them spaces . _ -");
    }
    return new Prompt(name, request);
  }

  /** The beginning of a prompt, as far as it can be in the name of a file. */
  private static String words(String prompt) {
    String words = prompt.replaceAll("[^\\p{L}\\p{N}]+", "-");
    int end = words.offsetByCodePoints(0, Math.min(36, words.codePointCount(0, words.length())));
    return words.substring(0, end).replaceAll("^-|-$", "");
  }
}
