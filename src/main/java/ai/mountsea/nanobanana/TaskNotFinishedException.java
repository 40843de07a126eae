package ai.mountsea.nanobanana;

import ai.mountsea.nanobanana.api.TaskResult;
import org.jspecify.annotations.Nullable;

/**
 * Waiting ended before the task did: the timeout passed, the thread was interrupted, the client was
 * closed, or a listener threw what is now the cause. The task is not affected; call {@code await}
 * again with its {@link #taskId()}, now or after a restart.
 */
public final class TaskNotFinishedException extends NanoBananaException {
  private static final long serialVersionUID = 1;

  private final @Nullable TaskResult lastResult;

  /**
   * Makes the exception.
   *
   * @param message why, for a person
   * @param taskId the task that was waited for
   * @param lastResult the task as it was last read, null if it never was
   * @param cause what ended the waiting or kept the result from being read, may be null
   */
  public TaskNotFinishedException(
      String message, String taskId, @Nullable TaskResult lastResult, @Nullable Throwable cause) {
    super(message, taskId, null, cause);
    this.lastResult = lastResult;
  }

  /**
   * Returns the task as it was last read.
   *
   * @return a result that was not final; null if none could be read
   */
  public @Nullable TaskResult lastResult() {
    return lastResult;
  }

  @Override
  public @Nullable String traceId() {
    return lastResult == null ? null : lastResult.traceId();
  }

  @Override
  public boolean mayTaskExist() {
    return true;
  }
}
