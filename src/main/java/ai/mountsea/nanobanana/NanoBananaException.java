package ai.mountsea.nanobanana;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Something went wrong. Each subclass is a different thing to do, and each says the one thing that
 * decides whether to submit again: may a task exist, and be billed?
 *
 * <pre>{@code
 * try {
 *   taskId = nanoBanana.submit(request);
 * } catch (NanoBananaException e) {
 *   if (!e.mayTaskExist()) {
 *     retryLater(request);
 *   }
 * }
 * }</pre>
 *
 * <p>No message, here or in a subclass, contains the API key.
 */
public abstract sealed class NanoBananaException extends RuntimeException
    permits InvalidRequestException,
        NotSentException,
        RefusedException,
        OutcomeUnknownException,
        ResultUnavailableException,
        TaskFailedException,
        TaskNotFinishedException,
        ImageNotSavedException {
  private static final long serialVersionUID = 1;

  NanoBananaException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }

  /**
   * Returns whether a task may exist for what was asked. Only when this is false is it safe to
   * submit the same request again.
   *
   * @return false if the service certainly made no task, true if it did or may have
   */
  public abstract boolean mayTaskExist();

  /** Whether the same call may succeed later without anything being changed, at no risk. */
  boolean isTransient() {
    return false;
  }

  /** How long the service asks to be left alone; null when it did not say. */
  @Nullable Duration retryAfter() {
    return null;
  }
}
