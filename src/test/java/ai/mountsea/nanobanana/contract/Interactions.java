package ai.mountsea.nanobanana.contract;

import static au.com.dius.pact.consumer.dsl.Matchers.fromProviderState;
import static au.com.dius.pact.consumer.dsl.Matchers.regexp;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import ai.mountsea.nanobanana.NanoBanana;
import ai.mountsea.nanobanana.UnauthorizedException;
import ai.mountsea.nanobanana.api.Action;
import ai.mountsea.nanobanana.api.AspectRatio;
import ai.mountsea.nanobanana.api.GenerateImageRequest;
import ai.mountsea.nanobanana.api.Model;
import ai.mountsea.nanobanana.api.Resolution;
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
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;
import okhttp3.OkHttpClient;

/**
 * The contract as data: every interaction that this library relies on, each with the call that
 * causes it. {@link PactFile} writes them down, {@link NanoBananaPactTest} makes the calls.
 *
 * <p>Requests match exactly, except for the API key. Responses match by type and pattern, and may
 * hold more than is asked for.
 */
final class Interactions {
  private static final String SUBMIT = "/gemini/image/generate";
  private static final String RESULT = "/gemini/task/result";
  private static final String TASK_ID = "7f1c2a90-5b0e-4f5e-9c55-0d7a3c1e8b11";
  private static final String IMAGE_URL = "https://cdn.example.com/7f1c2a90/0.png";

  // Anchored, because Pact in other languages looks for a match anywhere.
  private static final String JSON = "^application/json(;.*)?$";
  private static final String NOT_EMPTY = ".+";
  private static final String HTTP_URL = "^https?://.+";
  private static final String RFC_3339 =
      "^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}(\\.\\d+)?(Z|[+-]\\d{2}:\\d{2})$";

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
    all.add(
        submits(
            "a request to generate an image, with no more than it needs",
            """
            {
              "prompt": "A fluffy orange cat running through a sunny meadow",
              "action": "generate"
            }
            """,
            generate().build()));
    all.add(
        submits(
            "a request to generate an image, as in the reference page's own example",
            """
            {
              "prompt": "A fluffy orange cat running through a sunny meadow",
              "action": "generate",
              "num_images": 1,
              "image_urls": ["https://example.com/image1.jpg", "https://example.com/image2.jpg"],
              "aspect_ratio": "1:1",
              "model": "nano-banana-fast"
            }
            """,
            generate()
                .numImages(1)
                .imageUrls(
                    List.of("https://example.com/image1.jpg", "https://example.com/image2.jpg"))
                .aspectRatio(AspectRatio.RATIO_1_1)
                .model(Model.NANO_BANANA_FAST)
                .build()));
    all.add(
        submits(
            "a request to generate an image, with every field",
            """
            {
              "prompt": "A fluffy orange cat running through a sunny meadow",
              "action": "generate",
              "num_images": 1,
              "image_urls": ["https://example.com/image1.jpg", "https://example.com/image2.jpg"],
              "aspect_ratio": "16:9",
              "model": "nano-banana-pro",
              "resolution": "2K"
            }
            """,
            generate()
                .numImages(1)
                .imageUrls(
                    List.of("https://example.com/image1.jpg", "https://example.com/image2.jpg"))
                .aspectRatio(AspectRatio.RATIO_16_9)
                .model(Model.NANO_BANANA_PRO)
                .resolution(Resolution.TWO_K)
                .build()));
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
    for (Resolution resolution : Resolution.values()) {
      all.add(
          submits(
              "a request for nano-banana-pro to generate an image in " + resolution,
              """
              {
                "prompt": "A fluffy orange cat running through a sunny meadow",
                "action": "generate",
                "model": "nano-banana-pro",
                "resolution": "%s"
              }
              """
                  .formatted(resolution),
              generate().model(Model.NANO_BANANA_PRO).resolution(resolution).build()));
    }
    for (AspectRatio aspectRatio : List.of(AspectRatio.RATIO_8_1, AspectRatio.RATIO_1_8)) {
      all.add(
          submits(
              "a request for nano-banana-2 to generate an image of " + aspectRatio,
              """
              {
                "prompt": "A fluffy orange cat running through a sunny meadow",
                "action": "generate",
                "aspect_ratio": "%s",
                "model": "nano-banana-2"
              }
              """
                  .formatted(aspectRatio),
              generate().aspectRatio(aspectRatio).model(Model.NANO_BANANA_2).build()));
    }
    all.add(
        interaction(
            pact(),
            "a request to generate an image, without a token",
            request ->
                request
                    .method("POST")
                    .path(SUBMIT)
                    .header("Content-Type", regexp(JSON, "application/json"))
                    .body(
                        """
                        {
                          "prompt": "A fluffy orange cat running through a sunny meadow",
                          "action": "generate"
                        }
                        """,
                        "application/json"),
            response -> response.status(401),
            withoutToken(),
            client -> {
              UnauthorizedException failure =
                  catchThrowableOfType(
                      UnauthorizedException.class, () -> client.submit(generate().build()));
              assertThat(failure.statusCode()).isEqualTo(401);
              assertThat(failure.mayTaskExist()).isFalse();
            }));
    all.add(
        interaction(
            pact().given("a task is completed"),
            "a request for a task's result, without a token",
            request -> request.method("GET").path(RESULT).queryParameter("taskId", taskId()),
            response -> response.status(401),
            withoutToken(),
            client -> {
              UnauthorizedException failure =
                  catchThrowableOfType(UnauthorizedException.class, () -> client.result(TASK_ID));
              assertThat(failure.statusCode()).isEqualTo(401);
            }));
    for (String status : List.of("pending", "processing")) {
      all.add(
          reads(
              "a task is " + status,
              status,
              task(status),
              result ->
                  assertThat(result)
                      .isEqualTo(TaskResult.builder(TASK_ID, new TaskStatus(status)).build())));
    }
    all.add(
        reads(
            "a task is completed",
            "completed",
            task("completed")
                .stringMatcher("createdAt", RFC_3339, "2026-01-15T09:30:00.000Z")
                .stringMatcher("finishedAt", RFC_3339, "2026-01-15T09:30:21.480Z")
                .object("result")
                .minArrayLike(
                    "imageUrls", 1, PactDslJsonRootValue.stringMatcher(HTTP_URL, IMAGE_URL), 1)
                .closeObject(),
            result -> {
              assertThat(result.result().imageUrls()).containsExactly(IMAGE_URL);
              assertThat(result.createdAt())
                  .isEqualTo(OffsetDateTime.parse("2026-01-15T09:30:00Z"));
              assertThat(result.finishedAt())
                  .isEqualTo(OffsetDateTime.parse("2026-01-15T09:30:21.48Z"));
            }));
    all.add(
        reads(
            "a task has failed",
            "failed",
            task("failed")
                .stringType("errorMessage", "The prompt was refused by the content filter"),
            result -> {
              assertThat(result.status()).isEqualTo(TaskStatus.FAILED);
              assertThat(result.errorMessage())
                  .isEqualTo("The prompt was refused by the content filter");
            }));
    return all;
  }

  /** Submits a request; all that is expected of the response is a task id. */
  private static Interaction submits(String description, String json, GenerateImageRequest sent) {
    return interaction(
        pact(),
        description,
        request ->
            withToken(request)
                .method("POST")
                .path(SUBMIT)
                .header("Content-Type", regexp(JSON, "application/json"))
                .body(json, "application/json"),
        response ->
            response
                .status(201)
                .header("Content-Type", regexp(JSON, "application/json"))
                .body(receipt()),
        new OkHttpClient(),
        client -> assertThat(client.submit(sent)).isEqualTo(TASK_ID));
  }

  /** Reads the result of the task that the provider state has created. */
  private static Interaction reads(
      String state, String status, DslPart body, Consumer<TaskResult> assertions) {
    return interaction(
        pact().given(state),
        "a request for the result of a " + status + " task",
        request -> withToken(request).method("GET").path(RESULT).queryParameter("taskId", taskId()),
        response ->
            response
                .status(200)
                .header("Content-Type", regexp(JSON, "application/json"))
                .body(body),
        new OkHttpClient(),
        client -> assertions.accept(client.result(TASK_ID)));
  }

  private static Interaction interaction(
      PactBuilder pact,
      String description,
      Function<HttpRequestBuilder, HttpRequestBuilder> request,
      Function<HttpResponseBuilder, HttpResponseBuilder> response,
      OkHttpClient okHttpClient,
      Consumer<NanoBanana> call) {
    V4Pact built =
        pact.expectsToReceiveHttpInteraction(
                description,
                http -> http.withRequest(request::apply).willRespondWith(response::apply))
            .toPact();
    built.getInteractions().forEach(each -> ((V4Interaction) each).setTransport("http"));
    return new Interaction(built, okHttpClient, call);
  }

  private static PactBuilder pact() {
    return new PactBuilder(PactFile.CONSUMER, PactFile.PROVIDER, PactSpecVersion.V4);
  }

  /** Matches any key, so that nobody's own key gets into the pact. */
  private static HttpRequestBuilder withToken(HttpRequestBuilder request) {
    return request.header("Authorization", regexp("^Bearer \\S+$", "Bearer a-made-up-key"));
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

  private static GenerateImageRequest.Builder generate() {
    return GenerateImageRequest.builder(
        "A fluffy orange cat running through a sunny meadow", Action.GENERATE);
  }

  private static GenerateImageRequest edit(String prompt, String... imageUrls) {
    return GenerateImageRequest.builder(prompt, Action.EDIT).imageUrls(List.of(imageUrls)).build();
  }
}
