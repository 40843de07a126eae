package ai.mountsea.nanobanana;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A request was sent, and its outcome can't be known: the response was lost, came too late, was a
 * 5xx, a 408, a 499 or a redirect, or has no task id. A task may exist and may be billed, so look
 * for it before you submit again; {@link #submittedAt()}, {@link #response()} and, where an error
 * named a task, {@link #taskId()} help to find it.
 *
 * <p>It is also thrown when an interceptor of yours read the request body and then failed or
 * answered itself, since it may have sent the request in a way that this library can't see.
 */
public final class OutcomeUnknownException extends NanoBananaException {
  private static final long serialVersionUID = 1;

  private final Instant submittedAt;

  /**
   * Makes the exception.
   *
   * @param message why, for a person
   * @param taskId the task that the response named, null if it named none
   * @param submittedAt when the request was sent
   * @param response what was received, null if nothing was
   * @param cause what lost the response, may be null
   */
  public OutcomeUnknownException(
      String message,
      @Nullable String taskId,
      Instant submittedAt,
      @Nullable ServiceResponse response,
      @Nullable Throwable cause) {
    super(message, taskId, response, cause);
    this.submittedAt = submittedAt;
  }

  /**
   * Returns when the request was sent, by this machine's clock.
   *
   * @return the moment at which its body began to be written
   */
  public Instant submittedAt() {
    return submittedAt;
  }

  @Override
  public boolean mayTaskExist() {
    return true;
  }
}
