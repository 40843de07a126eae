package ai.mountsea.nanobanana.sandbox;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A submit as the page shows it. {@link Memory} guards what changes of it. */
final class Submit {
  private static final int MAX_TEXT = 16 * 1024;

  private final String at;
  private final @Nullable Map<String, Object> fields;
  private final String request;
  private final String response;
  private final String outcome;
  private final @Nullable String script;
  private final @Nullable String duplicated;
  private final List<String> warnings;
  final @Nullable String taskId;
  long number;
  long changed;
  String taskStatus;
  long size;
  private @Nullable String lastResult;

  /**
   * Records a submit.
   *
   * @param at when it arrived
   * @param fields the request as JSON; null if it is none
   * @param request its headers and body
   * @param response the headers and body of what it is answered
   * @param outcome the status of the answer, or what else became of it
   * @param script the name of the script that it took
   * @param duplicated the id of an earlier task of the same request
   */
  Submit(
      String at,
      @Nullable Map<?, ?> fields,
      String request,
      String response,
      String outcome,
      @Nullable String script,
      @Nullable String taskId,
      @Nullable String duplicated,
      List<String> warnings) {
    this.at = at;
    this.fields = fields == null ? null : shortened(fields);
    this.request = shortened(request);
    this.response = shortened(response);
    this.outcome = outcome;
    this.script = script;
    this.taskId = taskId;
    this.duplicated = duplicated;
    this.warnings = warnings;
    taskStatus = taskId == null ? "" : "pending";
    size = 1_000 + Size.of(this.fields) + Size.of(List.of(this.request, this.response, warnings));
  }

  /** Keeps what a read of its task was answered last. */
  void readAs(String response) {
    size -= Size.of(lastResult);
    lastResult = shortened(response);
    size += Size.of(lastResult);
  }

  Map<String, Object> summary() {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("number", number);
    json.put("at", at);
    if (fields != null) {
      json.put("fields", fields);
    }
    json.put("outcome", outcome);
    json.put("warnings", warnings);
    if (script != null) {
      json.put("script", script);
    }
    if (duplicated != null) {
      json.put("duplicateOf", duplicated);
    }
    if (taskId != null) {
      json.put("taskId", taskId);
      json.put("status", taskStatus);
    }
    return json;
  }

  Map<String, Object> details() {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("request", request);
    json.put("response", response);
    if (lastResult != null) {
      json.put("lastResult", lastResult);
    }
    return json;
  }

  private static Map<String, Object> shortened(Map<?, ?> fields) {
    Map<String, Object> shorter = new LinkedHashMap<>();
    fields.forEach(
        (name, value) -> {
          if (shorter.size() < 20 && value != null) {
            String text = value instanceof String string ? string : Json.write(value);
            shorter.put(shortened(name.toString(), 100), shortened(text, 1_000));
          }
        });
    return shorter;
  }

  private static String shortened(String text) {
    return shortened(text, MAX_TEXT);
  }

  private static String shortened(String text, int length) {
    return text.length() <= length
        ? text
        : text.substring(0, length) + "… (" + text.length() + " characters)";
  }
}
