package batch;

import io.temporal.activity.ActivityOptions;
import io.temporal.common.RetryOptions;
import io.temporal.failure.ActivityFailure;
import io.temporal.failure.ApplicationFailure;
import io.temporal.workflow.Workflow;

/** The task id is in the workflow's history as soon as submit returns, so no replay submits again. */
public final class ImageWorkflowOnTemporal implements ImageWorkflow {
  private final ImageActivities once =
      Workflow.newActivityStub(
          ImageActivities.class,
          ActivityOptions.newBuilder()
              .setRetryOptions(RetryOptions.newBuilder().setMaximumAttempts(1).build())
              .build());
  private final ImageActivities untilItSucceeds = Workflow.newActivityStub(ImageActivities.class);

  private String taskId;
  private boolean found;

  @Override
  public String make(String prompt) {
    while (taskId == null) {
      try {
        taskId = once.submit(prompt);
      } catch (ActivityFailure e) {
        if (e.getCause() instanceof ApplicationFailure failure
            && failure.getType().equals(ImageActivitiesOnNanoBanana.NO_TASK)) {
          throw e;
        }
        found = false;
        untilItSucceeds.askAPerson(prompt);
        Workflow.await(() -> found);
      }
    }
    return untilItSucceeds.awaitAndSave(taskId);
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
