package ai.mountsea.nanobanana;

import ai.mountsea.nanobanana.api.TaskResult;
import org.jspecify.annotations.Nullable;

/**
 * A task failed, was cancelled, or timed out in the service. Waiting longer does not help. Whether
 * such a task is billed is not documented.
 */
public final class TaskFailedException extends NanoBananaException {
  private static final long serialVersionUID = 1;

  private final TaskResult result;

  /**
   * Makes the exception.
   *
   * @param message why, for a person
   * @param result the task as the service reported it
   */
  public TaskFailedException(String message, TaskResult result) {
    super(message, result.taskId(), null, null);
    this.result = result;
  }

  /**
   * Returns the task as the service reported it.
   *
   * @return a final result
   */
  public TaskResult result() {
    return result;
  }

  @Override
  public @Nullable String traceId() {
    return result.traceId();
  }

  @Override
  public boolean mayTaskExist() {
    return true;
  }
}
