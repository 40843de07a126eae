package ai.mountsea.nanobanana.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.mountsea.nanobanana.api.Action;
import ai.mountsea.nanobanana.api.GenerateImageRequest;
import ai.mountsea.nanobanana.api.Model;
import ai.mountsea.nanobanana.api.Resolution;
import ai.mountsea.nanobanana.examples.BatchPrompts.Prompt;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class BatchPromptsTest {
  private static final List<Prompt> CAT_AND_DOG = parse("A cat\nA dog");

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\ufeffA cat\nA dog",
        "A cat \n\tA dog\u3000\n\n",
        "A cat\r\nA dog\r\n",
        "A cat\rA dog",
        "{\"prompt\":\" A cat\"}\n{\"action\":\"generate\",\"prompt\":\"A dog\"}",
        "A cat\nA cat\nA dog",
      })
  void howAFileIsSavedDoesNotMatter(String text) {
    assertThat(parse(text)).isEqualTo(CAT_AND_DOG);
  }

  @Test
  void aLineMayHaveAllFieldsAndAName() {
    assertThat(
            parse(
                """
                {"name":"Cat 2","prompt":"A cat","action":"edit","image_urls":["https://a.example/1"],\
                "model":"nano-banana-2","resolution":"4K"}"""))
        .containsExactly(
            new Prompt(
                "Cat 2",
                GenerateImageRequest.builder("A cat", Action.EDIT)
                    .imageUrls("https://a.example/1")
                    .model(Model.NANO_BANANA_2)
                    .resolution(Resolution.FOUR_K)
                    .build()));
  }

  @Test
  void theSamePromptUnderTwoNamesIsTwoImages() {
    assertThat(
            parse("{\"name\":\"a\",\"prompt\":\"A cat\"}\n{\"name\":\"b\",\"prompt\":\"A cat\"}"))
        .extracting(Prompt::name)
        .containsExactly("a", "b");
  }

  @Test
  void aPromptWithoutANameIsNamedForItsTextAndAHashOfTheRequest() {
    assertThat(parse("A cat, naïve & 猫: all of it, and far more than a name can hold\n\"?\""))
        .extracting(Prompt::name)
        .satisfiesExactly(
            name -> assertThat(name).matches("A-cat-naïve-猫-all-of-it-and-far-more-[0-9a-f]{12}"),
            name -> assertThat(name).matches("[0-9a-f]{12}"));
    assertThat(parse("{\"prompt\":\"A cat\",\"model\":\"nano-banana-pro\"}").get(0).name())
        .isNotEqualTo(CAT_AND_DOG.get(0).name());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{\"prompt\":\"A cat\"| End of input",
        "{\"prompt\":\"half \\ud83d\"}| `prompt`",
        "{\"name\":1,\"prompt\":\"A cat\"}| name must be a string",
        "{\"promt\":\"A cat\"}| prompt",
        "{\"prompt\":\"A cat\",\"resoluton\":\"4K\"}| unknown fields: [resoluton]",
        "{\"prompt\":\"A cat\",\"resolution\":\"4K\"}| `resolution` 4K needs model",
        "{\"prompt\":\"A cat\",\"name\":\"../cat\"}| the name \"../cat\" can't name a file",
        "{\"prompt\":\"A cat\",\"name\":\"\"}| the name \"\" can't name a file",
      })
  void allThatIsWrongIsSaidBeforeAnythingIsSent(String line, String problem) {
    assertThatThrownBy(() -> parse("A dog\n" + line + "\n{}"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("prompts.txt, line 2: ")
        .hasMessageContaining(problem)
        .hasMessageContaining("\nprompts.txt, line 3: ");
  }

  @Test
  void twoPromptsCannotHaveOneName() {
    assertThatThrownBy(
            () ->
                parse(
                    "{\"name\":\"a\",\"prompt\":\"A cat\"}\n{\"name\":\"A\",\"prompt\":\"A dog\"}"))
        .hasMessage("prompts.txt, line 2: the name \"A\" is that of line 1");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "\ufeff", " \r\n\t"})
  void aFileWithoutPromptsIsAMistake(String text) {
    assertThatThrownBy(() -> parse(text)).hasMessage("prompts.txt has no prompts");
  }

  @Test
  void aFileInAnotherEncodingIsRefused(@TempDir Path folder) throws Exception {
    Path file = folder.resolve("prompts.txt");
    Files.write(file, "Ein Kätzchen".getBytes(StandardCharsets.ISO_8859_1));

    assertThatThrownBy(() -> BatchPrompts.read(file))
        .hasMessage(file + " is not encoded as UTF-8; save it as UTF-8");
  }

  private static List<Prompt> parse(String text) {
    return BatchPrompts.parse("prompts.txt", text);
  }
}
