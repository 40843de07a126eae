package ai.mountsea.nanobanana.sandbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import ai.mountsea.nanobanana.NanoBanana;
import ai.mountsea.nanobanana.NanoBananaException;
import ai.mountsea.nanobanana.OutcomeUnknownException;
import ai.mountsea.nanobanana.RateLimitedException;
import ai.mountsea.nanobanana.RefusedException;
import ai.mountsea.nanobanana.TaskFailedException;
import ai.mountsea.nanobanana.TaskNotFinishedException;
import ai.mountsea.nanobanana.UnauthorizedException;
import ai.mountsea.nanobanana.WaitOptions;
import ai.mountsea.nanobanana.api.Action;
import ai.mountsea.nanobanana.api.GenerateImageRequest;
import ai.mountsea.nanobanana.api.TaskResult;
import ai.mountsea.nanobanana.api.TaskStatus;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import okhttp3.Call;
import okhttp3.Callback;
import okhttp3.MediaType;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class ScriptTest {
  private static final GenerateImageRequest CAT =
      GenerateImageRequest.builder("A cat", Action.GENERATE).build();
  private static final WaitOptions QUICK =
      WaitOptions.DEFAULT.withMinDelay(Duration.ofMillis(1)).withMaxDelay(Duration.ofMillis(1));

  private final Sandbox sandbox = Sandbox.start();
  private final NanoBanana nanoBanana = sandbox.client();
  private final OkHttpClient http = new OkHttpClient();

  @AfterEach
  void stop() {
    nanoBanana.close();
    sandbox.close();
    http.dispatcher().executorService().shutdown();
    http.connectionPool().evictAll();
  }

  @Test
  void aTaskMayBeCompletedAtOnce() {
    sandbox.next(Script.completesAfter(0));

    assertThat(nanoBanana.await(nanoBanana.submit(CAT)).status()).isEqualTo(TaskStatus.COMPLETED);
  }

  @Test
  void theServiceIsReplayedAsItWasRecorded() {
    sandbox.next(
        Script.replays(
            exchange(
                "POST",
                "/gemini/image/generate",
                201,
                "\"body\":{\"data\":{\"taskId\":\"$taskId\"},\"code\":4001}"),
            read("{\"taskId\":\"$taskId\",\"status\":\"on hold\"}"),
            read(
                "{\"taskId\":\"$taskId\",\"status\":\"completed\",\"errorCode\":7,"
                    + "\"result\":{\"images\":[{\"url\":\"$imageUrl\"}]}}")));

    String taskId = nanoBanana.submit(CAT);

    assertThat(taskId).isEqualTo("sandbox-1");
    assertThat(nanoBanana.result(taskId).status()).isEqualTo(new TaskStatus("on hold"));
    TaskResult result = nanoBanana.await(taskId);
    assertThat(result).isEqualTo(nanoBanana.result(taskId));
    assertThat(result.errorCode()).isEqualTo(7);
    assertThat(nanoBanana.download(result)).hasSize(1);
    assertThat(nanoBanana.submit(CAT)).isEqualTo("sandbox-2");
  }

  @Test
  void aRefusalIsReplayedWithoutATask() {
    sandbox.next(
        Script.replays(
            exchange(
                "POST",
                "/gemini/image/generate",
                402,
                "\"headers\":{\"Content-Type\":\"text/plain\"},\"text\":\"No credit\"")));

    RefusedException failure =
        catchThrowableOfType(RefusedException.class, () -> nanoBanana.submit(CAT));

    assertThat(failure.statusCode()).isEqualTo(402);
    assertThat(failure.response().body()).isEqualTo("No credit");
    assertThat(failure.response().headers().get("Content-Type")).isEqualTo("text/plain");
    assertThat(sandbox.submitted()).isZero();
  }

  @Test
  void anImageThatWasGoneIsGoneAgain() {
    sandbox.next(
        Script.replays(
            exchange("GET", "$imageUrl", 403, "\"text\":\"Expired\""),
            read(
                "{\"taskId\":\"$taskId\",\"status\":\"completed\","
                    + "\"result\":{\"imageUrls\":[\"$imageUrl\"]}}")));
    TaskResult result = nanoBanana.await(nanoBanana.submit(CAT));

    assertThatThrownBy(() -> nanoBanana.download(result)).hasMessageContaining("403");
  }

  private static String read(String body) {
    return exchange("GET", "/gemini/task/result", 200, "\"body\":" + body);
  }

  private static String exchange(String method, String path, int status, String rest) {
    return "{\"request\":{\"method\":\"%s\",\"path\":\"%s\"},\"response\":{\"status\":%d,%s}}"
        .formatted(method, path, status, rest);
  }

  @Test
  void aSlowTaskOutlastsTheDeadlineAndIsCompletedLater() {
    sandbox.next(Script.completesAfter(20));
    String taskId = nanoBanana.submit(CAT);
    List<String> seen = new ArrayList<>();

    TaskNotFinishedException failure =
        catchThrowableOfType(
            TaskNotFinishedException.class,
            () -> nanoBanana.await(taskId, QUICK.withTimeout(Duration.ZERO)));
    nanoBanana.await(
        failure.taskId(), QUICK.withStatusListener(task -> seen.add(task.status().value())));

    assertThat(seen).endsWith("processing", "completed");
  }

  @Test
  void aTaskFailsAndSaysWhy() {
    sandbox.next(Script.failsWith("No cats today"));

    TaskFailedException failure =
        catchThrowableOfType(
            TaskFailedException.class, () -> nanoBanana.await(nanoBanana.submit(CAT), QUICK));

    assertThat(failure).hasMessageContaining("No cats today");
  }

  @Test
  void aLostReplyLeavesTheOutcomeUnknownAndTheTaskMade() {
    sandbox.next(Script.losesReply());

    OutcomeUnknownException failure =
        catchThrowableOfType(OutcomeUnknownException.class, () -> nanoBanana.submit(CAT));

    assertThat(failure.mayTaskExist()).isTrue();
    assertThat(sandbox.requests()).containsExactly(CAT);
  }

  @Test
  void aTaskMayHaveAStatusThatNobodyKnows() {
    sandbox.next(Script.staysAt("on hold"));

    TaskResult result = nanoBanana.result(nanoBanana.submit(CAT));

    assertThat(result.status()).isEqualTo(new TaskStatus("on hold"));
  }

  @Test
  void aSubmitThatIsRefusedWith429IsTriedAgain() {
    sandbox.next(Script.tooManyRequests(Duration.ZERO));

    assertThat(nanoBanana.submit(CAT)).isEqualTo("sandbox-1");
    assertThat(sandbox.submitted()).isEqualTo(1);
  }

  @Test
  void aFractionOfASecondIsNotCutOffARetryAfter() {
    assertThatThrownBy(() -> Script.tooManyRequests(Duration.ofMillis(1500)))
        .hasMessage("retryAfter must be whole seconds: PT1.5S");
  }

  @Test
  void a429SaysHowLongToWaitAndMakesNoTask() {
    sandbox.next(Script.tooManyRequests(Duration.ofHours(1)));

    RateLimitedException failure =
        catchThrowableOfType(RateLimitedException.class, () -> nanoBanana.submit(CAT));

    assertThat(failure.retryAfter()).isEqualTo(Duration.ofHours(1));
    assertThat(sandbox.submitted()).isZero();
  }

  @Test
  void scriptsHoldForOneSubmitEachInTheirOrder() {
    sandbox.next(Script.staysAt("first"), Script.staysAt("second"));

    List<String> seen = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      seen.add(nanoBanana.result(nanoBanana.submit(CAT)).status().value());
    }

    assertThat(seen).containsExactly("first", "second", "pending");
  }

  @Test
  void aTaskMayFailLater() {
    sandbox.next(Script.failsAfter(1, "No cats today"));
    String taskId = nanoBanana.submit(CAT);

    assertThat(nanoBanana.result(taskId).status()).isEqualTo(TaskStatus.PENDING);
    assertThat(nanoBanana.result(taskId).errorMessage()).isEqualTo("No cats today");
  }

  @Test
  void aTaskThatFailsDoesSoAtOnce() {
    sandbox.next(Script.failsWith("No cats today"));

    assertThat(nanoBanana.result(nanoBanana.submit(CAT)).status()).isEqualTo(TaskStatus.FAILED);
  }

  @Test
  void aTaskMayBeCompletedWithAnyResult() throws IOException {
    sandbox.next(Script.completesWith("{\"images\": [{\"url\": \"$imageUrl\"}], \"n\": 1.50}"));
    String taskId = nanoBanana.submit(CAT);

    assertThat(get("/gemini/task/result?taskId=" + taskId))
        .endsWith(
            ",\"result\":{\"images\": [{\"url\": \""
                + sandbox.url()
                + "/images/sandbox-1.png\"}], \"n\": 1.50}}");
  }

  @Test
  void aSubmitMayBeAnsweredWithAnything() {
    sandbox.next(
        Script.answers(
            418,
            Map.of("Content-Type", "text/plain", "X-Pot", "tea"),
            "{\"message\": \"I'm a teapot \uD83E\uDED6\"}"));

    RefusedException failure =
        catchThrowableOfType(RefusedException.class, () -> nanoBanana.submit(CAT));

    assertThat(failure.statusCode()).isEqualTo(418);
    assertThat(failure).hasMessageContaining("I'm a teapot \uD83E\uDED6");
    assertThat(sandbox.submitted()).isZero();
  }

  @Test
  void theKeyMayBeRefusedAndCreditMayBeSpent() {
    sandbox.next(Script.refusesKey(), Script.noCredit());

    assertThatThrownBy(() -> nanoBanana.submit(CAT)).isInstanceOf(UnauthorizedException.class);
    assertThatThrownBy(() -> nanoBanana.submit(CAT))
        .isInstanceOf(RefusedException.class)
        .hasMessageContaining("no credit is left");
    assertThat(sandbox.submitted()).isZero();
  }

  @Test
  void aSlowSubmitMakesItsTaskAtOnceAndAnswersLate() throws Exception {
    sandbox.next(Script.slowSubmit(Duration.ofDays(1)));

    CompletableFuture<String> late = nanoBanana.submitAsync(CAT);
    while (sandbox.submitted() == 0) {
      Thread.onSpinWait();
    }

    assertThat(nanoBanana.submit(CAT)).isEqualTo("sandbox-2");
    assertThat(late).isNotDone();
  }

  @Test
  void aLostRequestMakesNoTask() {
    sandbox.next(Script.losesRequest());

    assertThatThrownBy(() -> nanoBanana.submit(CAT)).isInstanceOf(OutcomeUnknownException.class);
    assertThat(sandbox.submitted()).isZero();
  }

  @Test
  void aCutReplyLeavesTheOutcomeUnknownAndTheTaskMade() {
    sandbox.next(Script.cutsReply());

    assertThatThrownBy(() -> nanoBanana.submit(CAT)).isInstanceOf(OutcomeUnknownException.class);
    assertThat(sandbox.requests()).containsExactly(CAT);
  }

  @Test
  void theReadsOfATaskMayBeAnsweredWithAnything() throws IOException {
    sandbox.next(Script.resultAnswers(410, "{\"id\": \"$taskId\"}"));
    String taskId = nanoBanana.submit(CAT);

    assertThat(get("/gemini/task/result?taskId=" + taskId)).isEqualTo("{\"id\": \"sandbox-1\"}");
    assertThatThrownBy(() -> nanoBanana.result(taskId)).isInstanceOf(NanoBananaException.class);
  }

  static List<Script> imagesThatCannotBeSaved() {
    return List.of(
        Script.imageGone(), Script.imageCut(), Script.imageIsHtml(), Script.imageHuge(1L << 40));
  }

  @ParameterizedTest
  @MethodSource("imagesThatCannotBeSaved")
  void anImageMayBeBad(Script script, @TempDir Path folder) {
    sandbox.next(script);
    TaskResult result = nanoBanana.await(nanoBanana.submit(CAT));

    assertThatThrownBy(() -> nanoBanana.save(result, folder))
        .isInstanceOf(NanoBananaException.class);
    assertThat(folder).isEmptyDirectory();
  }

  @Test
  void anImageMayBeLongerThanItIs() throws IOException {
    sandbox.next(Script.imageHuge(1_000_000), Script.completesAfter(0));
    nanoBanana.submit(CAT);
    nanoBanana.submit(CAT);

    int huge = http.newCall(request("/images/sandbox-1.png")).execute().body().bytes().length;
    int usual = http.newCall(request("/images/sandbox-2.png")).execute().body().bytes().length;

    assertThat(huge).isEqualTo(usual + 1_000_000);
  }

  @Test
  void aSlowImageKeepsNobodyElseWaiting() throws IOException {
    sandbox.next(Script.imageSlow(Duration.ofDays(1)), Script.completesAfter(0));
    nanoBanana.submit(CAT);
    nanoBanana.submit(CAT);
    Call slow = http.newCall(request("/images/sandbox-1.png"));
    CompletableFuture<IOException> cancelled = new CompletableFuture<>();
    slow.enqueue(
        new Callback() {
          @Override
          public void onFailure(Call call, IOException e) {
            cancelled.complete(e);
          }

          @Override
          public void onResponse(Call call, Response response) {
            response.close();
          }
        });

    assertThat(get("/images/sandbox-2.png")).isNotEmpty();

    assertThat(cancelled).isNotDone();
    slow.cancel();
    assertThat(cancelled.join()).isInstanceOf(IOException.class);
  }

  @Test
  void aScriptMayBeForSeveralSubmits() {
    sandbox.next(Script.staysAt("twice").times(2), Script.staysAt("then"));

    List<String> seen = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      seen.add(nanoBanana.result(nanoBanana.submit(CAT)).status().value());
    }

    assertThat(seen).containsExactly("twice", "twice", "then", "pending");
  }

  @Test
  void aScriptForAWordGoesBeforeOthersAndWaitsForItsPrompt() {
    sandbox.next(Script.staysAt("any"), Script.staysAt("for dogs").whenPromptContains("dog"));

    assertThat(statusOf("A dog")).isEqualTo("for dogs");
    assertThat(statusOf("A cat")).isEqualTo("any");
    assertThat(statusOf("A dog")).isEqualTo("pending");
  }

  @Test
  void aSubmitThatIsRefusedTakesNoScript() throws IOException {
    sandbox.next(Script.staysAt("kept"));
    Request invalid =
        request("/gemini/image/generate")
            .newBuilder()
            .post(RequestBody.create("{}", MediaType.get("application/json")))
            .build();

    http.newCall(invalid).execute().close();

    assertThat(statusOf("A cat")).isEqualTo("kept");
  }

  @Test
  void aResetForgetsScriptsTasksAndRequests() {
    sandbox.next(Script.staysAt("forgotten").times(2));
    nanoBanana.submit(CAT);

    sandbox.reset();

    assertThat(sandbox.requests()).isEmpty();
    assertThat(sandbox.submitted()).isZero();
    assertThat(nanoBanana.submit(CAT)).isEqualTo("sandbox-1");
    assertThat(nanoBanana.result("sandbox-1").status()).isEqualTo(TaskStatus.PENDING);
  }

  @Test
  void underLoadEachSubmitTakesTheScriptOfItsWordAndRequestsAreInTheOrderOfTheIds()
      throws Exception {
    int tests = 16;
    int submits = 50;
    sandbox.next(
        IntStream.range(0, tests)
            .mapToObj(i -> Script.staysAt("of test " + i).whenPromptContains("test " + i + ":"))
            .map(script -> script.times(submits))
            .toArray(Script[]::new));
    ExecutorService threads = Executors.newFixedThreadPool(tests);
    Map<String, String> promptsById = new ConcurrentHashMap<>();
    List<Future<?>> done = new ArrayList<>();
    for (int i = 0; i < tests; i++) {
      int test = i;
      done.add(
          threads.submit(
              () -> {
                for (int j = 0; j < submits; j++) {
                  String prompt = "test " + test + ": " + j;
                  String taskId = nanoBanana.submit(prompted(prompt));
                  promptsById.put(taskId, prompt);
                  assertThat(nanoBanana.result(taskId).status().value())
                      .isEqualTo("of test " + test);
                }
              }));
    }
    threads.shutdown();
    for (Future<?> each : done) {
      each.get();
    }

    List<String> inOrder =
        IntStream.rangeClosed(1, tests * submits)
            .mapToObj(i -> promptsById.get("sandbox-" + i))
            .toList();
    assertThat(sandbox.requests())
        .extracting(GenerateImageRequest::prompt)
        .containsExactlyElementsOf(inOrder);
  }

  @Test
  void whatMakesNoSenseIsRefused() {
    assertThatThrownBy(() -> Script.answers(199, "")).hasMessage("status must be 200 to 599: 199");
    assertThatThrownBy(() -> Script.answers(200, Map.of("A b", "c"), ""))
        .hasMessage("Invalid header: A b: c");
    assertThatThrownBy(() -> Script.answers(200, Map.of("A", "b\r\nc"), ""))
        .hasMessageStartingWith("Invalid header: A: b");
    assertThatThrownBy(() -> Script.resultAnswers(200, Map.of("content-LENGTH", "1"), ""))
        .hasMessage("The sandbox itself sets the header content-LENGTH");
    assertThatThrownBy(() -> Script.completesWith("{"))
        .hasMessage("resultJson is not valid JSON: it ends too early");
    assertThatThrownBy(() -> Script.completesAfter(-1))
        .hasMessage("reads must not be negative: -1");
    assertThatThrownBy(() -> Script.slowSubmit(Duration.ofMillis(-1)))
        .hasMessage("The duration must be 0 to 1000000 s, not PT-0.001S");
    assertThatThrownBy(() -> Script.imageSlow(Duration.ofSeconds(Long.MAX_VALUE)))
        .hasMessageStartingWith("The duration must be 0 to 1000000 s, not PT");
    assertThatThrownBy(() -> Script.imageHuge(-1))
        .hasMessage("bytes must be 0 to 1099511627776, not -1");
    assertThatThrownBy(() -> Script.imageHuge(Long.MAX_VALUE))
        .hasMessageStartingWith("bytes must be 0 to 1099511627776, not ");
    assertThatThrownBy(() -> Script.losesReply().times(0))
        .hasMessage("times must be at least 1: 0");
    assertThatThrownBy(() -> Script.losesReply().whenPromptContains(""))
        .hasMessage("whenPromptContains must not be empty");
    assertThat(Script.answers(204, Map.of(), ""))
        .hasToString("{\"script\":\"answers\",\"status\":204,\"headers\":{},\"body\":\"\"}");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          {"state": "a task exists"}                                    | 200 | {"taskId":"sandbox-1"}
          {"state": "a task exists", "params": {"status": "failed"}, "action": "setup"} | 200 | {"taskId":"sandbox-1"}
          {"state": "a task exists", "action": "teardown"}              | 200 | {}
          {"state": "no such task exists", "params": {"taskId": "x"}}   | 200 | {"taskId":"no-such-task"}
          {"state": "the API key is valid"}                             | 200 | {"apiKey":"a-key-of-the-sandbox"}
          {"state": "the rate limit is exceeded", "params": {"retryAfterSeconds": "7"}} | 200 | {"taskId":"sandbox-1"}
          {"state": ""}                                                 | 200 | {}
          {"state": "submits fail", "params": {"status": "99"}}         | 400 | {"message":"status must be 500 to 599: 99"}
          {"state": "a task is lost"} | 400 | {"message":"No such state: a task is lost. pacts/README.md has a table of them"}
          [                           | 400 | {"message":"The body is not valid JSON: it ends too early"}
          """)
  void aVerifierSetsAProviderStateAndGetsItsTask(String change, int status, String reply)
      throws IOException {
    Request request =
        new Request.Builder()
            .url(sandbox.url() + "/_pact/states")
            .post(RequestBody.create(change, MediaType.get("application/json")))
            .build();

    try (Response response = http.newCall(request).execute()) {
      assertThat(response.code()).isEqualTo(status);
      assertThat(response.body().string()).isEqualTo(reply);
    }
  }

  private String statusOf(String prompt) {
    return nanoBanana.result(nanoBanana.submit(prompted(prompt))).status().value();
  }

  private static GenerateImageRequest prompted(String prompt) {
    return GenerateImageRequest.builder(prompt, Action.GENERATE).build();
  }

  private String get(String path) throws IOException {
    try (Response response = http.newCall(request(path)).execute()) {
      return response.body().string();
    }
  }

  private Request request(String path) {
    return new Request.Builder()
        .url(sandbox.url() + path)
        .header("Authorization", "Bearer x")
        .build();
  }
}
