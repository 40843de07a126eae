package ai.mountsea.nanobanana.sandbox;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import ai.mountsea.nanobanana.NanoBanana;
import ai.mountsea.nanobanana.api.Action;
import ai.mountsea.nanobanana.api.GenerateImageRequest;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import okhttp3.MediaType;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The sandbox as it is scripted over HTTP. */
class ControlTest {
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
  void scriptsAreSentReadTakenAndForgotten() throws IOException {
    assertThat(post("/_sandbox/scripts", "{\"script\": \"staysAt\", \"status\": \"one\"}"))
        .startsWith("200 {\"pending\":[{\"script\":\"staysAt\",\"status\":\"one\",\"times\":1}],");
    post(
        "/_sandbox/scripts",
        "[{\"script\": \"staysAt\", \"status\": \"more\", \"times\": 5}, {\"script\": \"noCredit\"}]");

    assertThat(status(nanoBanana.submit(cat("A cat")))).isEqualTo("one");
    assertThat(status(nanoBanana.submit(cat("A cat")))).isEqualTo("more");
    assertThat(get("/_sandbox/scripts"))
        .startsWith(
            "200 {\"pending\":[{\"script\":\"staysAt\",\"status\":\"more\",\"times\":4},"
                + "{\"script\":\"noCredit\",\"times\":1}],");

    assertThat(call("DELETE", "/_sandbox/scripts", null)).startsWith("200 {\"pending\":[],");
    assertThat(status(nanoBanana.submit(cat("A cat")))).isEqualTo("pending");
  }

  @Test
  void aRecordedExchangeIsReplayedOverHttp() throws IOException {
    post(
        "/_sandbox/scripts",
        "{\"script\": \"replays\", \"exchanges\": [{\"request\": {\"method\": \"GET\", \"path\":"
            + " \"/gemini/task/result\"}, \"response\": {\"status\": 200, \"body\": {\"taskId\":"
            + " \"$taskId\", \"status\": \"on hold\", \"progress\": 3}}}]}");

    String taskId = nanoBanana.submit(cat("A cat"));

    assertThat(nanoBanana.result(taskId).toJson())
        .isEqualTo("{\"taskId\":\"sandbox-1\",\"status\":\"on hold\",\"progress\":3}");
  }

  @Test
  void ofSeveralScriptsNoneIsTakenIfOneIsWrong() throws IOException {
    assertThat(post("/_sandbox/scripts", "[{\"script\": \"noCredit\"}, {\"script\": \"noMoney\"}]"))
        .startsWith("400 {\"message\":\"No such script: \\\"noMoney\\\". There are: ");
    assertThat(get("/_sandbox/scripts")).startsWith("200 {\"pending\":[],");
  }

  @Test
  void whatWasReceivedIsReadInItsOrder() throws IOException {
    sandbox.next(Script.losesRequest(), Script.staysAt("on hold"));
    try {
      nanoBanana.submit(cat("lost"));
    } catch (RuntimeException e) {
      // As it was told to.
    }
    nanoBanana.submit(cat("one"));
    nanoBanana.submit(cat("two"));

    JsonNode requests = new YAMLMapper().readTree(get("/_sandbox/requests").substring(4));

    assertThat(requests.findValuesAsText("taskId")).containsExactly("sandbox-1", "sandbox-2");
    assertThat(requests.findValuesAsText("prompt")).containsExactly("one", "two");
  }

  @Test
  void aResetOverHttpIsThatOfJava() throws IOException {
    nanoBanana.submit(cat("A cat"));

    assertThat(call("POST", "/_sandbox/reset", "")).isEqualTo("200 {}");

    assertThat(sandbox.submitted()).isZero();
  }

  @Test
  void whatIsNotThereIsSaid() throws IOException {
    assertThat(get("/_sandbox/nothing"))
        .isEqualTo(
            "404 {\"message\":\"No such path: /_sandbox/nothing. There are those of /_sandbox/openapi.yaml\"}");
    assertThat(get("/_sandbox/reset")).isEqualTo("405 {\"message\":\"Only POST is allowed here\"}");
    assertThat(call("PUT", "/_sandbox/scripts", ""))
        .isEqualTo("405 {\"message\":\"Only GET, POST and DELETE are allowed here\"}");
    assertThat(get("/_sandbox/submits?after=x")).isEqualTo("400 {\"message\":\"Not a number: x\"}");
  }

  @Test
  void aMethodThatIsNotAllowedIsToldWhichAre() throws IOException {
    try (Response response =
        http.newCall(
                new Request.Builder()
                    .url(sandbox.url() + "/_sandbox/scripts")
                    .put(RequestBody.create("", null))
                    .build())
            .execute()) {
      assertThat(response.header("Allow")).isEqualTo("GET, POST, DELETE");
    }
  }

  @Test
  void onlySoManyClientsAtOnceAreSentWhatWasReceived() throws Exception {
    for (int i = 0; i < 5; i++) {
      nanoBanana.submit(cat("A cat ".repeat(600_000)));
    }
    URI url = URI.create(sandbox.url());
    List<Socket> stalled = new ArrayList<>();
    try {
      for (int i = 0; i < 8; i++) {
        Socket socket = new Socket();
        socket.setReceiveBufferSize(4096);
        socket.connect(new InetSocketAddress(url.getHost(), url.getPort()));
        stalled.add(socket);
        socket
            .getOutputStream()
            .write("GET /_sandbox/requests HTTP/1.1\r\nHost: a\r\n\r\n".getBytes(UTF_8));
        assertThat(socket.getInputStream().read()).isEqualTo('H');
      }

      assertThat(get("/_sandbox/requests"))
          .isEqualTo(
              "503 {\"message\":\"8 clients are reading what was received;"
                  + " try again when one is done\"}");
      assertThat(get("/_sandbox/scripts")).startsWith("200 ");

      stalled.get(0).getInputStream().readNBytes(18_000_000);
      stalled.get(0).close();
      while (get("/_sandbox/requests").startsWith("503 ")) {
        Thread.onSpinWait(); // The server has yet to see that one is done.
      }
    } finally {
      for (Socket socket : stalled) {
        socket.close();
      }
    }
  }

  @Test
  void theOpenApiFileNamesEveryScriptAndField() throws IOException {
    JsonNode script =
        new YAMLMapper()
            .readTree(get("/_sandbox/openapi.yaml").substring(4))
            .at("/components/schemas/Script/properties");

    Set<String> fields = new LinkedHashSet<>(Set.of("script", "times", "whenPromptContains"));
    ScriptKind.ALL.forEach(
        kind -> kind.parameters().forEach(parameter -> fields.add(parameter.name())));
    assertThat(script.fieldNames()).toIterable().containsExactlyInAnyOrderElementsOf(fields);
    assertThat(script.at("/script/enum"))
        .extracting(JsonNode::asText)
        .containsExactlyElementsOf(ScriptKind.ALL.stream().map(ScriptKind::name).toList());
    for (ScriptKind kind : ScriptKind.ALL) {
      List<String> names = kind.parameters().stream().map(ScriptKind.Parameter::name).toList();
      assertThat(script.at("/script/description").asText())
          .contains(
              "- "
                  + kind.name()
                  + (names.isEmpty() ? ":" : " (" + String.join(", ", names) + "):"));
    }
  }

  private String status(String taskId) {
    return nanoBanana.result(taskId).status().value();
  }

  private static GenerateImageRequest cat(String prompt) {
    return GenerateImageRequest.builder(prompt, Action.GENERATE).build();
  }

  private String get(String path) throws IOException {
    return call("GET", path, null);
  }

  private String post(String path, String json) throws IOException {
    return call("POST", path, json);
  }

  /** The status and the body of the response. */
  private String call(String method, String path, String json) throws IOException {
    RequestBody body =
        json == null ? null : RequestBody.create(json, MediaType.get("application/json"));
    try (Response response =
        http.newCall(new Request.Builder().url(sandbox.url() + path).method(method, body).build())
            .execute()) {
      return response.code() + " " + response.body().string();
    }
  }
}
