package ai.mountsea.nanobanana.contract;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class GeneratedTypesTest {
  private final Spec spec = Spec.read();

  @Test
  void theJavaThatIsGeneratedIsWhatTheSpecSays() {
    assertThat(GeneratedTypes.inJava(spec)).isEqualTo(GeneratedTypes.inSpec(spec));
  }
}
