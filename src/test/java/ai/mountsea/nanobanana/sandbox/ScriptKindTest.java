package ai.mountsea.nanobanana.sandbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class ScriptKindTest {
  @Test
  void eachScriptOfJavaIsThereOverHttpAndTheOtherWayRound() {
    Set<String> inJava =
        Arrays.stream(Script.class.getMethods())
            .filter(method -> Modifier.isStatic(method.getModifiers()))
            .map(Method::getName)
            .collect(Collectors.toSet());

    assertThat(ScriptKind.ALL)
        .extracting(ScriptKind::name)
        .doesNotHaveDuplicates()
        .containsExactlyInAnyOrderElementsOf(inJava);
  }

  static List<ScriptKind> all() {
    return ScriptKind.ALL;
  }

  @ParameterizedTest
  @MethodSource("all")
  void aScriptIsWrittenAsItIsRead(ScriptKind kind) throws IOException {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("script", kind.name());
    kind.parameters().forEach(parameter -> json.put(parameter.name(), parameter.example()));
    json.put("times", 2);
    json.put("whenPromptContains", "cat");

    Script script = ScriptKind.script(Json.read(Json.write(json), "It"));

    assertThat(Json.read(script.toString(), "It")).isEqualTo(Json.read(Json.write(json), "It"));
    assertThat(script.times()).isEqualTo(2);
    assertThat(script.word()).isEqualTo("cat");
  }

  @Test
  void jsonNeedsNoStringAroundIt() throws IOException {
    String json =
        "{\"script\": \"answers\", \"status\": 503, \"body\": {\"message\": [1, 1.5, null]},"
            + " \"times\": null}";

    assertThat(ScriptKind.script(Json.read(json, "It")).behavior().submit().answer(0).body())
        .isEqualTo("{\"message\":[1,1.5,null]}");
    assertThat(
            ScriptKind.script(
                    Json.read("{\"script\": \"completesWith\", \"resultJson\": {\"a\": []}}", "It"))
                .behavior()
                .result())
        .isEqualTo("{\"a\":[]}");
  }

  @Test
  void numbersAreSentAsTheyWereGiven() throws IOException {
    String body = "{\"id\":12345678901234567890,\"price\":1.50,\"n\":-0,\"count\":3}";

    assertThat(
            ScriptKind.script(
                    Json.read(
                        "{\"script\": \"answers\", \"status\": 200, \"body\": " + body + "}", "It"))
                .behavior()
                .submit()
                .answer(0)
                .body())
        .isEqualTo(body.replace("-0", "0"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          1                                                | A script is a JSON object, not 1
          {"script": "fails"}                              | No such script: "fails". There are: completesAfter, failsWith, failsAfter, staysAt, completesWith, resultAnswers, answers, replays, refusesKey, noCredit, tooManyRequests, slowSubmit, losesRequest, losesReply, cutsReply, imageGone, imageSlow, imageCut, imageHuge, imageIsHtml
          {"script": "failsWith"}                          | failsWith needs the field errorMessage
          {"script": "failsWith", "errorMessage": 1}       | errorMessage must be a string, not 1
          {"script": "losesReply", "time": 2}              | losesReply has no field time. It takes times and whenPromptContains
          {"script": "failsWith", "message": "No"}         | failsWith has no field message. It takes errorMessage, times and whenPromptContains
          {"name": "failsWith"}                            | A script needs the field script. There are: completesAfter, failsWith, failsAfter, staysAt, completesWith, resultAnswers, answers, replays, refusesKey, noCredit, tooManyRequests, slowSubmit, losesRequest, losesReply, cutsReply, imageGone, imageSlow, imageCut, imageHuge, imageIsHtml
          {"script": "losesReply", "whenPromptContains": ""} | whenPromptContains must not be empty
          {"script": "losesReply", "times": 0}             | times must be at least 1: 0
          {"script": "losesReply", "whenPromptContains": null} | whenPromptContains must be a string, not null
          {"script": "losesReply", "times": 1.5}           | times must be a whole number, at most 2147483647, not 1.5
          {"script": "completesAfter", "reads": 3e9}       | reads must be a whole number, at most 2147483647, not 3E+9
          {"script": "slowSubmit", "delaySeconds": -1}     | delaySeconds must be a number of seconds, 0 to 1000000, not -1
          {"script": "tooManyRequests", "retryAfterSeconds": 0.5} | retryAfterSeconds must be a whole number of seconds, 0 to 1000000, not 0.5
          {"script": "tooManyRequests", "retryAfterSeconds": -1} | retryAfterSeconds must be a whole number of seconds, 0 to 1000000, not -1
          {"script": "completesWith", "resultJson": "{cat}"} | resultJson is not valid JSON at path $.
          {"script": "completesWith", "resultJson": "{} {}"} | resultJson is not valid JSON at path $
          {"script": "completesWith", "resultJson": "["}  | resultJson is not valid JSON: it ends too early
          {"script": "replays", "exchanges": [{"request": {"path": "$imageUrl"}, "response": {"status": 200}}]} | request.method is missing
          {"script": "replays", "exchanges": [{"request": {"method": "GET", "path": 5}, "response": {"status": 200}}]} | request.path must be a string, not 5
          {"script": "replays", "exchanges": [{"request": {"method": "GET", "path": "$imageUrl", "query": []}, "response": {"status": 200}}]} | request.query must be a JSON object, not []
          {"script": "replays", "exchanges": [{"request": {"method": "GET", "path": "$imageUrl", "text": "a", "body": 1}, "response": {"status": 200}}]} | request has body and text; give one of them
          {"script": "replays", "exchanges": [{"request": {"method": "GET", "path": "$imageUrl"}, "response": 1}]} | response must be a JSON object, not 1
          {"script": "replays", "exchanges": [{"request": {"method": "GET", "path": "$imageUrl"}, "response": {"status": "200"}}]} | response.status must be an HTTP status, not "200"
          {"script": "replays", "exchanges": [{"request": {"method": "GET", "path": "$imageUrl"}, "response": {"status": 200.5}}]} | response.status must be an HTTP status, not 200.5
          {"script": "replays", "exchanges": [{"request": {"method": "GET", "path": "$imageUrl"}, "response": {"status": 4294967496}}]} | status must be 200 to 599: 1000
          {"script": "replays", "exchanges": [{"request": {"method": "GET", "path": "$imageUrl"}, "response": {"status": 200, "text": 5}}]} | response.text must be a string; use response.body for JSON, not 5
          {"script": "replays", "exchanges": [{"request": {"method": "GET", "path": "$imageUrl"}, "response": {"status": 200, "text": "a", "body": {}}}]} | response has body and text; give one of them
          {"script": "replays", "exchanges": [{"request": {"method": "GET", "path": "$imageUrl"}, "response": {"status": 200, "bdy": {}}}]} | response has no field bdy. It has status, headers, body, text, isCut
          {"script": "replays", "exchanges": [{"request": {"method": "GET", "path": "$imageUrl"}, "response": {"status": 200, "headers": []}}]} | response.headers must be a JSON object, not []
          {"script": "replays", "exchanges": [{"request": {"method": "GET", "path": "$imageUrl"}, "response": {"status": 200, "headers": {"A": 1}}}]} | response.headers.A must be a string, not 1
          {"script": "replays", "exchanges": [{"request": {"method": "GET", "path": "$imageUrl"}, "response": {"status": 200, "isCut": "no"}}]} | response.isCut must be true or false, not "no"
          {"script": "replays", "exchanges": [{"request": {"method": "GET", "path": "$imageUrl"}, "response": {"status": 200}, "comment": ""}]} | An exchange has no field comment. It has request, response
          {"script": "replays", "exchanges": [{"request": {"method": "GET", "url": "/"}, "response": {"status": 200}}]} | request has no field url. It has method, path, query, body, text
          {"script": "answers", "status": 99, "body": ""}  | status must be 200 to 599: 99
          {"script": "answers", "status": 500, "body": "", "headers": {"A": 1}} | headers must be an object of strings, not {"A":1}
          {"script": "replays", "exchanges": [1]}          | exchanges must be an array of objects, not [1]
          {"script": "replays", "exchanges": []}           | Replay at least one exchange, at most one of a submit and at most one of an image
          {"script": "replays", "exchanges": [{}]}         | request is missing
          {"script": "replays", "exchanges": [{"request": {}, "response": {}}]} | request.method is missing
          {"script": "replays", "exchanges": [{"request": {"method": "GET", "path": "/"}, "response": {"status": 200}}]} | An exchange is of POST /gemini/image/generate, GET /gemini/task/result or GET $imageUrl, not of GET /
          {"script": "replays", "exchanges": [{"request": {"method": "GET", "path": "$imageUrl"}, "response": {"status": 99}}]} | status must be 200 to 599: 99
          {"script": "replays", "exchanges": [{"request": {"method": "GET", "path": "$imageUrl"}, "response": {"status": 200, "isCut": true}}]} | An exchange that was cut off can't be replayed; see cutsReply and imageCut
          """)
  void whatIsNoScriptIsRefusedWithASentence(String json, String sentence) {
    assertThatThrownBy(() -> ScriptKind.script(Json.read(json, "It")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(sentence);
  }
}
