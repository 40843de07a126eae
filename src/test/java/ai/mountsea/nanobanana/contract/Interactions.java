package ai.mountsea.nanobanana.contract;

import static au.com.dius.pact.consumer.dsl.Matchers.fromProviderState;
import static au.com.dius.pact.consumer.dsl.Matchers.regexp;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import ai.mountsea.nanobanana.NanoBanana;
import ai.mountsea.nanobanana.OutcomeUnknownException;
import ai.mountsea.nanobanana.RateLimitedException;
import ai.mountsea.nanobanana.RefusedException;
import ai.mountsea.nanobanana.UnauthorizedException;
import ai.mountsea.nanobanana.api.Action;
import ai.mountsea.nanobanana.api.GenerateImageRequest;
import ai.mountsea.nanobanana.api.Model;
import ai.mountsea.nanobanana.api.TaskResult;
import ai.mountsea.nanobanana.api.TaskStatus;
import au.com.dius.pact.consumer.dsl.DslPart;
import au.com.dius.pact.consumer.dsl.HttpRequestBuilder;
import au.com.dius.pact.consumer.dsl.HttpResponseBuilder;
import au.com.dius.pact.consumer.dsl.Matcher;
import au.com.dius.pact.consumer.dsl.PactBuilder;
import au.com.dius.pact.consumer.dsl.PactDslJsonBody;
import au.com.dius.pact.consumer.dsl.PactDslJsonRootValue;
import au.com.dius.pact.core.model.PactSpecVersion;
import au.com.dius.pact.core.model.V4Interaction;
import au.com.dius.pact.core.model.V4Pact;
import au.com.dius.pact.core.model.matchingrules.RegexMatcher;
import au.com.dius.pact.core.model.matchingrules.TypeMatcher;
import au.com.dius.pact.core.support.json.JsonValue;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Function;
import okhttp3.OkHttpClient;

/**
 * The contract as data: every interaction that this library relies on, each with the call that
 * causes it. {@link PactFile} writes them down, {@link NanoBananaPactTest} makes the calls.
 *
 * <p>Requests match exactly; a provider fills in its own API key and task id. Responses match by
 * type and pattern, and may hold more than is asked for.
 */
final class Interactions {
  /** What every client under test has for a key. A provider replaces it with a valid one. */
  static final String API_KEY = "a-made-up-key";

  static final String KEY_IS_VALID = "the API key is valid";
  static final String TASK_EXISTS = "a task exists";
  static final String NO_TASK_EXISTS = "no such task exists";
  static final String RATE_LIMITED = "the rate limit is exceeded";
  static final String NO_MODEL_EXISTS = "no such model exists";
  static final String SUBMITS_FAIL = "submits fail";

  private static final String SUBMIT = "/gemini/image/generate";
  private static final String RESULT = "/gemini/task/result";
  private static final String TASK_ID = "7f1c2a90-5b0e-4f5e-9c55-0d7a3c1e8b11";
  private static final String IMAGE_URL = "https://cdn.example.com/7f1c2a90/0.png";
  private static final String LEAST =
      """
      {
        "prompt": "A fluffy orange cat running through a sunny meadow",
        "action": "generate"
      }
      """;

  // Anchored, because Pact in other languages looks for a match anywhere.
  private static final String JSON = "^application/json(;.*)?$";
  private static final String NOT_EMPTY = ".+";
  private static final String HTTP_URL = "^https?://.+";
  private static final String NOT_BILLED = "Not billed: no task is created.";
  private static final String SECONDS = "^[0-9]+$";

  private Interactions() {}

  /**
   * One interaction.
   *
   * @param pact the pact that consists of this interaction alone
   * @param okHttpClient what the client under test sends through
   * @param call makes the request and asserts what comes of the response
   */
  record Interaction(V4Pact pact, OkHttpClient okHttpClient, Consumer<NanoBanana> call) {
    @Override
    public String toString() {
      return pact.getInteractions().get(0).getDescription();
    }
  }

  static List<Interaction> all() {
    List<Interaction> all = new ArrayList<>();
    all.add(submits("a request to generate an image, with no more than it needs", LEAST, least()));
    String everyField = Spec.read().requestWithEveryField("GenerateImageRequest").toString();
    all.add(
        submits(
            "a request to generate an image, with every field",
            everyField,
            GenerateImageRequest.fromJson(everyField)));
    all.add(
        submits(
            "a request to edit one image",
            """
            {
              "prompt": "Put the cat into a boat",
              "action": "edit",
              "image_urls": ["https://example.com/cat.jpg"]
            }
            """,
            edit("Put the cat into a boat", "https://example.com/cat.jpg")));
    all.add(
        submits(
            "a request to edit several images into one",
            """
            {
              "prompt": "Put the cat of the first image into the boat of the second",
              "action": "edit",
              "image_urls": ["https://example.com/cat.jpg", "http://example.com/boat?size=large#bow"]
            }
            """,
            edit(
                "Put the cat of the first image into the boat of the second",
                "https://example.com/cat.jpg",
                "http://example.com/boat?size=large#bow")));
    all.add(
        fails(
            pact(),
            "a request to generate an image, without a key",
            request -> post(request, LEAST),
            response -> response.status(401),
            withoutToken(),
            client -> {
              UnauthorizedException failure =
                  catchThrowableOfType(UnauthorizedException.class, () -> client.submit(least()));
              assertThat(failure.statusCode()).isEqualTo(401);
              assertThat(failure.mayTaskExist()).isFalse();
            }));
    all.add(
        fails(
            pact().given(KEY_IS_VALID).given(RATE_LIMITED, Map.of("retryAfterSeconds", "1")),
            "a request to generate an image, when the rate limit is exceeded",
            request -> withToken(post(request, LEAST)),
            response -> response.status(429).header("Retry-After", regexp(SECONDS, "1")),
            new OkHttpClient(),
            client -> {
              RateLimitedException failure =
                  catchThrowableOfType(RateLimitedException.class, () -> client.submit(least()));
              assertThat(failure.retryAfter()).isEqualTo(Duration.ofSeconds(1));
              assertThat(failure.mayTaskExist()).isFalse();
            }));
    all.add(
        fails(
            pact().given(KEY_IS_VALID).given(NO_MODEL_EXISTS, Map.of("model", "nano-banana-0")),
            "a request to generate an image, with a model that does not exist",
            request ->
                withToken(
                    post(
                        request,
                        """
                        {
                          "prompt": "A fluffy orange cat running through a sunny meadow",
                          "action": "generate",
                          "model": "nano-banana-0"
                        }
                        """)),
            response -> response.status(400),
            new OkHttpClient(),
            client -> {
              RefusedException failure =
                  catchThrowableOfType(
                      RefusedException.class,
                      () -> client.submit(generate().model(new Model("nano-banana-0")).build()));
              assertThat(failure.statusCode()).isEqualTo(400);
              assertThat(failure.mayTaskExist()).isFalse();
            }));
    all.add(
        fails(
            pact().given(KEY_IS_VALID).given(SUBMITS_FAIL, Map.of("status", "500")),
            "a request to generate an image, when the service fails",
            request -> withToken(post(request, LEAST)),
            response -> response.status(500),
            new OkHttpClient(),
            client -> {
              OutcomeUnknownException failure =
                  catchThrowableOfType(OutcomeUnknownException.class, () -> client.submit(least()));
              assertThat(failure.response().statusCode()).isEqualTo(500);
              assertThat(failure.mayTaskExist()).isTrue();
            }));
    all.add(
        fails(
            pact().given(TASK_EXISTS, Map.of("taskId", TASK_ID, "status", "completed")),
            "a request for the result of a task, without a key",
            Interactions::get,
            response -> response.status(401),
            withoutToken(),
            client -> {
              UnauthorizedException failure =
                  catchThrowableOfType(UnauthorizedException.class, () -> client.result(TASK_ID));
              assertThat(failure.statusCode()).isEqualTo(401);
            }));
    all.add(
        fails(
            pact().given(KEY_IS_VALID).given(NO_TASK_EXISTS, Map.of("taskId", TASK_ID)),
            "a request for the result of a task that does not exist",
            request -> withToken(get(request)),
            response -> response.status(404),
            new OkHttpClient(),
            client -> {
              RefusedException failure =
                  catchThrowableOfType(RefusedException.class, () -> client.result(TASK_ID));
              assertThat(failure.statusCode()).isEqualTo(404);
            }));
    all.add(
        fails(
            pact()
                .given(KEY_IS_VALID)
                .given(RATE_LIMITED, Map.of("retryAfterSeconds", "1", "taskId", TASK_ID)),
            "a request for the result of a task, when the rate limit is exceeded",
            request -> withToken(get(request)),
            response -> response.status(429).header("Retry-After", regexp(SECONDS, "1")),
            new OkHttpClient(),
            client -> {
              RateLimitedException failure =
                  catchThrowableOfType(RateLimitedException.class, () -> client.result(TASK_ID));
              assertThat(failure.retryAfter()).isEqualTo(Duration.ofSeconds(1));
            }));
    for (String status :
        List.of("pending", "ready", "assigned", "processing", "failed", "cancelled", "timeout")) {
      all.add(
          reads(
              status,
              task(status),
              result ->
                  assertThat(result)
                      .isEqualTo(TaskResult.builder(TASK_ID, new TaskStatus(status)).build())));
    }
    all.add(
        reads(
            "completed",
            task("completed")
                .object("result")
                .minArrayLike(
                    "imageUrls", 1, PactDslJsonRootValue.stringMatcher(HTTP_URL, IMAGE_URL), 1)
                .closeObject(),
            result -> assertThat(result.result().imageUrls()).containsExactly(IMAGE_URL)));
    return all;
  }

  /** Submits a request; all that is expected of the response is a task id. */
  private static Interaction submits(String description, String json, GenerateImageRequest sent) {
    return interaction(
        pact().given(KEY_IS_VALID),
        description,
        "Billed: each verification creates a task.",
        request -> withToken(post(request, json)),
        response -> response.status(201).body(receipt()),
        new OkHttpClient(),
        client -> assertThat(client.submit(sent)).isEqualTo(TASK_ID));
  }

  /** Reads the result of the task that the provider state has created. */
  private static Interaction reads(String status, DslPart body, Consumer<TaskResult> assertions) {
    return interaction(
        pact().given(KEY_IS_VALID).given(TASK_EXISTS, Map.of("taskId", TASK_ID, "status", status)),
        "a request for the result of a task, status " + status,
        NOT_BILLED,
        request -> withToken(get(request)),
        response -> response.status(200).body(body),
        new OkHttpClient(),
        client -> assertions.accept(client.result(TASK_ID)));
  }

  /** Gets a status that the service does not document. */
  private static Interaction fails(
      PactBuilder pact,
      String description,
      Function<HttpRequestBuilder, HttpRequestBuilder> request,
      Function<HttpResponseBuilder, HttpResponseBuilder> response,
      OkHttpClient okHttpClient,
      Consumer<NanoBanana> call) {
    Interaction interaction =
        interaction(pact, description, NOT_BILLED, request, response, okHttpClient, call);
    interaction.pact().getInteractions().forEach(each -> ((V4Interaction) each).setPending(true));
    return interaction;
  }

  private static Interaction interaction(
      PactBuilder pact,
      String description,
      String cost,
      Function<HttpRequestBuilder, HttpRequestBuilder> request,
      Function<HttpResponseBuilder, HttpResponseBuilder> response,
      OkHttpClient okHttpClient,
      Consumer<NanoBanana> call) {
    V4Pact built =
        pact.expectsToReceiveHttpInteraction(
                description,
                http -> http.withRequest(request::apply).willRespondWith(response::apply))
            .toPact();
    V4Interaction.SynchronousHttp http =
        (V4Interaction.SynchronousHttp) built.getInteractions().get(0);
    http.setTransport("http");
    boolean submits = http.getRequest().getPath().equals(SUBMIT);
    http.addTextComment("Operation: " + (submits ? "generateImage" : "getTaskResult"));
    http.addTextComment(cost);
    http.getComments()
        .put(
            "testname",
            new JsonValue.StringValue(
                NanoBananaPactTest.class.getName()
                    + ".theClientSendsExactlyThisRequestAndUsesTheResponse"));
    http.getRequest().setHeaders(without(http.getRequest().getHeaders(), "content-type"));
    http.getResponse()
        .setHeaders(without(http.getResponse().getHeaders(), "content-type", "Content-Type"));
    return new Interaction(built, okHttpClient, call);
  }

  /** The builder of a body adds a header, which others send as a second line. */
  private static Map<String, List<String>> without(
      Map<String, List<String>> headers, String... names) {
    Map<String, List<String>> others = new LinkedHashMap<>(headers);
    others.keySet().removeAll(List.of(names));
    return others;
  }

  private static PactBuilder pact() {
    return new PactBuilder(PactFile.CONSUMER, PactFile.PROVIDER, PactSpecVersion.V4);
  }

  private static HttpRequestBuilder post(HttpRequestBuilder request, String json) {
    return request
        .method("POST")
        .path(SUBMIT)
        .header("Content-Type", regexp(JSON, "application/json"))
        .body(json, "application/json");
  }

  private static HttpRequestBuilder get(HttpRequestBuilder request) {
    return request.method("GET").path(RESULT).queryParameter("taskId", taskId());
  }

  /** Matches exactly here; a provider is sent the key that its state has made. */
  private static HttpRequestBuilder withToken(HttpRequestBuilder request) {
    return request.header(
        "Authorization", fromProviderState("Bearer ${apiKey}", "Bearer " + API_KEY));
  }

  /** Drops the token, as a misconfigured proxy would: the client itself always sends one. */
  private static OkHttpClient withoutToken() {
    return new OkHttpClient.Builder()
        .addNetworkInterceptor(
            chain ->
                chain.proceed(chain.request().newBuilder().removeHeader("Authorization").build()))
        .build();
  }

  /** Matches exactly here; a provider is asked for the task that its state has made. */
  private static Matcher taskId() {
    return fromProviderState("${taskId}", TASK_ID);
  }

  /** The pattern alone would take a number, too. */
  private static PactDslJsonBody receipt() {
    return new PactDslJsonBody()
        .and("taskId", TASK_ID, TypeMatcher.INSTANCE, new RegexMatcher(NOT_EMPTY));
  }

  private static PactDslJsonBody task(String status) {
    return receipt().stringValue("status", status);
  }

  private static GenerateImageRequest least() {
    return generate().build();
  }

  private static GenerateImageRequest.Builder generate() {
    return GenerateImageRequest.builder(
        "A fluffy orange cat running through a sunny meadow", Action.GENERATE);
  }

  private static GenerateImageRequest edit(String prompt, String... imageUrls) {
    return GenerateImageRequest.builder(prompt, Action.EDIT).imageUrls(List.of(imageUrls)).build();
  }
}
