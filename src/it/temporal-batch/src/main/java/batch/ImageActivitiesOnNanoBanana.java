package batch;

import ai.mountsea.nanobanana.NanoBanana;
import ai.mountsea.nanobanana.NanoBananaException;
import ai.mountsea.nanobanana.Saving;
import ai.mountsea.nanobanana.TaskFailedException;
import ai.mountsea.nanobanana.Waiting;
import ai.mountsea.nanobanana.api.Action;
import ai.mountsea.nanobanana.api.GenerateImageRequest;
import io.temporal.activity.Activity;
import io.temporal.failure.ApplicationFailure;
import java.nio.file.Path;

/** Each is a call of the client. */
public final class ImageActivitiesOnNanoBanana implements ImageActivities {
  static final String NO_TASK = "NoTask";

  private final NanoBanana nanoBanana;
  private final Path folder;

  public ImageActivitiesOnNanoBanana(NanoBanana nanoBanana, Path folder) {
    this.nanoBanana = nanoBanana;
    this.folder = folder;
  }

  @Override
  public String submit(String prompt) {
    try {
      return nanoBanana.submit(
          GenerateImageRequest.builder().action(Action.GENERATE).prompt(prompt).build());
    } catch (NanoBananaException e) {
      String type = e.mayTaskExist() ? "OutcomeUnknown" : NO_TASK;
      throw ApplicationFailure.newFailureWithCause(e.getMessage(), type, e);
    }
  }

  @Override
  public void askAPerson(String prompt) {
    System.out.println("May have been submitted: " + prompt);
  }

  @Override
  public String awaitAndSave(String taskId) {
    Waiting waiting =
        Waiting.DEFAULT
            .withDeadline(
                Activity.getExecutionContext().getInfo().getStartToCloseTimeout().dividedBy(2))
            .withListener(task -> System.out.println(taskId + " is " + task.status()));
    try {
      return nanoBanana
          .save(nanoBanana.await(taskId, waiting), folder, Saving.DEFAULT.withOverwrite(true))
          .get(0)
          .toString();
    } catch (TaskFailedException e) {
      throw ApplicationFailure.newNonRetryableFailureWithCause(e.getMessage(), "TaskFailed", e);
    }
  }
}
