package ai.mountsea.nanobanana;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** The service answered 429: too many calls. Try again, but not before {@link #retryAfter()}. */
public final class RateLimitedException extends RefusedException {
  private static final long serialVersionUID = 1;

  private final @Nullable Duration retryAfter;

  /**
   * Makes the exception.
   *
   * @param message why, for a person
   * @param taskId the task that was asked about; null if a submit was refused
   * @param response the refusal
   * @param retryAfter the Retry-After delay, null if the service sent none
   */
  public RateLimitedException(
      String message,
      @Nullable String taskId,
      ServiceResponse response,
      @Nullable Duration retryAfter) {
    super(message, taskId, response);
    this.retryAfter = retryAfter;
  }

  /**
   * Returns the Retry-After delay, which the service sends in seconds or as a date.
   *
   * @return zero or more, counted from when the response was received; null if the service sent
   *     none, or one that can't be understood
   */
  @Override
  public @Nullable Duration retryAfter() {
    return retryAfter;
  }

  @Override
  boolean isTransient() {
    return true;
  }
}
