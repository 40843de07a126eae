import static org.junit.jupiter.api.Assertions.assertEquals;

import ai.mountsea.nanobanana.TaskFailedException;
import ai.mountsea.nanobanana.api.ImageResult;
import ai.mountsea.nanobanana.api.TaskResult;
import ai.mountsea.nanobanana.api.TaskStatus;
import java.util.List;
import org.junit.jupiter.api.Test;

class WithoutHttpTest {
  @Test
  void aResultAndAFailureAreMadeByHand() {
    TaskResult completed =
        TaskResult.builder("task-1", TaskStatus.COMPLETED)
            .result(ImageResult.builder().imageUrls("https://example.com/cat.png").build())
            .build();
    TaskResult failed =
        TaskResult.builder("task-2", TaskStatus.FAILED).errorMessage("No cats today").build();
    TaskFailedException exception = new TaskFailedException("The task failed", failed);

    assertEquals(List.of("https://example.com/cat.png"), completed.imageUrls());
    assertEquals("task-2", exception.taskId());
  }
}
