package batch;

import ai.mountsea.nanobanana.NanoBanana;
import ai.mountsea.nanobanana.NanoBananaException;
import ai.mountsea.nanobanana.SaveOptions;
import ai.mountsea.nanobanana.WaitOptions;
import ai.mountsea.nanobanana.api.Action;
import ai.mountsea.nanobanana.api.GenerateImageRequest;
import io.temporal.activity.Activity;
import io.temporal.activity.ActivityExecutionContext;
import io.temporal.failure.ApplicationFailure;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * Each is a call of the client. While it lasts, Temporal is told each second that this worker
 * lives, so it knows within seconds of one that died, however long the call may take.
 */
public final class ImageActivitiesOnNanoBanana implements ImageActivities {
  private final ScheduledExecutorService heart = Executors.newSingleThreadScheduledExecutor();
  private final NanoBanana nanoBanana;
  private final Path folder;

  ImageActivitiesOnNanoBanana(NanoBanana nanoBanana, Path folder) {
    this.nanoBanana = nanoBanana;
    this.folder = folder;
  }

  @Override
  public String submit(String prompt) {
    GenerateImageRequest request = GenerateImageRequest.builder(prompt, Action.GENERATE).build();
    try {
      return alive(() -> nanoBanana.submit(request));
    } catch (NanoBananaException e) {
      String type = e.mayTaskExist() ? e.getClass().getName() : NO_TASK;
      throw ApplicationFailure.newFailureWithCause(e.getMessage(), type, e);
    }
  }

  @Override
  public void await(String taskId) {
    WaitOptions waitOptions =
        WaitOptions.DEFAULT.withStatusListener(
            task -> System.out.println(taskId + " is " + task.status()));
    alive(() -> nanoBanana.await(taskId, waitOptions));
  }

  @Override
  public List<String> save(String taskId) {
    // A worker that died here may have saved it already.
    SaveOptions saving = SaveOptions.DEFAULT.withOverwrite(true);
    return alive(() -> nanoBanana.save(nanoBanana.result(taskId), folder, saving)).stream()
        .map(Path::toString)
        .toList();
  }

  private <T> T alive(Supplier<T> call) {
    ActivityExecutionContext activity = Activity.getExecutionContext();
    Future<?> beats =
        heart.scheduleAtFixedRate(() -> activity.heartbeat(null), 0, 1, TimeUnit.SECONDS);
    try {
      return call.get();
    } finally {
      beats.cancel(false);
    }
  }
}
