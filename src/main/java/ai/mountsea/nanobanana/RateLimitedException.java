package ai.mountsea.nanobanana;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** The service answered 429: too many calls. Try again, not before {@link #retryAfter()}. */
public final class RateLimitedException extends RefusedException {
  private static final long serialVersionUID = 1;

  private final @Nullable Duration retryAfter;

  RateLimitedException(String message, boolean mayTaskExist, ErrorReply reply) {
    super(message, mayTaskExist, reply);
    this.retryAfter = reply.retryAfter();
  }

  /**
   * Returns how long the service asks to be left alone, from its {@code Retry-After} header, in
   * seconds or as a date.
   *
   * @return zero or more, counted from when the reply came; null when the service did not say, or
   *     not so that it could be understood
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
