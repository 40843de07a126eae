package ai.mountsea.nanobanana.examples;

import ai.mountsea.nanobanana.NanoBanana;
import ai.mountsea.nanobanana.SaveOptions;
import ai.mountsea.nanobanana.WaitOptions;
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
        run(nanoBanana, WaitOptions.DEFAULT);
      }
    } else {
      try (Sandbox sandbox = Sandbox.start();
          NanoBanana nanoBanana = sandbox.client()) {
        run(nanoBanana, WaitOptions.DEFAULT.withMinDelay(Duration.ofMillis(100)));
      }
    }
  }

  private static void run(NanoBanana nanoBanana, WaitOptions waitOptions) {
    TaskResult cat =
        make(
            nanoBanana,
            waitOptions,
            GenerateImageRequest.builder(
                    "A fluffy orange cat running through a sunny meadow", Action.GENERATE)
                .build());
    make(
        nanoBanana,
        waitOptions,
        GenerateImageRequest.builder(
                "Hang the picture of the cat over a mountain lake", Action.EDIT)
            .imageUrls(cat.imageUrls())
            .build());
  }

  private static TaskResult make(
      NanoBanana nanoBanana, WaitOptions waitOptions, GenerateImageRequest request) {
    System.out.println(request.action() + ": \"" + request.prompt() + "\"");
    TaskResult result =
        nanoBanana.generate(
            request,
            waitOptions
                .withTaskIdListener(taskId -> System.out.println("  is task " + taskId))
                .withStatusListener(task -> System.out.println("  " + task.status())));
    List<Path> files = nanoBanana.save(result, FOLDER, SaveOptions.DEFAULT.withOverwrite(true));
    System.out.println("  saved as " + files.get(0));
    return result;
  }
}
