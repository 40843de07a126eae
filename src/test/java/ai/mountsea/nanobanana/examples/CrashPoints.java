package ai.mountsea.nanobanana.examples;

import java.io.IOException;

/**
 * Counts the steps that reach the disk or the network, and ends everything at one of them. From
 * then on every step fails and does nothing, as if the process were gone.
 */
final class CrashPoints {
  /** What has happened of the step at which it ends. */
  enum Way {
    /** Nothing of it. */
    BEFORE,
    /** Of a write, half the bytes were written; anything else is done. */
    HALF,
    /** It is done, but nobody has learned of it. */
    AFTER,
    /** As AFTER, but the machine loses its power: what was not forced to the disk is gone. */
    POWER_LOSS,
    /** From this step on the disk is full, and half the bytes of the step were written. */
    DISK_FULL
  }

  /** A step, or half of it. */
  interface Step<T> {
    T run() throws IOException;
  }

  private final int crashAt; // 0 for never
  private final Way way;
  private final Runnable onCrash;
  private int steps;
  private String crashedAt = "";

  CrashPoints(int crashAt, Way way, Runnable onCrash) {
    this.crashAt = crashAt;
    this.way = way;
    this.onCrash = onCrash;
  }

  /** The step at which it ended; empty if it didn't. */
  synchronized String crashedAt() {
    return crashedAt;
  }

  Way way() {
    return way;
  }

  <T> T step(String name, Step<T> step) throws IOException {
    return step(name, step, step);
  }

  <T> T step(String name, Step<?> half, Step<T> whole) throws IOException {
    boolean grows = name.startsWith("write ") || name.startsWith("create ");
    boolean crashes;
    synchronized (this) {
      boolean isOver = !crashedAt.isEmpty();
      boolean counts = way != Way.DISK_FULL || grows;
      if (isOver && counts) {
        throw gone();
      }
      crashes = !isOver && counts && ++steps == crashAt;
    }
    if (!crashes) {
      return whole.run();
    }
    try {
      switch (way) {
        case HALF, DISK_FULL -> half.run();
        case AFTER, POWER_LOSS -> whole.run();
        case BEFORE -> {}
      }
    } finally {
      synchronized (this) {
        crashedAt = name;
      }
      onCrash.run();
    }
    throw gone();
  }

  private IOException gone() {
    return new IOException(
        way == Way.DISK_FULL ? "No space left on device" : "The process is gone");
  }
}
