package consumer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.mountsea.nanobanana.NanoBanana;
import ai.mountsea.nanobanana.TaskFailedException;
import ai.mountsea.nanobanana.api.Action;
import ai.mountsea.nanobanana.api.GenerateImageRequest;
import ai.mountsea.nanobanana.sandbox.Sandbox;
import ai.mountsea.nanobanana.sandbox.Script;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SavedCatsTest {
  private static final GenerateImageRequest CAT =
      GenerateImageRequest.builder("A cat", Action.GENERATE).build();

  private final Sandbox sandbox = Sandbox.start();
  private final NanoBanana nanoBanana = sandbox.client();
  @TempDir Path folder;

  @AfterEach
  void stop() {
    nanoBanana.close();
    sandbox.close();
  }

  @Test
  void aCatIsMadeAndSaved() throws Exception {
    sandbox.next(Script.completesAfter(0));

    Path image = nanoBanana.save(nanoBanana.await(nanoBanana.submit(CAT)), folder).get(0);

    assertTrue(Files.size(image) > 0);
    assertEquals(List.of(CAT), sandbox.requests());
  }

  @Test
  void aCatThatCannotBeMadeIsReported() {
    sandbox.next(Script.staysAt("cancelled"));

    assertThrows(TaskFailedException.class, () -> nanoBanana.await(nanoBanana.submit(CAT)));
  }
}
