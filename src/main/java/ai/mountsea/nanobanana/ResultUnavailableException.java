package ai.mountsea.nanobanana;

import java.io.IOException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * A task's result could not be read: no connection, a 5xx, or a response that broke off. The task
 * is not affected; read its result again later.
 */
public final class ResultUnavailableException extends NanoBananaException {
  private static final long serialVersionUID = 1;

  private final @Nullable Duration retryAfter;

  /**
   * Makes the exception.
   *
   * @param message why, for a person
   * @param taskId the task that was asked about
   * @param response what was received, null if nothing was
   * @param cause what kept the result from being read, may be null
   */
  public ResultUnavailableException(
      String message,
      String taskId,
      @Nullable ServiceResponse response,
      @Nullable Throwable cause) {
    this(message, taskId, response, null, cause);
  }

  ResultUnavailableException(
      String message,
      String taskId,
      @Nullable ServiceResponse response,
      @Nullable Duration retryAfter,
      @Nullable Throwable cause) {
    super(message, taskId, response, cause);
    this.retryAfter = retryAfter;
  }

  @Override
  public boolean mayTaskExist() {
    return true;
  }

  /** What isn't an I/O error was thrown by an interceptor or a listener, and will be again. */
  @Override
  boolean isTransient() {
    return getCause() == null || getCause() instanceof IOException;
  }

  @Override
  @Nullable Duration retryAfter() {
    return retryAfter;
  }
}
