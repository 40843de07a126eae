package ai.mountsea.nanobanana;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * A task's result could not be read: no connection, a 5xx, a redirect, or a reply that makes no
 * sense. This says nothing about the task, which goes on; ask again later.
 */
public final class ResultUnavailableException extends NanoBananaException {
  private static final long serialVersionUID = 1;

  private final String taskId;
  private final boolean isTransient;
  private final @Nullable Duration retryAfter;

  ResultUnavailableException(
      String message,
      String taskId,
      boolean isTransient,
      @Nullable Duration retryAfter,
      @Nullable Throwable cause) {
    super(message, cause);
    this.taskId = taskId;
    this.isTransient = isTransient;
    this.retryAfter = retryAfter;
  }

  /**
   * Returns the id of the task, to ask again with.
   *
   * @return the id that was asked for
   */
  public String taskId() {
    return taskId;
  }

  @Override
  public boolean mayTaskExist() {
    return true;
  }

  @Override
  boolean isTransient() {
    return isTransient;
  }

  @Override
  @Nullable Duration retryAfter() {
    return retryAfter;
  }
}
