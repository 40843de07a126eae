package batch;

import ai.mountsea.nanobanana.RefusedException;
import ai.mountsea.nanobanana.TaskFailedException;
import io.temporal.activity.ActivityOptions;
import io.temporal.common.RetryOptions;
import io.temporal.failure.ActivityFailure;
import io.temporal.failure.ApplicationFailure;
import io.temporal.workflow.Workflow;
import java.time.Duration;
import java.util.List;

/**
 * Temporal tries activities again until they succeed, which would pay twice; so submit has one
 * attempt. The task id is its result, and with that in the workflow's history: whatever dies
 * afterwards, the next worker goes on with the id.
 */
public final class ImageWorkflowOnTemporal implements ImageWorkflow {
  private static final ActivityOptions RETRIED =
      ActivityOptions.newBuilder()
          .setStartToCloseTimeout(Duration.ofMinutes(15)) // Longer than WaitOptions.DEFAULT.
          .setHeartbeatTimeout(Duration.ofSeconds(5))
          .setRetryOptions(
              RetryOptions.newBuilder()
                  .setDoNotRetry(
                      TaskFailedException.class.getName(), RefusedException.class.getName())
                  .build())
          .build();
  private static final ActivityOptions ONCE =
      ActivityOptions.newBuilder(RETRIED)
          .setRetryOptions(RetryOptions.newBuilder().setMaximumAttempts(1).build())
          .build();

  private final ImageActivities once = Workflow.newActivityStub(ImageActivities.class, ONCE);
  private final ImageActivities retried = Workflow.newActivityStub(ImageActivities.class, RETRIED);
  private String taskId;
  private boolean waitsForAPerson;

  @Override
  public List<String> make(String prompt) {
    while (true) {
      try {
        if (taskId == null) {
          taskId = once.submit(prompt);
        }
        retried.await(taskId);
        break;
      } catch (ActivityFailure e) {
        if (failedWith(ImageActivities.NO_TASK, e)
            || failedWith(TaskFailedException.class.getName(), e)) {
          throw e;
        }
        // The reply was lost, or the worker with it, or the service knows no task of this id.
        taskId = null;
        waitsForAPerson = true;
        Workflow.getLogger(ImageWorkflow.class)
            .warn(
                "For a person, may have a task: {} ({})",
                prompt,
                Workflow.getInfo().getWorkflowId());
        Workflow.await(() -> !waitsForAPerson);
      }
    }
    return retried.save(taskId);
  }

  private static boolean failedWith(String type, ActivityFailure failure) {
    return failure.getCause() instanceof ApplicationFailure cause && cause.getType().equals(type);
  }

  @Override
  public boolean waitsForAPerson() {
    return waitsForAPerson;
  }

  @Override
  public void taskFound(String taskId) {
    if (waitsForAPerson && !taskId.isBlank()) {
      this.taskId = taskId;
      waitsForAPerson = false;
    }
  }

  @Override
  public void noTaskFound() {
    waitsForAPerson = false;
  }
}
