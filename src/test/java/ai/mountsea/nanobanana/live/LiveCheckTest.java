package ai.mountsea.nanobanana.live;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.mountsea.nanobanana.sandbox.Sandbox;
import ai.mountsea.nanobanana.sandbox.Script;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Stream;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.mockwebserver.Dispatcher;
import okhttp3.mockwebserver.MockResponse;
import okhttp3.mockwebserver.MockWebServer;
import okhttp3.mockwebserver.RecordedRequest;
import okhttp3.mockwebserver.SocketPolicy;
import okio.Buffer;
import okio.ByteString;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The live check on a sandbox, and on services that are not as the spec says. */
class LiveCheckTest {
  private static final String KEY = "sk-live-0123456789abcdef";
  private static final String SUBMIT = "POST /gemini/image/generate";
  private static final String RESULT = "GET /gemini/task/result";
  private static final Clock DAY = day("2026-11-24");
  private static final String TASK = "{\"taskId\":\"task-1\"}";
  private static final ByteString PNG =
      ByteString.decodeHex(
          "89504e470d0a1a0a0000000d49484452000000010000000108000000003a7e9b55"
              + "0000000a49444154789c63600000000200014873 8fe40000000049454e44ae426082"
                  .replace(" ", ""));

  @TempDir private Path folder;
  private final ByteArrayOutputStream printed = new ByteArrayOutputStream();
  private final MockWebServer server = new MockWebServer();
  private final List<String> received = new ArrayList<>();

  @AfterEach
  void stop() throws IOException {
    server.close();
  }

  @Test
  void theSandboxIsAsTheSpecSaysAndTheSecondRunChangesNothing() throws IOException {
    try (Sandbox sandbox = Sandbox.start()) {
      assertThat(run(sandbox.url(), KEY, true, DAY)).isEmpty();
      Map<String, String> first = observed();

      assertThat(run(sandbox.url(), KEY, true, DAY)).isEmpty();

      assertThat(observed()).isEqualTo(first);
      assertThat(sandbox.submitted()).isEqualTo(2);
      assertThat(first.keySet())
          .containsExactly(
              "image.json",
              "result-completed.json",
              "result-of-unknown-task.json",
              "result-pending.json",
              "result-processing.json",
              "result-without-token.json",
              "seen.yaml",
              "submit-of-invalid-json.json",
              "submit-without-token.json",
              "submit.json");
    }
    assertThat(folder.resolve("output/live-1-1.png")).exists();
    assertThat(folder.resolve("output/live-2-1.png")).exists();
    assertThat(printed())
        .contains(
            "Tier 2: one image, for which you will be billed, by the default model.\n",
            "POSTs of an image: 1\n",
            "Sent 9 requests. Billed: task sandbox-1.\n",
            "Sent 9 requests. Billed: task sandbox-2.\n",
            "observed is as before, but for the dates.\n");
  }

  @Test
  void anExchangeIsWrittenRedactedAndSorted() throws IOException {
    try (Sandbox sandbox = Sandbox.start()) {
      run(sandbox.url(), KEY, true, DAY);
    }

    assertThat(observed().get("submit.json"))
        .isEqualTo(
            """
            {
              "request": {
                "method": "POST",
                "path": "/gemini/image/generate",
                "body": {
                  "action": "generate",
                  "prompt": "$prompt"
                }
              },
              "response": {
                "status": 201,
                "headers": {
                  "Content-Type": "application/json"
                },
                "body": {
                  "taskId": "$taskId"
                }
              }
            }
            """);
    assertThat(observed().get("result-completed.json"))
        .isEqualTo(
            """
            {
              "request": {
                "method": "GET",
                "path": "/gemini/task/result",
                "query": {
                  "taskId": "$taskId"
                }
              },
              "response": {
                "status": 200,
                "headers": {
                  "Content-Type": "application/json"
                },
                "body": {
                  "createdAt": "2000-01-01T00:00:00.000Z",
                  "finishedAt": "2000-01-01T00:00:00.000Z",
                  "result": {
                    "imageUrls": [
                      "$imageUrl"
                    ]
                  },
                  "status": "completed",
                  "taskId": "$taskId",
                  "traceId": "trace-$taskId"
                }
              }
            }
            """);
  }

  @Test
  void eachFactOfTheSpecSaysWhenItWasLastSeenTrue() throws IOException {
    try (Sandbox sandbox = Sandbox.start()) {
      run(sandbox.url(), KEY, true, DAY);
      run(sandbox.url(), null, false, day("2026-12-01"));
    }

    assertThat(observed().get("seen.yaml"))
        .contains(
            "  'result-completed': 2026-11-24\n",
            "  'submit-without-token': 2026-12-01\n",
            "  'GET /gemini/task/result, status 200': 2026-11-24\n",
            "  'GET /gemini/task/result, status 200, `result.imageUrls[]`': 2026-11-24\n",
            "  'GET /gemini/task/result, status 200, `status`: the value `pending`': 2026-11-24\n",
            "  'POST /gemini/image/generate, status 201, `taskId`': 2026-11-24\n",
            "  'POST /gemini/image/generate, status 401, `message`': 2026-12-01\n")
        .doesNotContain("`errorCode`", "`running`");
  }

  @Test
  void withoutAKeyTwoRequestsAreSentAsInThePactAndNothingElse() throws IOException {
    serve(request -> json(401, "{\"message\":\"Unauthorized\"}"));

    assertThat(run(null, false)).isEmpty();

    JsonNode submit =
        JsonMapper.shared()
            .readTree(Path.of("pacts/nano-banana-java-mountsea.json").toFile())
            .path("interactions")
            .valueStream()
            .map(interaction -> interaction.path("request"))
            .filter(request -> request.path("method").asString().equals("POST"))
            .filter(request -> !request.path("headers").has("Authorization"))
            .findFirst()
            .orElseThrow();
    assertThat(received).hasSize(2);
    assertThat(received.get(0))
        .isEqualTo("POST /gemini/image/generate " + submit.at("/body/content"));
    assertThat(received.get(1)).startsWith("GET /gemini/task/result?taskId=");
    assertThat(printed())
        .contains("Tier 1 is skipped: MOUNTSEA_API_KEY is not set.\n", "Billed: nothing.\n");
  }

  @Test
  void withAKeyNoImageIsSubmittedUnlessAskedFor() throws IOException {
    serveService(request -> json(500, ""));

    assertThat(run(KEY, false)).isEmpty();

    assertThat(received.subList(2, 4))
        .containsExactly(
            "GET /gemini/task/result?taskId=00000000-0000-0000-0000-000000000000 ",
            "POST /gemini/image/generate This is not JSON");
    assertThat(received).hasSize(4);
    assertThat(printed())
        .contains("Tier 2 is skipped: without -Dlive.paid=1, no image is submitted.\n");
  }

  @Test
  void theTaskIdIsOnTheDiskBeforeAnythingElseIsAsked() throws IOException {
    List<String> onDisk = new ArrayList<>();
    serveService(
        request -> {
          if (request.getMethod().equals("POST")) {
            return json(201, TASK);
          }
          if (onDisk.isEmpty()) {
            onDisk.add(read(folder.resolve("observed/tasks.jsonl")));
          }
          return completed("{\"imageUrls\":[\"$image\"]}");
        });

    assertThat(run(KEY, true)).isEmpty();

    assertThat(onDisk.get(0)).contains("\"state\":\"SUBMITTED\"", "\"taskId\":\"task-1\"");
  }

  @Test
  void aTaskThatWasNotSavedIsTakenUpByTheNextRunWhichSubmitsNothing() throws IOException {
    List<String> image = new ArrayList<>(List.of("/gone"));
    serveService(
        request ->
            request.getMethod().equals("POST")
                ? json(201, TASK)
                : completed("{\"imageUrls\":[\"" + server.url(image.get(0)) + "\"]}"));
    assertThat(run(KEY, true))
        .anyMatch(finding -> finding.startsWith("An image can't be downloaded: "))
        .contains(
            "No image was saved. The task is in "
                + folder.resolve("observed/tasks.jsonl")
                + ", so the next run takes it up and submits nothing.");

    image.set(0, "/image.png");
    assertThat(run(KEY, true)).isEmpty();

    assertThat(submits()).isEqualTo(1);
    assertThat(printed()).contains("Task task-1 of an earlier run is taken up.\n");
    assertThat(folder.resolve("output/live-1-1.png")).hasBinaryContent(PNG.toByteArray());
  }

  @Test
  void afterALostReplyNothingIsSubmittedAgainNotEvenByTheNextRun() throws IOException {
    serveService(
        request -> new MockResponse().setSocketPolicy(SocketPolicy.DISCONNECT_AFTER_REQUEST));

    List<String> findings = run(KEY, true);
    List<String> again = run(KEY, true);

    assertThat(submits()).isEqualTo(1);
    String settle =
        "No image is submitted until a person has settled live-1 in "
            + folder.resolve("observed/tasks.jsonl")
            + ".";
    assertThat(findings).hasSize(2).contains(settle);
    assertThat(findings.get(0)).startsWith("The submit failed: The request was sent, but ");
    assertThat(again).hasSize(2).contains(settle);
    assertThat(again.get(0))
        .startsWith("The submit failed: The key \"live-1\" is UNKNOWN since 2000-01-01T00:00:00");
    assertThat(printed())
        .contains("Sent 5 requests. Billed: perhaps an image whose task id is unknown.\n");
  }

  @Test
  void a429IsNotSubmittedAgain() throws IOException {
    serveService(request -> json(429, "{\"message\":\"Slow down\"}").setHeader("Retry-After", "0"));

    assertThat(run(KEY, true)).hasSize(1).allMatch(finding -> finding.contains("429"));

    assertThat(submits()).isEqualTo(1);
    assertThat(observed()).containsKey("submit-status-429.json");
  }

  @Test
  void theClientItselfRefusesASecondPostWhoeverSendsIt() {
    // OkHttp repeats a POST on 503 with Retry-After: 0.
    serve(request -> json(503, "").setHeader("Retry-After", "0"));
    OkHttpClient http = new OkHttpClient.Builder().addNetworkInterceptor(new OnePost()).build();

    assertThatThrownBy(
            () ->
                http.newCall(
                        new Request.Builder()
                            .url(server.url("/"))
                            .post(RequestBody.create("{}", null))
                            .build())
                    .execute())
        .isInstanceOf(IOException.class)
        .hasMessage("The live check sends one POST and refuses a second one");

    assertThat(submits()).isEqualTo(1);
  }

  @Test
  void anotherPlaceOfTheImageIsAFindingAndTheImageIsSaved() throws IOException {
    serveService(submitThen("{\"images\":[{\"url\":\"$image\",\"seed\":7}]}"));

    assertThat(run(KEY, true))
        .containsExactly(
            RESULT + ", status 200: `result.images` is not in the spec; it is an array.");

    assertThat(folder.resolve("output/live-1-1.png")).hasBinaryContent(PNG.toByteArray());
    assertThat(observed().get("result-completed.json"))
        .contains("\"seed\": 0", "\"url\": \"$imageUrl\"");
  }

  @Test
  void aPlaceWhereTheLibraryFindsNoImageIsAFindingAndTheImageIsSaved() throws IOException {
    serveService(submitThen("{\"output\":{\"picture\":\"$image\"}}"));

    assertThat(run(KEY, true))
        .hasSize(3)
        .contains(
            RESULT + ", status 200: `result.output` is not in the spec; it is an object.",
            "The library finds no image in this result; its URLs are at `result.output.picture`.");

    assertThat(folder.resolve("output/live-1-1.png")).hasBinaryContent(PNG.toByteArray());
  }

  @Test
  void anEnvelopeIsAFindingIsReadUntilItHasAnImageAndTheImageIsSaved() throws IOException {
    List<String> reads = new ArrayList<>();
    serveService(
        request -> {
          if (request.getMethod().equals("POST")) {
            return json(201, "{\"data\":" + TASK + "}");
          }
          reads.add(request.getPath());
          return json(
              200,
              reads.size() < 3
                  ? "{\"data\":{\"taskId\":\"task-1\",\"status\":\"pending\"}}"
                  : "{\"data\":{\"taskId\":\"task-1\",\"status\":\"completed\",\"result\":"
                      + "{\"imageUrls\":[\""
                      + server.url("/image.png")
                      + "\"]}}}");
        });

    assertThat(run(KEY, true))
        .contains(
            SUBMIT + ", status 201: `taskId` is missing.",
            SUBMIT + ", status 201: `data` is not in the spec; it is an object.",
            RESULT + ", status 200: `status` is missing.",
            RESULT + ", status 200: `data` is not in the spec; it is an object.",
            "The library finds no image in this result; its URLs are at `data.result.imageUrls[0]`.");

    assertThat(folder.resolve("output/live-1-1.png")).hasBinaryContent(PNG.toByteArray());
    assertThat(submits()).isEqualTo(1);
  }

  @Test
  void aTaskIdOfAnotherNameIsAFindingAndTheImageIsSaved() throws IOException {
    serveService(
        request ->
            request.getMethod().equals("POST")
                ? json(201, "{\"task_id\":\"task-1\"}")
                : completed("{\"imageUrls\":[\"$image\"]}"));

    assertThat(run(KEY, true))
        .contains(
            SUBMIT + ", status 201: `taskId` is missing.",
            SUBMIT + ", status 201: `task_id` is not in the spec; it is a string.");

    assertThat(folder.resolve("output/live-1-1.png")).hasBinaryContent(PNG.toByteArray());
    assertThat(submits()).isEqualTo(1);
  }

  @Test
  void aNewStatusIsAFindingAndTheImageIsSaved() throws IOException {
    serveService(
        request ->
            request.getMethod().equals("POST")
                ? json(201, TASK)
                : json(
                    200,
                    "{\"taskId\":\"task-1\",\"status\":\"published\",\"finishedAt\":"
                        + "\"2026-11-24T10:00:00Z\",\"result\":{\"imageUrls\":[\""
                        + server.url("/image.png")
                        + "\"]}}"));

    assertThat(run(KEY, true))
        .containsExactly(
            RESULT + ", status 200: `status` is `published`, which the spec doesn't have.");

    assertThat(folder.resolve("output/live-1-1.png")).hasBinaryContent(PNG.toByteArray());
    assertThat(observed()).containsKey("result-published.json");
    assertThat(observed().get("seen.yaml"))
        .contains("`finishedAt`': 2026-11-24")
        .doesNotContain("status 200, `status`");
  }

  @Test
  void aNewStatusThatNeverEndsIsAFindingAndTheImageIsSaved() throws IOException {
    serveService(
        request ->
            request.getMethod().equals("POST")
                ? json(201, TASK)
                : json(
                    200,
                    "{\"taskId\":\"task-1\",\"status\":\"published\",\"result\":{\"imageUrls\":[\""
                        + server.url("/image.png")
                        + "\"]}}"));

    assertThat(
            LiveCheck.run(
                settings(url(), KEY, true, DAY, Duration.ofSeconds(30), Duration.ofMillis(100)),
                new PrintStream(printed, true)))
        .hasSize(3)
        .contains(RESULT + ", status 200: `status` is `published`, which the spec doesn't have.");

    assertThat(folder.resolve("output/live-1-1.png")).hasBinaryContent(PNG.toByteArray());
  }

  @Test
  void aMissingFieldAndOneOfAnotherTypeAreFindings() throws IOException {
    serveService(
        request ->
            request.getMethod().equals("POST")
                ? json(201, TASK)
                : json(
                    200,
                    "{\"status\":\"completed\",\"createdAt\":\"yesterday\",\"errorCode\":\"none\","
                        + "\"errorMessage\":null,\"result\":{\"imageUrls\":[\""
                        + server.url("/image.png")
                        + "\"]}}"));

    assertThat(run(KEY, true))
        .contains(
            RESULT + ", status 200: `taskId` is missing.",
            RESULT + ", status 200: `createdAt` is not a date-time.",
            RESULT + ", status 200: `errorCode` is a string, not integer or null.");

    assertThat(folder.resolve("output/live-1-1.png")).hasBinaryContent(PNG.toByteArray());
    assertThat(observed().get("seen.yaml"))
        .contains("`errorMessage`: null'")
        .doesNotContain("`createdAt`", "`errorCode`");
  }

  @Test
  void anotherErrorBodyIsAFinding() throws IOException {
    serve(
        request -> json(401, "{\"statusCode\":401,\"message\":\"No key, " + KEY + " or other\"}"));

    assertThat(run(null, false))
        .containsExactlyInAnyOrder(
            SUBMIT + ", status 401: `statusCode` is not in the spec; it is an integer.",
            RESULT + ", status 401: `statusCode` is not in the spec; it is an integer.");
  }

  @Test
  void aResponseThatIsNotJsonIsAFindingAndIsKept() throws IOException {
    serve(
        request ->
            new MockResponse()
                .setResponseCode(401)
                .setHeader("Content-Type", "text/html")
                .setBody("<p>Please <a href='https://example.com/in?token=abc'>sign in</a>"));

    assertThat(run(null, false))
        .contains(
            SUBMIT + ", status 401: the body is text/html, not application/json.",
            SUBMIT + ", status 401: the body is not JSON.");

    assertThat(observed().get("submit-without-token.json"))
        .contains("\"text\": \"<p>Please (opaque) (opaque) in</a>\"");
  }

  @Test
  void aResponseThatIsCutOffIsAFindingAndIsKept() throws IOException {
    serveService(
        request ->
            request.getMethod().equals("POST")
                ? json(201, TASK)
                    .setHeader("Content-Length", "1000")
                    .setSocketPolicy(SocketPolicy.DISCONNECT_AT_END)
                : completed("{\"imageUrls\":[\"$image\"]}"));

    assertThat(run(KEY, true)).containsExactly(SUBMIT + ", status 201: the body was cut off.");

    assertThat(observed().get("submit.json"))
        .contains("\"taskId\": \"$taskId\"", "\"isCut\": true");
  }

  @Test
  void neitherTheKeyNorASignedUrlNorAPersonIsInAnythingThatIsWritten() throws IOException {
    String signed = "/image.png?sig=7Yx3kP0aQ9";
    serveService(
        request ->
            request.getMethod().equals("POST")
                ? json(201, "{\"taskId\":\"task-1\",\"key\":\"" + KEY + "\",\"user\":\"Ada\"}")
                    .setHeader("WWW-Authenticate", "Bearer " + KEY)
                : json(
                    200,
                    "{\"taskId\":\"task-1\",\"status\":\"completed\",\"errorMessage\":\"ada@example.com"
                        + " sent sk-liv***cdef at 2026-11-24 10:00:00 to cdn.example.com/q?sig=DEADBEEF"
                        + " and //cdn.example.com/q?sig=DEADBEEF with "
                        + KEY.substring(3, 13)
                        + "\",\""
                        + KEY
                        + "\":1,"
                        + "\"balance\":12.75,\"result\":{\"imageUrls\":[\""
                        + server.url(signed)
                        + "\"]}}"));

    run(KEY, true);

    List<String> written = new ArrayList<>(observed().values());
    written.add(read(folder.resolve("output/report.md")));
    written.add(read(folder.resolve("observed/tasks.jsonl")));
    written.add(printed());
    assertThat(written)
        .allSatisfy(
            text ->
                assertThat(text)
                    .doesNotContain(
                        KEY,
                        KEY.substring(3, 9),
                        "sk-liv",
                        "cdef",
                        "DEADBEEF",
                        "7Yx3kP0aQ9",
                        "Ada",
                        "ada@",
                        "12.75",
                        "10:00:00"));
    assertThat(observed().values())
        .allSatisfy(text -> assertThat(text).doesNotContain("fluffy orange cat"));
    assertThat(folder.resolve("output/live-1-1.png")).exists();
  }

  @Test
  void theResultOfAnotherTaskIsAFinding() throws IOException {
    serveService(
        request ->
            request.getMethod().equals("POST")
                ? json(201, "{\"taskId\":\"task-1\"}")
                : json(
                    200,
                    "{\"taskId\":\"task-2\",\"status\":\"completed\",\"result\":{\"imageUrls\":[\""
                        + server.url("/image.png")
                        + "\"]}}"));

    assertThat(run(KEY, true))
        .containsExactly(
            RESULT
                + ", status 200: the result is of another task than the one that was asked for.");
  }

  @Test
  void whatWasObservedIsReplayedByTheSandboxAsTheServiceAnsweredIt() throws IOException {
    serveService(
        request ->
            request.getMethod().equals("POST")
                ? json(201, "{\"taskId\":\"task-1\",\"credits\":{\"left\":41}}")
                : completed("{\"images\":[{\"url\":\"$image\"}]}"));
    List<String> findings = run(KEY, true);
    Map<String, String> observed = observed();

    try (Sandbox sandbox = Sandbox.start()) {
      sandbox.next(
          Script.replays(observed.get("submit.json"), observed.get("result-completed.json")));
      assertThat(run(sandbox.url(), KEY, true, DAY)).isEqualTo(findings);
    }

    assertThat(observed().get("submit.json")).isEqualTo(observed.get("submit.json"));
    assertThat(observed().get("result-completed.json"))
        .isEqualTo(observed.get("result-completed.json"));
    assertThat(findings).hasSize(2);
  }

  @Test
  void aServiceThatDoesNotAnswerIsAFindingAndGetsNoImageToMake() throws IOException {
    serve(request -> new MockResponse().setSocketPolicy(SocketPolicy.NO_RESPONSE));

    assertThat(
            LiveCheck.run(
                settings(url(), KEY, true, DAY, Duration.ofMillis(100), Duration.ofSeconds(30)),
                new PrintStream(printed, true)))
        .containsExactlyInAnyOrder(
            SUBMIT + " without a token: no response within 0.1 seconds.",
            RESULT + " without a token: no response within 0.1 seconds.");

    assertThat(received).hasSizeLessThanOrEqualTo(2); // One may end before it has arrived.
    assertThat(printed())
        .contains(
            "Tier 0 was not refused as it should be, so nothing else is sent.\n",
            "Billed: nothing.\n");
  }

  @Test
  void aServiceThatIsDownIsAFinding() throws IOException {
    String url = url();
    server.close();

    assertThat(run(url, KEY, true, DAY))
        .hasSize(2)
        .allMatch(finding -> finding.contains(" without a token: no response: Failed to connect"));
  }

  @Test
  void aServiceThatFailsIsAFindingAndGetsNoImageToMake() throws IOException {
    serve(request -> json(500, "{\"message\":\"Internal error\"}"));

    assertThat(run(KEY, true))
        .containsExactlyInAnyOrder(
            SUBMIT + " without a token: status 500, expected 401.",
            RESULT + " without a token: status 500, expected 401.");

    assertThat(received).hasSize(2);
  }

  @Test
  void aRedirectIsAFindingAndIsNotFollowed() throws IOException {
    serve(
        request ->
            new MockResponse()
                .setResponseCode(307)
                .setHeader("Location", server.url("/login?from=api")));

    assertThat(run(KEY, true))
        .containsExactlyInAnyOrder(
            SUBMIT + ", status 307: the service redirects to http://(host)/(path)?(query).",
            RESULT + ", status 307: the service redirects to http://(host)/(path)?(query).");

    assertThat(received).hasSize(2);
  }

  @Test
  void aFailureOfThePaidSubmitIsAFindingAndIsKept() throws IOException {
    serveService(
        request ->
            json(500, "{\"message\":\"Upstream failed for " + KEY + " at 2026-11-24 10:00:00\"}"));

    assertThat(run(KEY, true)).hasSize(2).allMatch(finding -> !finding.contains(KEY));

    assertThat(submits()).isEqualTo(1);
    assertThat(observed().get("submit-status-500.json"))
        .contains("\"message\": \"Upstream failed for (key) at 2000-01-01 00:00:00\"");
  }

  @Test
  void aFailedTaskIsAFindingAndTheNextRunSubmitsAnother() throws IOException {
    try (Sandbox sandbox = Sandbox.start()) {
      sandbox.next(Script.failsWith("No cats today"));

      assertThat(run(sandbox.url(), KEY, true, DAY))
          .hasSize(1)
          .allMatch(finding -> finding.startsWith("The task failed: "));

      assertThat(run(sandbox.url(), KEY, true, DAY)).isEmpty();
      assertThat(sandbox.submitted()).isEqualTo(2);
    }
  }

  @Test
  void aKeyThatIsRefusedIsAFindingAndNothingIsSubmitted() throws IOException {
    serve(request -> json(401, "{\"message\":\"Unauthorized\"}"));

    assertThat(run(KEY, true)).containsExactly("The service refuses the key: status 401.");

    assertThat(received).hasSize(3);
  }

  @Test
  void aServiceThatTakesWhatIsNotJsonIsAFindingAndGetsNoImageToMake() throws IOException {
    serve(
        request ->
            request.getHeader("Authorization") == null
                ? json(401, "{\"message\":\"Unauthorized\"}")
                : request.getMethod().equals("POST") ? json(201, TASK) : json(404, "{}"));

    assertThat(run(KEY, true))
        .containsExactly(SUBMIT + " with a body that is not JSON: status 201, expected 4xx.");

    assertThat(received).hasSize(4);
    assertThat(printed())
        .contains(
            "Tier 1 was not refused as it should be, so no image is submitted.\n",
            "Billed: perhaps an image, by a submit that is not even JSON.\n");
  }

  @Test
  void noUrlNoSecureUrlAndNoKeyAreRefusedBeforeAnythingIsSent() {
    assertThatThrownBy(() -> run("", null, false, DAY))
        .hasMessage("Say where the service is: -Dlive.url=https://api.mountsea.ai");
    assertThatThrownBy(() -> run("ftp://localhost", null, false, DAY))
        .hasMessage(
            "ftp://localhost is not an http or https URL: -Dlive.url=https://api.mountsea.ai");
    assertThatThrownBy(() -> run("http://192.0.2.1", KEY, false, DAY))
        .hasMessage("-Dlive.url must be https, or the API key could be read on its way");
    assertThatThrownBy(() -> run(url(), null, true, DAY))
        .hasMessage("-Dlive.paid=1 needs a key in MOUNTSEA_API_KEY");
    assertThatThrownBy(() -> run("\"" + KEY + "\"", true))
        .hasMessage("Give the API key alone, without quotes around it");
    assertThat(received).isEmpty();
  }

  private List<String> run(String key, boolean isPaid) throws IOException {
    return run(url(), key, isPaid, DAY);
  }

  private List<String> run(String url, String key, boolean isPaid, Clock clock) throws IOException {
    return LiveCheck.run(
        settings(url, key, isPaid, clock, Duration.ofSeconds(30), Duration.ofSeconds(30)),
        new PrintStream(printed, true));
  }

  private LiveCheck.Settings settings(
      String url,
      String key,
      boolean isPaid,
      Clock clock,
      Duration callTimeout,
      Duration waitTimeout) {
    return new LiveCheck.Settings(
        url,
        key,
        isPaid,
        folder.resolve("observed"),
        folder.resolve("output"),
        callTimeout,
        waitTimeout,
        Duration.ofMillis(1),
        clock);
  }

  private String url() {
    return server.url("/").toString();
  }

  private String printed() {
    return printed.toString(StandardCharsets.UTF_8);
  }

  private Map<String, String> observed() throws IOException {
    Map<String, String> files = new TreeMap<>();
    try (Stream<Path> paths = Files.list(folder.resolve("observed"))) {
      paths
          .filter(path -> !path.endsWith("tasks.jsonl"))
          .forEach(path -> files.put(path.getFileName().toString(), read(path)));
    }
    return files;
  }

  /** How many submits were received that an image can be made of. */
  private long submits() {
    return received.stream()
        .filter(each -> each.startsWith("POST ") && !each.contains("not JSON"))
        .filter(each -> each.contains("(authorized)") || !each.contains("/gemini/"))
        .count();
  }

  /** Serves what refuses tiers 0 and 1 as it should. */
  private void serveService(Function<RecordedRequest, MockResponse> service) {
    serve(
        request -> {
          if (request.getPath().startsWith("/image.png")) {
            return new MockResponse()
                .setHeader("Content-Type", "image/png")
                .setBody(new Buffer().write(PNG));
          }
          if (request.getPath().equals("/gone")) {
            return new MockResponse().setResponseCode(404);
          }
          if (request.getHeader("Authorization") == null) {
            return json(401, "{\"message\":\"Unauthorized\"}");
          }
          if (request.getPath().contains("taskId=00000000-")) {
            return json(404, "{\"message\":\"No such task\"}");
          }
          if (request.getBody().snapshot().utf8().contains("not JSON")) {
            return json(400, "{\"message\":\"Unexpected token\"}");
          }
          return service.apply(request);
        });
  }

  private void serve(Function<RecordedRequest, MockResponse> service) {
    server.setDispatcher(
        new Dispatcher() {
          @Override
          public MockResponse dispatch(RecordedRequest request) {
            boolean isPaid =
                request.getMethod().equals("POST")
                    && request.getHeader("Authorization") != null
                    && !request.getBody().snapshot().utf8().contains("not JSON");
            synchronized (received) {
              received.add(
                  request.getMethod()
                      + " "
                      + request.getPath()
                      + " "
                      + (isPaid ? "(authorized) " : "")
                      + request.getBody().snapshot().utf8());
            }
            return service.apply(request);
          }
        });
  }

  private Function<RecordedRequest, MockResponse> submitThen(String result) {
    return request -> request.getMethod().equals("POST") ? json(201, TASK) : completed(result);
  }

  private MockResponse completed(String result) {
    return json(
        200,
        "{\"taskId\":\"task-1\",\"status\":\"completed\",\"result\":"
            + result.replace("$image", server.url("/image.png").toString())
            + "}");
  }

  private static MockResponse json(int status, String body) {
    return new MockResponse()
        .setResponseCode(status)
        .setHeader("Content-Type", "application/json; charset=utf-8")
        .setBody(body);
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private static Clock day(String day) {
    return Clock.fixed(Instant.parse(day + "T12:00:00Z"), ZoneOffset.UTC);
  }
}
