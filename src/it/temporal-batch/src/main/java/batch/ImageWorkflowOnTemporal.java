package batch;

import io.temporal.activity.ActivityOptions;
import io.temporal.common.RetryOptions;
import io.temporal.failure.ActivityFailure;
import io.temporal.failure.ApplicationFailure;
import io.temporal.workflow.Workflow;
import java.time.Duration;

/** The task id is in the workflow's history as soon as submit returns, so no replay submits again. */
public final class ImageWorkflowOnTemporal implements ImageWorkflow {
  private String taskId;
  private boolean found;

  @Override
  public String make(String prompt, Duration step) {
    ActivityOptions untilItSucceeds =
        ActivityOptions.newBuilder().setStartToCloseTimeout(step).build();
    ActivityOptions once =
        ActivityOptions.newBuilder(untilItSucceeds)
            .setRetryOptions(RetryOptions.newBuilder().setMaximumAttempts(1).build())
            .build();
    ImageActivities submitting = Workflow.newActivityStub(ImageActivities.class, once);
    ImageActivities images = Workflow.newActivityStub(ImageActivities.class, untilItSucceeds);
    while (taskId == null) {
      try {
        taskId = submitting.submit(prompt);
      } catch (ActivityFailure e) {
        if (e.getCause() instanceof ApplicationFailure failure
            && failure.getType().equals(ImageActivitiesOnNanoBanana.NO_TASK)) {
          throw e;
        }
        found = false;
        images.askAPerson(prompt);
        Workflow.await(() -> found);
      }
    }
    return images.awaitAndSave(taskId);
  }

  @Override
  public void taskFound(String taskId) {
    this.taskId = taskId;
    found = true;
  }

  @Override
  public void noTaskFound() {
    found = true;
  }
}
