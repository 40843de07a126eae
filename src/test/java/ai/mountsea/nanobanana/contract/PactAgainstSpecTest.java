package ai.mountsea.nanobanana.contract;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The pact says nothing that the spec does not, and leaves nothing of the spec out. */
class PactAgainstSpecTest {
  private final Spec spec = Spec.read();

  @Test
  void everyExampleIsAsTheSpecSaysAndEveryStatusOfEveryOperationIsExercised() {
    assertThat(PactAgainstSpec.problems(pact(), spec)).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          "/gemini/task/result"  | "/gemini/task"       | the spec has no such operation
          "GET"                  | "PUT"                | the spec has no such operation
          "query": {"taskId"     | "query": {"task"     | the parameter taskId is not sent
          "Bearer a-made-up-key" | "Basic dTpw"         | no token is sent
          "action":"edit"        | "action":"draw"      | the request breaks the spec
          "resolution":"1K"      | "resolution":"8K"    | the request breaks the spec
          "model":"nano-banana-2" | "model":"nano-banana-fast" | the request breaks the spec
          "prompt"               | "Prompt"             | the request breaks the spec
          "status":201           | "status":200         | never exercised: generateImage 201
          "status":"completed"   | "state":"completed"  | the response breaks the spec
          "status":"failed"      | "status":"failed", "traceId":"x" | the response must have traceId, which the spec leaves optional
          "Retry-After":["1"]    | "Date":["1"]         | the response must have Date, which the spec leaves optional
          "Retry-After":["1"]    | "Date":["1"]         | the spec has no response header Date
          "Content-Type":[       | "content-type":["x"], "Content-Type":[ | the header Content-Type is there twice
          `"regex":".+"`         | `"regex":".*"`       | only the pact takes "" for $.taskId
          """)
  void whatIsWrongInThePactIsFound(String right, String wrong, String problem) {
    String pact = pact().toString();
    String changed = pact.replace(right.replace(": ", ":"), wrong.replace(": ", ":"));

    assertThat(changed).isNotEqualTo(pact);
    assertThat(PactAgainstSpec.problems(JsonMapper.shared().readTree(changed), spec))
        .anySatisfy(found -> assertThat(found).contains(problem));
  }

  @Test
  void thePactsFolderHoldsNothingElse() {
    assertThat(PactFile.COMMITTED.getParent())
        .as("Remove the files that no test writes any more")
        .isDirectoryNotContaining(
            file -> !file.equals(PactFile.COMMITTED) && !file.endsWith("README.md"));
  }

  @Test
  void everyFieldOfARequestIsInTheInteractionWithEveryField() {
    JsonNode withEveryField =
        pact()
            .get("interactions")
            .valueStream()
            .filter(each -> each.get("description").asString().endsWith("with every field"))
            .findFirst()
            .orElseThrow();

    assertThat(withEveryField.at("/request/body/content").propertyNames())
        .containsExactlyInAnyOrderElementsOf(
            spec.schema("GenerateImageRequest").get("properties").propertyNames());
  }

  /** Of models, aspect ratios and resolutions, new ones come and go; a submit of each is billed. */
  @Test
  void everyActionAndEveryDocumentedStatusIsInThePact() {
    JsonNode statuses = spec.schema("TaskStatus");
    List<String> documented = new ArrayList<>();
    for (int i = 0; i < statuses.get("enum").size(); i++) {
      if (statuses.get("x-enum-descriptions").get(i).asString().endsWith("[docs]")) {
        documented.add(statuses.get("enum").get(i).asString());
      }
    }

    assertThat(values("/response/body/content/status")).isEqualTo(new TreeSet<>(documented));
    assertThat(values("/request/body/content/action"))
        .containsExactlyElementsOf(
            spec.schema("Action").get("enum").valueStream().map(JsonNode::asString).toList());
  }

  @Test
  void everyInteractionSaysWhatItCostsAndUndocumentedStatusesArePending() {
    for (JsonNode each : pact().get("interactions")) {
      String status = each.at("/response/status").asString();

      assertThat(each.at("/comments/text").toString())
          .as(each.get("description").asString())
          .contains(status.equals("201") ? "\"Billed: " : "\"Not billed: ")
          .contains("Operation: ");
      assertThat(each.get("pending").asBoolean())
          .as(each.get("description").asString())
          .isEqualTo(!status.startsWith("2"));
    }
  }

  @Test
  void aKeyIsPutInExactlyWhereTheStateSaysThatItIsValid() {
    for (JsonNode each : pact().get("interactions")) {
      assertThat(each.at("/request/generators/header/Authorization/expression").asString(""))
          .as(each.get("description").asString())
          .isEqualTo(
              each.path("providerStates").toString().contains(Interactions.KEY_IS_VALID)
                  ? "Bearer ${apiKey}"
                  : "");
    }
  }

  @Test
  void theReadmeHasATableOfExactlyTheseStatesAndCountsWhatIsBilled() throws IOException {
    TreeSet<String> states = new TreeSet<>();
    long billed = 0;
    for (JsonNode each : pact().get("interactions")) {
      each.path("providerStates").forEach(state -> states.add(state.get("name").asString()));
      billed += each.at("/response/status").asString().equals("201") ? 1 : 0;
    }
    String readme = Files.readString(Path.of("pacts", "README.md"));

    assertThat(
            readme.lines().filter(line -> line.startsWith("| `")).map(line -> line.split("`")[1]))
        .containsExactlyInAnyOrderElementsOf(states);
    assertThat(readme).contains("A verification of the service creates " + billed + " tasks");
  }

  private TreeSet<String> values(String pointer) {
    TreeSet<String> values = new TreeSet<>();
    for (JsonNode each : pact().get("interactions")) {
      if (!each.at(pointer).isMissingNode()) {
        values.add(each.at(pointer).asString());
      }
    }
    return values;
  }

  @Test
  void noOnesApiKeyIsInThePact() {
    assertThat(PactFile.json()).contains("Bearer " + Interactions.API_KEY).doesNotContain("sk-");
  }

  private static JsonNode pact() {
    return JsonMapper.shared().readTree(PactFile.json());
  }
}
