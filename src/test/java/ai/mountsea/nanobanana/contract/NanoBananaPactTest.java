package ai.mountsea.nanobanana.contract;

import static au.com.dius.pact.consumer.ConsumerPactRunnerKt.runConsumerTest;
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
import au.com.dius.pact.consumer.PactVerificationResult;
import au.com.dius.pact.consumer.dsl.DslPart;
import au.com.dius.pact.consumer.dsl.HttpRequestBuilder;
import au.com.dius.pact.consumer.dsl.HttpResponseBuilder;
import au.com.dius.pact.consumer.dsl.Matcher;
import au.com.dius.pact.consumer.dsl.PactBuilder;
import au.com.dius.pact.consumer.dsl.PactDslJsonBody;
import au.com.dius.pact.consumer.dsl.PactDslJsonRootValue;
import au.com.dius.pact.consumer.model.MockProviderConfig;
import au.com.dius.pact.core.model.PactSpecVersion;
import au.com.dius.pact.core.model.matchingrules.RegexMatcher;
import au.com.dius.pact.core.model.matchingrules.TypeMatcher;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.function.Function;
import okhttp3.OkHttpClient;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What this library relies on, one interaction a test, through the real client: each passes only if
 * the client sends exactly that request and can use such a reply. Together they write the pact.
 *
 * <p>Requests match exactly, except for the API key. Replies match by type and pattern, and may
 * hold more than is asked for. All of it is in this one class, so that a pact is never half
 * written.
 */
@TestMethodOrder(
    MethodOrderer.Random.class) // The pact is the same in whatever order it is written.
class NanoBananaPactTest {
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

  @Test
  void anImageIsGeneratedFromTheTwoFieldsThatEveryRequestNeeds() {
    submits(
        "a request to generate an image, with no more than it needs",
        """
        {
          "prompt": "A fluffy orange cat running through a sunny meadow",
          "action": "generate"
        }
        """,
        generate().build());
  }

  @Test
  void anImageIsGeneratedAsThePagesOwnExampleHasIt() {
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
            .imageUrls(List.of("https://example.com/image1.jpg", "https://example.com/image2.jpg"))
            .aspectRatio(AspectRatio.RATIO_1_1)
            .model(Model.NANO_BANANA_FAST)
            .build());
  }

  @Test
  void anImageIsGeneratedWithEveryFieldThereIs() {
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
            .imageUrls(List.of("https://example.com/image1.jpg", "https://example.com/image2.jpg"))
            .aspectRatio(AspectRatio.RATIO_16_9)
            .model(Model.NANO_BANANA_PRO)
            .resolution(Resolution.TWO_K)
            .build());
  }

  @Test
  void anImageIsEdited() {
    submits(
        "a request to edit one image",
        """
        {
          "prompt": "Put the cat into a boat",
          "action": "edit",
          "image_urls": ["https://example.com/cat.jpg"]
        }
        """,
        edit("Put the cat into a boat", "https://example.com/cat.jpg"));
  }

  @Test
  void severalImagesAreEditedIntoOne() {
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
            "http://example.com/boat?size=large#bow"));
  }

  @ParameterizedTest
  @EnumSource
  void nanoBananaProTakesEachResolution(Resolution resolution) {
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
        generate().model(Model.NANO_BANANA_PRO).resolution(resolution).build());
  }

  @ParameterizedTest
  @EnumSource(names = {"RATIO_8_1", "RATIO_1_8"})
  void nanoBanana2TakesTheWidestAndTheNarrowestAspectRatio(AspectRatio aspectRatio) {
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
        generate().aspectRatio(aspectRatio).model(Model.NANO_BANANA_2).build());
  }

  @Test
  void aRequestWithoutATokenIsUnauthorized() {
    UnauthorizedException failure =
        interact(
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
            client ->
                catchThrowableOfType(
                    UnauthorizedException.class, () -> client.submit(generate().build())));

    assertThat(failure.statusCode()).isEqualTo(401);
    assertThat(failure.mayTaskExist()).isFalse();
  }

  @Test
  void aResultAskedForWithoutATokenIsUnauthorized() {
    UnauthorizedException failure =
        interact(
            pact().given("a task is completed"),
            "a request for a task's result, without a token",
            request -> request.method("GET").path(RESULT).queryParameter("taskId", taskId()),
            response -> response.status(401),
            withoutToken(),
            client ->
                catchThrowableOfType(UnauthorizedException.class, () -> client.result(TASK_ID)));

    assertThat(failure.statusCode()).isEqualTo(401);
  }

  @ParameterizedTest
  @ValueSource(strings = {"pending", "processing"})
  void aTaskThatIsUnderWayHasAStatusAndNoMore(String status) {
    TaskResult result = reads("a task is " + status, status, task(status));

    assertThat(result).isEqualTo(TaskResult.builder(TASK_ID, new TaskStatus(status)).build());
  }

  @Test
  void aCompletedTaskHasTheUrlsOfItsImagesAndWhenItWasMade() {
    TaskResult result =
        reads(
            "a task is completed",
            "completed",
            task("completed")
                .stringMatcher("createdAt", RFC_3339, "2026-01-15T09:30:00.000Z")
                .stringMatcher("finishedAt", RFC_3339, "2026-01-15T09:30:21.480Z")
                .object("result")
                .minArrayLike(
                    "imageUrls", 1, PactDslJsonRootValue.stringMatcher(HTTP_URL, IMAGE_URL), 1)
                .closeObject());

    assertThat(result.result().imageUrls()).containsExactly(IMAGE_URL);
    assertThat(result.createdAt()).isEqualTo(OffsetDateTime.parse("2026-01-15T09:30:00Z"));
    assertThat(result.finishedAt()).isEqualTo(OffsetDateTime.parse("2026-01-15T09:30:21.48Z"));
  }

  @Test
  void aFailedTaskSaysWhy() {
    TaskResult result =
        reads(
            "a task has failed",
            "failed",
            task("failed")
                .stringType("errorMessage", "The prompt was refused by the content filter"));

    assertThat(result.status()).isEqualTo(TaskStatus.FAILED);
    assertThat(result.errorMessage()).isEqualTo("The prompt was refused by the content filter");
  }

  /** Submits a request and expects nothing but a task id. */
  private static void submits(String description, String json, GenerateImageRequest sent) {
    String taskId =
        interact(
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
            client -> client.submit(sent));

    assertThat(taskId).isEqualTo(TASK_ID);
  }

  /** Reads the result of the task that a state of the provider has made. */
  private static TaskResult reads(String state, String status, DslPart body) {
    return interact(
        pact().given(state),
        "a request for the result of a " + status + " task",
        request -> withToken(request).method("GET").path(RESULT).queryParameter("taskId", taskId()),
        response ->
            response
                .status(200)
                .header("Content-Type", regexp(JSON, "application/json"))
                .body(body),
        new OkHttpClient(),
        client -> client.result(TASK_ID));
  }

  private static <R> R interact(
      PactBuilder pact,
      String description,
      Function<HttpRequestBuilder, HttpRequestBuilder> request,
      Function<HttpResponseBuilder, HttpResponseBuilder> response,
      OkHttpClient okHttpClient,
      Function<NanoBanana, R> call) {
    PactVerificationResult result =
        runConsumerTest(
            pact.expectsToReceiveHttpInteraction(
                    description,
                    http -> http.withRequest(request::apply).willRespondWith(response::apply))
                .toPact(),
            MockProviderConfig.createDefault(PactSpecVersion.V4),
            (mockServer, context) -> {
              try (NanoBanana client =
                  NanoBanana.builder()
                      .apiKey("the-callers-own-key")
                      .baseUrl(mockServer.getUrl())
                      .okHttpClient(okHttpClient)
                      .build()) {
                return call.apply(client);
              } finally {
                okHttpClient.dispatcher().executorService().shutdown();
                okHttpClient.connectionPool().evictAll();
              }
            });
    assertThat(result).as(result.getDescription()).isInstanceOf(PactVerificationResult.Ok.class);
    @SuppressWarnings("unchecked") // It is what call returned.
    R value = (R) ((PactVerificationResult.Ok) result).getResult();
    return value;
  }

  private static PactBuilder pact() {
    return new PactBuilder(PactFile.CONSUMER, PactFile.PROVIDER, PactSpecVersion.V4);
  }

  /** Matches any key, so that no one's own gets into the pact. */
  private static HttpRequestBuilder withToken(HttpRequestBuilder request) {
    return request.header("Authorization", regexp("^Bearer \\S+$", "Bearer a-made-up-key"));
  }

  /** Loses the token on the way, as a careless proxy would: the client itself always sends one. */
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
