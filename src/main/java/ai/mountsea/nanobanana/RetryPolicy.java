package ai.mountsea.nanobanana;

import java.time.Duration;

/**
 * How often, and for how long, a call is tried again on its own. Only what is safe is tried again:
 * a connection that was never made, a 429, and reads on any passing fault. A submit that may have
 * reached the service is never tried again, whatever is set here.
 *
 * <p>The pause before attempt n is random between nothing and {@code baseDelay} doubled n - 2
 * times, at most {@code maxDelay}; if the service sent a {@code Retry-After}, that long and then
 * the random pause. A {@code Retry-After} beyond {@code maxDelay} ends the attempts.
 *
 * @param maxAttempts how many calls at the most, 1 or more; 1 means never again
 * @param baseDelay the longest first pause, not negative
 * @param maxDelay the longest pause, and the longest {@code Retry-After} that is honoured
 * @param budget no attempt begins later than this after the first one
 */
public record RetryPolicy(int maxAttempts, Duration baseDelay, Duration maxDelay, Duration budget) {

  /** Three attempts within two minutes, with pauses of half a second to thirty seconds. */
  public static final RetryPolicy DEFAULT =
      new RetryPolicy(3, Duration.ofMillis(500), Duration.ofSeconds(30), Duration.ofMinutes(2));

  /** One attempt. */
  public static final RetryPolicy NEVER = DEFAULT.withMaxAttempts(1);

  /**
   * Checks the values.
   *
   * @param maxAttempts see above
   * @param baseDelay see above
   * @param maxDelay see above
   * @param budget see above
   * @throws IllegalArgumentException if there is no attempt or a duration is negative
   */
  public RetryPolicy {
    if (maxAttempts < 1) {
      throw new IllegalArgumentException("maxAttempts must be 1 or more, not " + maxAttempts);
    }
    Durations.requireNotNegative("baseDelay", baseDelay);
    Durations.requireNotNegative("maxDelay", maxDelay);
    Durations.requireNotNegative("budget", budget);
  }

  /**
   * Returns this policy with another number of attempts.
   *
   * @param maxAttempts 1 or more
   * @return a new policy
   */
  public RetryPolicy withMaxAttempts(int maxAttempts) {
    return new RetryPolicy(maxAttempts, baseDelay, maxDelay, budget);
  }

  /**
   * Returns this policy with another first pause.
   *
   * @param baseDelay the longest first pause, not negative
   * @return a new policy
   */
  public RetryPolicy withBaseDelay(Duration baseDelay) {
    return new RetryPolicy(maxAttempts, baseDelay, maxDelay, budget);
  }

  /**
   * Returns this policy with another ceiling for pauses and {@code Retry-After}.
   *
   * @param maxDelay the longest pause, not negative
   * @return a new policy
   */
  public RetryPolicy withMaxDelay(Duration maxDelay) {
    return new RetryPolicy(maxAttempts, baseDelay, maxDelay, budget);
  }

  /**
   * Returns this policy with another budget.
   *
   * @param budget the time within which attempts begin, not negative
   * @return a new policy
   */
  public RetryPolicy withBudget(Duration budget) {
    return new RetryPolicy(maxAttempts, baseDelay, maxDelay, budget);
  }

  /**
   * Returns the pause before the next attempt.
   *
   * @param attempt how many there have been
   * @param elapsed nanoseconds since the first began
   * @param random from 0 to 1, the share of the longest pause
   * @return nanoseconds, or -1 when there is to be no other attempt
   */
  long pause(NanoBananaException failure, int attempt, long elapsed, double random) {
    if (!failure.isTransient() || attempt >= maxAttempts) {
      return -1;
    }
    double doubled = Durations.nanos(baseDelay) * Math.pow(2, attempt - 1);
    long pause = (long) (random * Math.min(doubled, (double) Durations.nanos(maxDelay)));
    Duration retryAfter = failure.retryAfter();
    if (retryAfter != null) {
      if (retryAfter.compareTo(maxDelay) > 0) {
        return -1;
      }
      pause += Durations.nanos(retryAfter);
    }
    return elapsed + pause > Durations.nanos(budget) ? -1 : pause;
  }
}
