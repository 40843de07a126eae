import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import ai.mountsea.nanobanana.NanoBanana;
import ai.mountsea.nanobanana.OutcomeUnknownException;
import ai.mountsea.nanobanana.api.Action;
import ai.mountsea.nanobanana.api.GenerateImageRequest;
import ai.mountsea.nanobanana.sandbox.Sandbox;
import ai.mountsea.nanobanana.sandbox.Script;
import java.util.List;
import org.junit.jupiter.api.Test;

class CatShopTest {
  @Test
  void aLostReplyIsNotSubmittedAgain() {
    GenerateImageRequest cat = GenerateImageRequest.builder("A cat", Action.GENERATE).build();
    try (Sandbox sandbox = Sandbox.start();
        NanoBanana nanoBanana = sandbox.client()) {
      sandbox.next(Script.losesReply());

      // Your code here: it must not submit again, for the task was made.
      assertThrows(OutcomeUnknownException.class, () -> nanoBanana.submit(cat));

      assertEquals(List.of(cat), sandbox.requests());
    }
  }
}
