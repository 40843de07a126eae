import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import ai.mountsea.nanobanana.NanoBanana;
import ai.mountsea.nanobanana.OutcomeUnknownException;
import ai.mountsea.nanobanana.TaskFailedException;
import ai.mountsea.nanobanana.api.Action;
import ai.mountsea.nanobanana.api.GenerateImageRequest;
import ai.mountsea.nanobanana.api.ImageResult;
import ai.mountsea.nanobanana.api.TaskResult;
import ai.mountsea.nanobanana.api.TaskStatus;
import ai.mountsea.nanobanana.sandbox.Sandbox;
import ai.mountsea.nanobanana.sandbox.Script;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class CatShopTest {
  final GenerateImageRequest cat = GenerateImageRequest.builder("A cat", Action.GENERATE).build();
  final Sandbox sandbox = Sandbox.start();
  final NanoBanana nanoBanana = sandbox.client();

  @AfterEach
  void stop() {
    nanoBanana.close();
    sandbox.close();
  }

  @Test
  void aLostReplyIsNotSubmittedAgain() {
    sandbox.next(Script.losesReply());

    // Your code here: it must not submit again, for the task was made.
    assertThrows(OutcomeUnknownException.class, () -> nanoBanana.submit(cat));

    assertEquals(List.of(cat), sandbox.requests());
  }

  @Test
  void aResultAndAFailureWithoutHttp() {
    TaskResult completed =
        TaskResult.builder("task-1", TaskStatus.COMPLETED)
            .result(ImageResult.builder().imageUrls("https://example.com/cat.png").build())
            .build();
    TaskResult failed =
        TaskResult.builder("task-2", TaskStatus.FAILED).errorMessage("No cats today").build();
    TaskFailedException exception = new TaskFailedException("The task failed", failed);

    // Your code here: give them to it, from a mock or a fake of your own.
    assertEquals(List.of("https://example.com/cat.png"), completed.result().imageUrls());
    assertEquals("task-2", exception.taskId());
  }
}
