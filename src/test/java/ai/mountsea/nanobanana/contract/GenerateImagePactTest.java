package ai.mountsea.nanobanana.contract;

import static org.assertj.core.api.Assertions.assertThat;

import ai.mountsea.nanobanana.NanoBanana;
import ai.mountsea.nanobanana.api.Action;
import ai.mountsea.nanobanana.api.AspectRatio;
import ai.mountsea.nanobanana.api.GenerateImageRequest;
import ai.mountsea.nanobanana.api.Model;
import au.com.dius.pact.consumer.MockServer;
import au.com.dius.pact.consumer.dsl.PactDslJsonBody;
import au.com.dius.pact.consumer.dsl.PactDslWithProvider;
import au.com.dius.pact.consumer.junit5.PactConsumerTestExt;
import au.com.dius.pact.consumer.junit5.PactTestFor;
import au.com.dius.pact.core.model.PactSpecVersion;
import au.com.dius.pact.core.model.V4Pact;
import au.com.dius.pact.core.model.annotations.Pact;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(PactConsumerTestExt.class)
@PactTestFor(providerName = "mountsea", pactVersion = PactSpecVersion.V4)
class GenerateImagePactTest {

  @Pact(consumer = "nano-banana-java", provider = "mountsea")
  V4Pact generatesAnImage(PactDslWithProvider builder) {
    return builder
        .uponReceiving("a request to generate an image")
        .method("POST")
        .path("/gemini/image/generate")
        .matchHeader("Authorization", "Bearer \\S+", "Bearer a-made-up-key")
        .matchHeader("Content-Type", "application/json(;.*)?", "application/json")
        .body(
            """
            {
              "prompt": "A fluffy orange cat running through a sunny meadow",
              "action": "generate",
              "num_images": 1,
              "image_urls": ["https://example.com/image1.jpg", "https://example.com/image2.jpg"],
              "aspect_ratio": "1:1",
              "model": "nano-banana-fast"
            }
            """)
        .willRespondWith()
        .status(201)
        .body(new PactDslJsonBody().stringMatcher("taskId", ".+", "7f1c2a90"))
        .toPact(V4Pact.class);
  }

  @Test
  @PactTestFor(pactMethod = "generatesAnImage")
  void thePagesRequestIsAnsweredWithATaskId(MockServer mockServer) {
    try (NanoBanana nanoBanana =
        NanoBanana.builder().apiKey("the-callers-own-key").baseUrl(mockServer.getUrl()).build()) {
      String taskId =
          nanoBanana.submit(
              GenerateImageRequest.builder()
                  .prompt("A fluffy orange cat running through a sunny meadow")
                  .action(Action.GENERATE)
                  .numImages(1)
                  .imageUrls(
                      List.of("https://example.com/image1.jpg", "https://example.com/image2.jpg"))
                  .aspectRatio(AspectRatio.RATIO_1_1)
                  .model(Model.NANO_BANANA_FAST)
                  .build());

      assertThat(taskId).isNotEmpty();
    }
  }
}
