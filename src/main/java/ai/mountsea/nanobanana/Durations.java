package ai.mountsea.nanobanana;

import java.time.Duration;

/** Checks and conversions of durations. */
final class Durations {
  /** Long enough to be for ever, short enough that sums of two do not overflow. */
  private static final Duration FOR_EVER = Duration.ofDays(100 * 365);

  private Durations() {}

  static void requireNotNegative(String name, Duration duration) {
    if (duration.isNegative()) {
      throw new IllegalArgumentException(name + " must not be negative, but is " + duration);
    }
  }

  static long nanos(Duration duration) {
    return (duration.compareTo(FOR_EVER) > 0 ? FOR_EVER : duration).toNanos();
  }
}
