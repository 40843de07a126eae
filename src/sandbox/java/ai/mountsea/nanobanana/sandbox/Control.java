package ai.mountsea.nanobanana.sandbox;

import ai.mountsea.nanobanana.api.Action;
import ai.mountsea.nanobanana.api.GenerateImageRequest;
import ai.mountsea.nanobanana.api.GenerateImageResponse;
import ai.mountsea.nanobanana.sandbox.Behavior.Answer;
import ai.mountsea.nanobanana.sandbox.Behavior.Step;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import okhttp3.HttpUrl;
import org.jspecify.annotations.Nullable;

/**
 * What the sandbox has beside the service: scripts and what was received over HTTP, provider states
 * for Pact, and the page. {@code control.yaml} describes it as OpenAPI.
 */
final class Control {
  private static final String PREFIX = "/_sandbox/";
  private static final String STATES = "/_pact/states";

  private final Memory memory;

  Control(Memory memory) {
    this.memory = memory;
  }

  /** Answers a call if it is one of these. */
  boolean handle(Call call) throws BadRequestException {
    Reply reply = reply(call);
    if (reply == null) {
      return false;
    }
    call.reply(reply);
    return true;
  }

  private @Nullable Reply reply(Call call) throws BadRequestException {
    Request request = call.request();
    String path = request.path();
    if (path.equals(STATES)) {
      call.requireMethod("POST");
      return changeState(request);
    }
    if (path.equals("/")) {
      call.requireMethod("GET");
      return Page.reply();
    }
    if (!path.startsWith(PREFIX)) {
      return null;
    }
    requireOwnName(call);
    requireSameOrigin(call);
    switch (path.substring(PREFIX.length())) {
      case "openapi.yaml" -> {
        call.requireMethod("GET");
        return Reply.of(200, "application/yaml", resource("control.yaml"));
      }
      case "scripts" -> {
        return scripts(request);
      }
      case "requests" -> {
        call.requireMethod("GET");
        // By their ids, so that a slow client keeps none of them in memory.
        return noStore(
            Reply.jsonArray(
                memory.taskIds().stream()
                    .map(memory::task)
                    .filter(Objects::nonNull)
                    .map(Control::received)));
      }
      case "reset" -> {
        call.requireMethod("POST");
        memory.reset();
        return json(Map.of());
      }
      case "submits" -> {
        call.requireMethod("GET");
        return submits(request);
      }
      default ->
          throw new BadRequestException(
              404, "No such path: " + path + ". There are those of /_sandbox/openapi.yaml");
    }
  }

  /**
   * A name that its owner can point at this machine would let a page of the owner's in. A name of
   * one word, as containers have, or one that only networks of one's own use, can't be such.
   */
  private static void requireOwnName(Call call) throws BadRequestException {
    HttpUrl url = HttpUrl.get(call.address());
    String host = url.host();
    boolean isAddress = host.contains(":") || host.matches("[0-9.]+");
    if (host.contains(".")
        && !isAddress
        && !host.matches(".*\\.(localhost|local|internal|lan|home|test)")
        && !call.isOwn(url)
        && !call.allows("http://" + call.authority())) {
      throw new BadRequestException(
          403,
          "The sandbox is controlled by its address or a local name, not by "
              + call.authority()
              + "; see --allow-origin");
    }
  }

  /** A page elsewhere, in the same browser, has no say here. */
  private static void requireSameOrigin(Call call) throws BadRequestException {
    String origin = call.request().header("Origin");
    if (origin != null
        && !origin.equalsIgnoreCase("http://" + call.authority())
        && !origin.equalsIgnoreCase("https://" + call.authority())
        && !call.allows(origin)) {
      throw new BadRequestException(
          403, "A page of " + origin + " may not use the sandbox; see --allow-origin");
    }
  }

  private Reply scripts(Request request) throws BadRequestException {
    switch (request.method()) {
      case "POST" -> {
        Object json = Service.readJson(request.text());
        try {
          memory.add(
              json instanceof List<?> list
                  ? list.stream().map(ScriptKind::script).toList()
                  : List.of(ScriptKind.script(json)));
        } catch (IllegalArgumentException e) {
          throw new BadRequestException(400, String.valueOf(e.getMessage()));
        }
      }
      case "DELETE" -> memory.forgetScripts();
      case "GET", "HEAD" -> {}
      default -> throw BadRequestException.notAllowed("GET", "POST", "DELETE");
    }
    Map<String, Object> body = new LinkedHashMap<>();
    body.put("pending", memory.pending().stream().map(Memory::toJson).toList());
    body.put("kinds", ScriptKind.ALL.stream().map(ScriptKind::toJson).toList());
    return json(body);
  }

  private static String received(Task task) {
    return "{\"taskId\":"
        + Json.write(task.id)
        + ",\"receivedAt\":"
        + Json.write(task.createdAt.toString())
        + ",\"request\":"
        + task.request.toJson()
        + "}";
  }

  private Reply submits(Request request) throws BadRequestException {
    String number = request.queryParameter("number");
    if (number != null) {
      Map<String, Object> submit = memory.submit(number(number));
      if (submit == null) {
        throw new BadRequestException(404, "No such submit, or it is forgotten: " + number);
      }
      return json(submit);
    }
    String after = request.queryParameter("after");
    return json(memory.changesSince(after == null ? 0 : number(after)));
  }

  private static long number(String text) throws BadRequestException {
    if (!text.matches("[0-9]{1,18}")) {
      throw new BadRequestException(400, "Not a number: " + text);
    }
    return Long.parseLong(text);
  }

  /** Makes what a provider state says; its reply is what a verifier puts into the request. */
  private Reply changeState(Request request) throws BadRequestException {
    if (!(Service.readJson(request.text()) instanceof Map<?, ?> change)
        || !(change.get("state") instanceof String state)
        || state.isEmpty()
        || "teardown".equals(change.get("action"))) {
      return json(Map.of());
    }
    Map<?, ?> params = change.get("params") instanceof Map<?, ?> map ? map : Map.of();
    switch (state) {
      case "the API key is valid" -> {
        // The first state of each interaction that submits: what an earlier one scripted is over.
        memory.forgetScripts();
        return json(Map.of("apiKey", "a-key-of-the-sandbox"));
      }
      case "a task exists" -> {
        String status = params.get("status") instanceof String text ? text : "completed";
        return task(state, Behavior.USUAL.withStatus(0, status, null));
      }
      case "no such task exists" -> {
        return json(GenerateImageResponse.builder("no-such-task").build().toJson());
      }
      case "the rate limit is exceeded" -> {
        long seconds = number(params, "retryAfterSeconds", 1);
        script(Script.tooManyRequests(Duration.ofSeconds(seconds)));
        Answer answer =
            new Answer(
                429,
                Map.of("Retry-After", String.valueOf(seconds), "Content-Type", "application/json"),
                "{}");
        return task(state, Behavior.USUAL.withRead(Step.answers(answer)));
      }
      case "no such model exists" -> script(Script.answers(400, "{}"));
      case "submits fail" -> {
        int status = (int) number(params, "status", 500);
        if (status < 500 || status > 599) {
          throw new BadRequestException(400, "status must be 500 to 599: " + status);
        }
        script(Script.answers(status, "{}"));
      }
      default ->
          throw new BadRequestException(
              400, "No such state: " + state + ". pacts/README.md has a table of them");
    }
    return json(Map.of());
  }

  private Reply task(String state, Behavior behavior) {
    GenerateImageRequest made = GenerateImageRequest.builder(state, Action.GENERATE).build();
    return json(GenerateImageResponse.builder(memory.state(made, behavior).id).build().toJson());
  }

  /** A state lasts, for the JVM's verifier sends a request again after a 429. */
  private void script(Script script) {
    memory.add(List.of(script.times(Integer.MAX_VALUE)));
  }

  private static long number(Map<?, ?> params, String name, long usual) throws BadRequestException {
    return params.get(name) instanceof String text ? number(text) : usual;
  }

  private static Reply json(Object value) {
    return json(Json.write(value));
  }

  private static Reply json(String json) {
    return noStore(Reply.json(200, json));
  }

  private static Reply noStore(Reply reply) {
    return reply.withHeader("Cache-Control", "no-store");
  }

  /** A file of this package. */
  static byte[] resource(String name) {
    try (InputStream in = Control.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new IllegalStateException("The jar of the sandbox lacks its " + name);
      }
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
