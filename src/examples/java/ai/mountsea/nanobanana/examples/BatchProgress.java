package ai.mountsea.nanobanana.examples;

import java.io.PrintStream;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.function.LongSupplier;

/** Tells a person how far a {@link Batch} is: by a bar on a terminal, by lines elsewhere. */
final class BatchProgress {
  /** What became of a prompt. */
  enum Outcome {
    /** Its image is in the folder. */
    SAVED,
    /** It can't be made: its task failed, or its name was used for another prompt. */
    FAILED,
    /** It may have been submitted: a person has to find out. */
    UNKNOWN,
    /** The next run goes on with it. */
    LATER
  }

  private static final int BAR = 30;

  private final PrintStream out;
  private final boolean isTerminal;
  private final LongSupplier nanoTime;
  private final int total;
  private final long start;
  private final Map<Outcome, Integer> counts = new EnumMap<>(Outcome.class);
  private int running;
  private int finishedNow;

  BatchProgress(PrintStream out, boolean isTerminal, LongSupplier nanoTime, int total) {
    this.out = out;
    this.isTerminal = isTerminal;
    this.nanoTime = nanoTime;
    this.total = total;
    this.start = nanoTime.getAsLong();
    for (Outcome outcome : Outcome.values()) {
      counts.put(outcome, 0);
    }
  }

  synchronized void alreadyDone(Outcome outcome) {
    counts.merge(outcome, 1, Integer::sum);
  }

  synchronized void started() {
    running++;
    draw();
  }

  synchronized void ended(Outcome outcome, String line) {
    running--;
    finishedNow++;
    counts.merge(outcome, 1, Integer::sum);
    say(outcome != Outcome.SAVED, line);
  }

  /** Prints a line that the bar on a terminal makes unnecessary. */
  synchronized void detail(String line) {
    say(false, line);
  }

  /** Prints a line in any case. */
  synchronized void important(String line) {
    say(true, line);
  }

  synchronized void end() {
    out.println((isTerminal ? "\r\033[K" : "") + counts());
  }

  int count(Outcome outcome) {
    return counts.get(outcome);
  }

  private void say(boolean isImportant, String line) {
    if (!isTerminal) {
      out.println(line + " [" + status() + "]");
    } else {
      if (isImportant) {
        out.print("\r\033[K" + line + "\n");
      }
      draw();
    }
  }

  private void draw() {
    if (isTerminal) {
      int filled = total == 0 ? BAR : BAR * counts.get(Outcome.SAVED) / total;
      out.print("\r\033[K" + "█".repeat(filled) + "░".repeat(BAR - filled) + " " + status());
      out.flush();
    }
  }

  private String status() {
    StringBuilder status = new StringBuilder(counts());
    double minutes = (nanoTime.getAsLong() - start) / 60e9;
    int left = total - counts.values().stream().mapToInt(Integer::intValue).sum();
    if (finishedNow > 0 && minutes > 0) {
      double rate = finishedNow / minutes;
      status.append(String.format(Locale.ROOT, ", %.1f a minute", rate));
      if (left > 0) {
        status.append(", ").append((int) Math.ceil(left / rate)).append(" min left");
      }
    }
    return status.toString();
  }

  private String counts() {
    StringBuilder status = new StringBuilder();
    status.append(counts.get(Outcome.SAVED)).append(" of ").append(total).append(" saved");
    append(status, running, " running");
    append(status, counts.get(Outcome.FAILED), " failed");
    append(status, counts.get(Outcome.UNKNOWN), " unknown");
    append(status, counts.get(Outcome.LATER), " for the next run");
    return status.toString();
  }

  private static void append(StringBuilder status, int count, String what) {
    if (count > 0) {
      status.append(", ").append(count).append(what);
    }
  }
}
