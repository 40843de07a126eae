package ai.mountsea.nanobanana;

import java.time.Duration;

/**
 * How often, and for how long, a call is retried automatically. Only what is safe is retried: a
 * connection that was never made, a 429, and every transient failure of a read or a download. A
 * submit that may have reached the service is never retried, whatever is set here.
 *
 * <p>The pause before attempt n is random between zero and {@code baseDelay} doubled n - 2 times,
 * at most {@code maxDelay}; if the service sent a {@code Retry-After} delay, the pause is that
 * delay and then the random pause. A {@code Retry-After} delay beyond {@code maxDelay} ends the
 * attempts. Immutable.
 */
public final class RetryPolicy {
  /** Three attempts within two minutes, with pauses of half a second to thirty seconds. */
  public static final RetryPolicy DEFAULT =
      new RetryPolicy(3, Duration.ofMillis(500), Duration.ofSeconds(30), Duration.ofMinutes(2));

  /** One attempt. */
  public static final RetryPolicy NEVER = DEFAULT.withMaxAttempts(1);

  private final int maxAttempts;
  private final Duration baseDelay;
  private final Duration maxDelay;
  private final Duration maxElapsedTime;

  private RetryPolicy(
      int maxAttempts, Duration baseDelay, Duration maxDelay, Duration maxElapsedTime) {
    if (maxAttempts < 1) {
      throw new IllegalArgumentException("maxAttempts must be 1 or more, not " + maxAttempts);
    }
    this.maxAttempts = maxAttempts;
    this.baseDelay = Durations.requireNotNegative("baseDelay", baseDelay);
    this.maxDelay = Durations.requireNotNegative("maxDelay", maxDelay);
    this.maxElapsedTime = Durations.requireNotNegative("maxElapsedTime", maxElapsedTime);
  }

  /**
   * Sets how many attempts are made at most, the first one included.
   *
   * @param maxAttempts 1 or more; 1 means no retry
   * @return a new policy
   */
  public RetryPolicy withMaxAttempts(int maxAttempts) {
    return new RetryPolicy(maxAttempts, baseDelay, maxDelay, maxElapsedTime);
  }

  /**
   * Sets the longest first pause.
   *
   * @param baseDelay not negative
   * @return a new policy
   */
  public RetryPolicy withBaseDelay(Duration baseDelay) {
    return new RetryPolicy(maxAttempts, baseDelay, maxDelay, maxElapsedTime);
  }

  /**
   * Sets the longest pause, which is also the longest {@code Retry-After} delay that is honoured.
   *
   * @param maxDelay not negative
   * @return a new policy
   */
  public RetryPolicy withMaxDelay(Duration maxDelay) {
    return new RetryPolicy(maxAttempts, baseDelay, maxDelay, maxElapsedTime);
  }

  /**
   * Sets the maximum elapsed time since the first attempt at which another attempt may start.
   *
   * @param maxElapsedTime not negative
   * @return a new policy
   */
  public RetryPolicy withMaxElapsedTime(Duration maxElapsedTime) {
    return new RetryPolicy(maxAttempts, baseDelay, maxDelay, maxElapsedTime);
  }

  /**
   * Returns the pause before the next attempt.
   *
   * @param attempts how many there have been
   * @param elapsed nanoseconds since the first one began
   * @param random from 0 to 1, the share of the longest pause
   * @return nanoseconds, or {@link Pending#NO_PAUSE} when there is to be no other attempt
   */
  long pause(NanoBananaException failure, int attempts, long elapsed, double random) {
    if (!failure.isTransient() || attempts >= maxAttempts) {
      return Pending.NO_PAUSE;
    }
    double doubled = Durations.nanos(baseDelay) * Math.pow(2, attempts - 1);
    long pause = (long) (random * Math.min(doubled, (double) Durations.nanos(maxDelay)));
    Duration retryAfter = failure.retryAfter();
    if (retryAfter != null) {
      if (retryAfter.compareTo(maxDelay) > 0) {
        return Pending.NO_PAUSE;
      }
      pause += Durations.nanos(retryAfter);
    }
    return elapsed + pause > Durations.nanos(maxElapsedTime) ? Pending.NO_PAUSE : pause;
  }
}
