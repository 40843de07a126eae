package ai.mountsea.nanobanana.examples;

import ai.mountsea.nanobanana.NanoBanana;
import ai.mountsea.nanobanana.Saving;
import ai.mountsea.nanobanana.Waiting;
import ai.mountsea.nanobanana.api.Action;
import ai.mountsea.nanobanana.api.GenerateImageRequest;
import ai.mountsea.nanobanana.api.TaskResult;
import ai.mountsea.nanobanana.sandbox.Sandbox;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * Makes an image, then edits it; both land in {@code target/quickstart}. Against the sandbox unless
 * called with {@code --live}, which costs money and takes the key from {@code MOUNTSEA_API_KEY}.
 */
public final class Quickstart {
  private static final Path FOLDER = Path.of("target", "quickstart");

  private Quickstart() {}

  /**
   * Runs the example.
   *
   * @param args {@code --live} for the real service
   */
  public static void main(String[] args) {
    if (List.of(args).contains("--live")) {
      try (NanoBanana nanoBanana = NanoBanana.fromEnv()) {
        run(nanoBanana, Waiting.DEFAULT);
      }
    } else {
      try (Sandbox sandbox = Sandbox.start();
          NanoBanana nanoBanana = sandbox.client()) {
        run(nanoBanana, Waiting.DEFAULT.withFirstDelay(Duration.ofMillis(100)));
      }
    }
  }

  private static void run(NanoBanana nanoBanana, Waiting waiting) {
    TaskResult cat =
        make(
            nanoBanana,
            waiting,
            GenerateImageRequest.builder(
                    "A fluffy orange cat running through a sunny meadow", Action.GENERATE)
                .build());
    make(
        nanoBanana,
        waiting,
        GenerateImageRequest.builder(
                "Hang the picture of the cat over a mountain lake", Action.EDIT)
            .imageUrls(cat.result().imageUrls())
            .build());
  }

  private static TaskResult make(
      NanoBanana nanoBanana, Waiting waiting, GenerateImageRequest request) {
    String taskId = nanoBanana.submit(request);
    System.out.println(request.action() + ": \"" + request.prompt() + "\" is task " + taskId);
    TaskResult result =
        nanoBanana.await(
            taskId, waiting.withListener(task -> System.out.println("  " + task.status())));
    List<Path> files = nanoBanana.save(result, FOLDER, Saving.DEFAULT.withOverwrite(true));
    System.out.println("  saved as " + files.get(0));
    return result;
  }
}
