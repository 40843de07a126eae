package ai.mountsea.nanobanana.contract;

import static org.assertj.core.api.Assertions.assertThat;

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
          "resolution":"4K"      | "resolution":"8K"    | the request breaks the spec
          "model":"nano-banana-2" | "model":"nano-banana-pro" | the request breaks the spec
          "prompt"               | "Prompt"             | the request breaks the spec
          "status":201           | "status":200         | never exercised: generateImage 201
          "status":"completed"   | "state":"completed"  | the response breaks the spec
          2026-01-15T09:30:00    | 2026-01-15 09:30     | the response breaks the spec
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
        .isDirectoryNotContaining(file -> !file.equals(PactFile.COMMITTED));
  }

  @Test
  void noOnesApiKeyIsInThePact() {
    assertThat(PactFile.json()).contains("a-made-up-key").doesNotContain("the-callers-own-key");
  }

  private static JsonNode pact() {
    return JsonMapper.shared().readTree(PactFile.json());
  }
}
