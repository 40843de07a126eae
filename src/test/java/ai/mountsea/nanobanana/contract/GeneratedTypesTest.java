package ai.mountsea.nanobanana.contract;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class GeneratedTypesTest {
  private static final Path REVIEWED =
      Path.of("src/test/resources/ai/mountsea/nanobanana/contract/generated.txt");

  private final Spec spec = Spec.read();

  @Test
  void theJavaThatIsGeneratedIsWhatTheSpecSays() {
    assertThat(GeneratedTypes.inJava(spec)).isEqualTo(GeneratedTypes.inSpec(spec));
  }

  /** Without it, a change of the spec that no other test uses would change the library unseen. */
  @Test
  void theJavaThatIsGeneratedIsWhatWasReviewed() throws IOException {
    List<String> lines = new ArrayList<>(GeneratedTypes.inJava(spec));
    lines.addAll(new LibraryAgainstSpec().taken());
    Path generated = Files.write(Path.of("target", REVIEWED.getFileName().toString()), lines);

    assertThat(generated)
        .as("If the change is meant: cp " + generated + " " + REVIEWED)
        .hasSameTextualContentAs(REVIEWED);
  }
}
