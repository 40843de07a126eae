package ai.mountsea.nanobanana.contract;

import ai.mountsea.nanobanana.NanoBanana;
import ai.mountsea.nanobanana.RequestRules;
import ai.mountsea.nanobanana.api.Action;
import ai.mountsea.nanobanana.api.ApiJsonAdapters;
import ai.mountsea.nanobanana.api.AspectRatio;
import ai.mountsea.nanobanana.api.GenerateImageRequest;
import ai.mountsea.nanobanana.api.Model;
import ai.mountsea.nanobanana.api.Resolution;
import ai.mountsea.nanobanana.spec.Samples;
import com.squareup.moshi.JsonDataException;
import com.squareup.moshi.Moshi;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import okhttp3.MediaType;
import okhttp3.OkHttpClient;
import okhttp3.Protocol;
import okhttp3.Response;
import okhttp3.ResponseBody;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * What this library takes, and what it refuses: each sample is judged by the library once, and must
 * be judged alike by any spec that is to be called the same.
 */
final class LibraryAgainstSpec {
  private static final JsonMapper JSON = JsonMapper.shared();
  private static final String REQUEST = "GenerateImageRequest";
  private static final int LONG = 2_000;

  private final Moshi moshi = new Moshi.Builder().add(new ApiJsonAdapters()).build();
  private final Map<JsonNode, Boolean> requests = new LinkedHashMap<>();
  private final List<Field> fields = new ArrayList<>();
  private final Map<JsonNode, Boolean> taskIds = new LinkedHashMap<>();

  LibraryAgainstSpec() throws IOException {
    for (Model model : withNull(Model.values())) {
      rule(cat().model(model).resolution(new Resolution("16K")));
      for (Resolution resolution : withNull(Resolution.values())) {
        for (AspectRatio aspectRatio : withNull(AspectRatio.values())) {
          rule(cat().model(model).resolution(resolution).aspectRatio(aspectRatio));
        }
      }
    }
    rule(cat().additionalProperty("added", true));
    // Of what the library has no limit for: a lot.
    GenerateImageRequest.Builder many = cat();
    for (int i = 0; i < 20; i++) {
      many.additionalProperty("added" + i, i);
    }
    rule(many);
    rule(cat().prompt("a".repeat(LONG)));
    rule(cat().imageUrls(List.of("https://example.com/" + "a".repeat(LONG))));
    rule(cat().imageUrls(Collections.nCopies(20, "https://example.com/a.png")));
    for (String url : urls()) {
      rule(cat().imageUrls(List.of(url)));
    }
    for (String prompt : List.of("", " ", "\t\n", "\u00a0", "\u3000", "\u0000", "a", "猫", " a ")) {
      rule(cat().prompt(prompt));
    }
    for (int numImages = -1; numImages < 4; numImages++) {
      rule(cat().numImages(numImages));
    }
    for (Action action : Action.values()) {
      rule(cat().action(action));
      rule(cat().action(action).imageUrls(List.of()));
      rule(cat().action(action).imageUrls(urls().subList(0, 1)));
      rule(cat().action(action).imageUrls(urls().subList(0, 2)));
    }
    Spec spec = Spec.read();
    for (JsonNode sample : Samples.ofRequest(spec.enforced(), REQUEST)) {
      requests.put(sample, canRead(REQUEST, sample));
    }
    spec.root()
        .at("/components/schemas")
        .forEachEntry(
            (name, schema) -> {
              if (schema.has("properties")) {
                fields(spec, name);
              }
            });
    for (String taskId : List.of("", "x", "x".repeat(LONG))) {
      taskIds.put(JSON.getNodeFactory().stringNode(taskId), canAskFor(taskId));
    }
  }

  /** Returns a request that the rules of the library and those of a spec do not judge alike. */
  List<String> rules(Spec spec) {
    for (Map.Entry<JsonNode, Boolean> request : requests.entrySet()) {
      boolean taken = request.getValue();
      if (spec.accepts(spec.schema(REQUEST), request.getKey()) != taken) {
        return List.of("only the " + (taken ? "library" : "spec") + " takes " + request.getKey());
      }
    }
    return List.of();
  }

  /** Returns the values that the generated adapters and a spec do not judge alike. */
  List<String> values(Spec spec) {
    List<String> different = new ArrayList<>();
    for (Field field : fields) {
      JsonNode schema = spec.schema(field.type());
      boolean lenient =
          !field.type().equals(REQUEST)
              && schema
                  .path("required")
                  .valueStream()
                  .noneMatch(name -> name.asString().equals(field.name()));
      if ((lenient || spec.accepts(schema, field.sample())) != field.taken()) {
        different.add(field + (field.taken() ? ": only the library" : ": only the spec"));
      }
    }
    spec.operations()
        .forEach(
            (id, operation) ->
                operation
                    .node()
                    .path("parameters")
                    .forEach(
                        parameter ->
                            taskIds.forEach(
                                (taskId, taken) -> {
                                  if (spec.accepts(parameter.get("schema"), taskId) != taken) {
                                    different.add("the task id " + taskId);
                                  }
                                })));
    return different;
  }

  private void rule(GenerateImageRequest.Builder builder) throws IOException {
    GenerateImageRequest request = builder.build();
    String json = moshi.adapter(GenerateImageRequest.class).toJson(request);
    requests.put(JSON.readTree(json), RequestRules.check(request).isEmpty());
  }

  /** Puts every kind of value into every field of a type; a text is no mistake in an open enum. */
  private void fields(Spec spec, String name) {
    ObjectNode right = JSON.createObjectNode();
    JsonNode properties = spec.schema(name).get("properties");
    properties.forEachEntry((wire, property) -> right.set(wire, sampleOf(spec, property)));
    properties.forEachEntry(
        (wire, property) -> {
          JsonNode schema = spec.resolve(property);
          boolean anyText = schema.has("format") || schema.path("x-open-enum").asBoolean(false);
          for (String other :
              List.of("null", "true", "{}", "[]", "[null]", "[7]", "\"text\"", "1")) {
            if (!(anyText && other.equals("\"text\""))) {
              field(name, wire, other, right.deepCopy().set(wire, JSON.readTree(other)));
            }
          }
          ObjectNode absent = right.deepCopy();
          absent.remove(wire);
          field(name, wire, "absent", absent);
        });
  }

  private void field(String type, String name, String value, JsonNode sample) {
    fields.add(new Field(type, name, value, sample, canRead(type, sample)));
  }

  private boolean canRead(String type, JsonNode sample) {
    try {
      Object read = moshi.adapter(GeneratedTypes.type(type)).fromJson(sample.toString());
      return !(read instanceof GenerateImageRequest request)
          || RequestRules.check(request).isEmpty();
    } catch (JsonDataException e) {
      return false;
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Returns a value of a schema; of the values of an enum the last, which allows the most. */
  private static JsonNode sampleOf(Spec spec, JsonNode property) {
    JsonNode schema = spec.resolve(property);
    if (schema.has("enum")) {
      return schema.get("enum").get(schema.get("enum").size() - 1);
    }
    JsonNode type = schema.path("type").isArray() ? schema.at("/type/0") : schema.path("type");
    return switch (type.asString("any")) {
      case "integer", "number" -> JSON.readTree(schema.path("minimum").asString("1"));
      case "boolean" -> JSON.readTree("true");
      case "array" -> JSON.createArrayNode().add(sampleOf(spec, schema.path("items")));
      case "object" -> {
        ObjectNode object = JSON.createObjectNode();
        schema
            .path("required")
            .forEach(
                name ->
                    object.set(
                        name.asString(),
                        sampleOf(spec, schema.get("properties").get(name.asString()))));
        yield object;
      }
      default ->
          JSON.getNodeFactory()
              .stringNode(
                  switch (schema.path("format").asString("")) {
                    case "date-time" -> "2026-01-15T09:30:00Z";
                    case "uri" -> "https://example.com/a.png";
                    default -> "text";
                  });
    };
  }

  /** Whether the client asks for the result of a task of this id, without asking anyone. */
  private static boolean canAskFor(String taskId) {
    OkHttpClient offline =
        new OkHttpClient.Builder()
            .addInterceptor(
                chain ->
                    new Response.Builder()
                        .request(chain.request())
                        .protocol(Protocol.HTTP_1_1)
                        .code(200)
                        .message("")
                        .body(
                            ResponseBody.create(
                                "{\"taskId\":\"x\",\"status\":\"pending\"}",
                                MediaType.get("application/json")))
                        .build())
            .build();
    try (NanoBanana client = NanoBanana.builder().apiKey("any").okHttpClient(offline).build()) {
      client.result(taskId);
      return true;
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  private static GenerateImageRequest.Builder cat() {
    return GenerateImageRequest.builder("A cat", Action.GENERATE);
  }

  private static List<String> urls() {
    return List.of(
        "https://example.com/a.png",
        "HTTP://user@example.com:80?b#c",
        "ftp://example.com/a.png",
        "http:///a.png",
        "http://@/a.png",
        "http://:80/a.png",
        "https://example.com/a b.png",
        "example.com/a.png",
        "changed",
        "");
  }

  private static <E> List<@Nullable E> withNull(List<E> values) {
    List<@Nullable E> all = new ArrayList<>(values);
    all.add(null);
    return all;
  }

  /** A value of one field, and whether the library takes it. */
  private record Field(String type, String name, String value, JsonNode sample, boolean taken) {}
}
