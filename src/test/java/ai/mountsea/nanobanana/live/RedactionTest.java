package ai.mountsea.nanobanana.live;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.json.JsonMapper;

class RedactionTest {
  private final Redaction redaction =
      new Redaction(new JsonMapper().createObjectNode(), null, "A cat");

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          Failed to connect to /127.0.0.1:54321 | Failed to connect to /127.0.0.1:54321
          203.0.113.7 is not on the list.       | (address) is not on the list.
          It took 12.5. It cost 0.25            | It took 0. It cost 0
          Balance 123456                        | Balance 0
          """)
  void anAddressIsHiddenUnlessItIsThisMachine(String text, String shown) {
    assertThat(redaction.text(text)).isEqualTo(shown);
  }
}
