package ai.mountsea.nanobanana.contract;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class GeneratedTypesTest {
  @Test
  void theJavaThatIsGeneratedIsWhatTheSpecSays() {
    Spec spec = Spec.read();

    assertThat(GeneratedTypes.inJava(spec)).isEqualTo(GeneratedTypes.inSpec(spec)).hasSize(28);
  }
}
