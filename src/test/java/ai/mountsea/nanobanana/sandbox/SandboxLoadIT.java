package ai.mountsea.nanobanana.sandbox;

import static org.assertj.core.api.Assertions.assertThat;

import ai.mountsea.nanobanana.NanoBanana;
import ai.mountsea.nanobanana.api.Action;
import ai.mountsea.nanobanana.api.GenerateImageRequest;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SandboxLoadIT {
  private static final int TASKS = 5_000;

  @Test
  void fiveThousandTasksAtOnceHaveNoOutcomeThatTheSandboxWasNotToldToMake(@TempDir Path folder)
      throws Exception {
    ExecutorService threads = threads();
    List<Future<List<Path>>> saved = new ArrayList<>();
    try (Sandbox sandbox = Sandbox.start();
        NanoBanana nanoBanana = sandbox.client()) {
      for (int i = 0; i < TASKS; i++) {
        GenerateImageRequest request =
            GenerateImageRequest.builder("Cat " + i, Action.GENERATE).build();
        saved.add(threads.submit(() -> nanoBanana.save(nanoBanana.generate(request), folder)));
      }
      for (Future<List<Path>> each : saved) {
        assertThat(each.get()).hasSize(1);
      }

      assertThat(sandbox.submitted()).isEqualTo(TASKS);
      assertThat(folder.toFile().list()).hasSize(TASKS);
    } finally {
      threads.shutdownNow();
    }
  }

  /** One virtual thread for each task, or fewer of the others before Java 21. */
  private static ExecutorService threads() throws ReflectiveOperationException {
    return Runtime.version().feature() < 21
        ? Executors.newFixedThreadPool(500)
        : (ExecutorService)
            Executors.class.getMethod("newVirtualThreadPerTaskExecutor").invoke(null);
  }
}
