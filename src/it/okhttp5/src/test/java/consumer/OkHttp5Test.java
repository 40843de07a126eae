package consumer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.mountsea.nanobanana.NanoBanana;
import ai.mountsea.nanobanana.OutcomeUnknownException;
import ai.mountsea.nanobanana.api.Action;
import ai.mountsea.nanobanana.api.GenerateImageRequest;
import ai.mountsea.nanobanana.sandbox.Sandbox;
import ai.mountsea.nanobanana.sandbox.Script;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import okhttp3.OkHttp;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OkHttp5Test {
  private static final GenerateImageRequest CAT =
      GenerateImageRequest.builder("A cat", Action.GENERATE).build();

  @TempDir Path folder;

  @Test
  void onlyOkHttp5IsOnTheClassPath() throws Exception {
    assertTrue(OkHttp.VERSION.startsWith("5."), OkHttp.VERSION);
    assertEquals(
        1, Collections.list(ClassLoader.getSystemResources("okhttp3/OkHttpClient.class")).size());
  }

  @Test
  void anImageIsMadeAndSaved() throws Exception {
    try (Sandbox sandbox = Sandbox.start().next(Script.completesAfter(0));
        NanoBanana nanoBanana = sandbox.client()) {
      Path image = nanoBanana.save(nanoBanana.await(nanoBanana.submit(CAT)), folder).get(0);
      assertTrue(Files.size(image) > 0);
    }
  }

  @Test
  void aLostReplyIsStillOneSubmit() {
    try (Sandbox sandbox = Sandbox.start().next(Script.losesReply());
        NanoBanana nanoBanana = sandbox.client()) {
      Assertions.assertThrows(OutcomeUnknownException.class, () -> nanoBanana.submit(CAT));
      assertEquals(1, sandbox.submitted());
    }
  }
}
