package ai.mountsea.nanobanana;

import java.time.Duration;

/** Checks and conversions of durations. */
final class Durations {
  /** Effectively infinite, and still such that the sum of two does not overflow. */
  private static final Duration LONGEST = Duration.ofDays(100 * 365);

  private static final Duration LONGEST_TIMEOUT = Duration.ofDays(24);

  private Durations() {}

  static Duration requireNotNegative(String name, Duration duration) {
    if (duration.isNegative()) {
      throw new IllegalArgumentException(name + " must not be negative, but is " + duration);
    }
    return duration;
  }

  /** As OkHttp takes it: zero is no limit, and milliseconds have to fit into an int. */
  static Duration requireTimeout(String name, Duration timeout) {
    if (timeout.compareTo(LONGEST_TIMEOUT) > 0) {
      throw new IllegalArgumentException(
          name + " must be at most 24 days, or zero for no limit, but is " + timeout);
    }
    return requireNotNegative(name, timeout);
  }

  static Duration requirePositive(String name, Duration duration) {
    if (duration.isNegative() || duration.isZero()) {
      throw new IllegalArgumentException(name + " must be more than zero, but is " + duration);
    }
    return duration;
  }

  static long nanos(Duration duration) {
    return (duration.compareTo(LONGEST) > 0 ? LONGEST : duration).toNanos();
  }
}
