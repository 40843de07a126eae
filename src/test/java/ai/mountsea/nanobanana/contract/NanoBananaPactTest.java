package ai.mountsea.nanobanana.contract;

import static au.com.dius.pact.consumer.MockHttpServerKt.mockServer;
import static org.assertj.core.api.Assertions.assertThat;

import ai.mountsea.nanobanana.CommittedFile;
import ai.mountsea.nanobanana.NanoBanana;
import ai.mountsea.nanobanana.RetryPolicy;
import ai.mountsea.nanobanana.contract.Interactions.Interaction;
import au.com.dius.pact.consumer.BaseMockServer;
import au.com.dius.pact.consumer.PactVerificationResult;
import au.com.dius.pact.consumer.model.MockProviderConfig;
import au.com.dius.pact.core.model.PactSpecVersion;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The client does what the pact says, and the pact that is committed says all of it. */
class NanoBananaPactTest {
  static List<Interaction> interactions() {
    return Interactions.all();
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("interactions")
  void theClientSendsExactlyThisRequestAndUsesTheResponse(Interaction interaction) {
    BaseMockServer server =
        mockServer(interaction.pact(), MockProviderConfig.createDefault(PactSpecVersion.V4));
    server.start();
    try (NanoBanana client =
        NanoBanana.builder()
            .apiKey(Interactions.API_KEY)
            .baseUrl(server.getUrl())
            .retryPolicy(RetryPolicy.NEVER)
            .okHttpClient(interaction.okHttpClient())
            .build()) {
      interaction.call().accept(client);
    } finally {
      server.stop();
      interaction.okHttpClient().dispatcher().executorService().shutdown();
      interaction.okHttpClient().connectionPool().evictAll();

      // A request that doesn't match is also why the call failed, so it is reported first.
      PactVerificationResult result = server.validateMockServerState(null);
      assertThat(result)
          .as("%s: %s", interaction, result.getDescription())
          .isInstanceOf(PactVerificationResult.Ok.class);
    }
  }

  @Test
  void theCommittedPactIsUpToDate() throws IOException {
    CommittedFile.assertUpToDate(PactFile.COMMITTED, PactFile.json());
  }

  @Test
  void thePactDoesNotDependOnTheOrderOfTheInteractions() {
    List<Interaction> reversed = new ArrayList<>(Interactions.all());
    Collections.reverse(reversed);

    assertThat(PactFile.json(reversed)).isEqualTo(PactFile.json());
  }
}
