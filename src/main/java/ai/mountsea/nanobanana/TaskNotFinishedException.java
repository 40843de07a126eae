package ai.mountsea.nanobanana;

import org.jspecify.annotations.Nullable;

/**
 * Waiting ended before the task did: the deadline passed, the thread was interrupted, or the client
 * was closed. The task goes on; wait on {@link #taskId()} again, now or after a restart.
 */
public final class TaskNotFinishedException extends NanoBananaException {
  private static final long serialVersionUID = 1;

  private final String taskId;

  TaskNotFinishedException(String message, String taskId, @Nullable Throwable cause) {
    super(message, cause);
    this.taskId = taskId;
  }

  /**
   * Returns the id of the task, to wait on again.
   *
   * @return the id that was waited on
   */
  public String taskId() {
    return taskId;
  }

  @Override
  public boolean mayTaskExist() {
    return true;
  }
}
