package ai.mountsea.nanobanana;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.PriorityQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Future;

/** Time that passes only in pauses, and then at once. */
final class VirtualTimer implements Timer {
  static final Instant START = Instant.parse("2026-01-15T09:30:00Z");

  private final List<Duration> pauses = new CopyOnWriteArrayList<>();
  private final PriorityQueue<Deadline> deadlines = new PriorityQueue<>();
  private long now;

  private record Deadline(long at, Runnable task, CompletableFuture<Void> future)
      implements Comparable<Deadline> {
    @Override
    public int compareTo(Deadline other) {
      return Long.compare(at, other.at);
    }
  }

  /** Every pause so far, also one that a deadline cut short. */
  List<Duration> pauses() {
    return pauses;
  }

  @Override
  public synchronized long nanoTime() {
    return now;
  }

  @Override
  public Clock clock() {
    return Clock.fixed(START, ZoneOffset.UTC);
  }

  @Override
  public synchronized Future<?> pause(Runnable task, long nanos) {
    pauses.add(Duration.ofNanos(nanos));
    long end = now + nanos;
    deadlines.removeIf(deadline -> deadline.future.isDone());
    Deadline next = deadlines.peek();
    if (next != null && next.at <= end) {
      now = next.at;
      deadlines.remove();
      return CompletableFuture.runAsync(next.task);
    }
    now = end;
    return CompletableFuture.runAsync(task);
  }

  @Override
  public synchronized Future<?> deadline(Runnable task, long nanos) {
    Deadline deadline = new Deadline(now + nanos, task, new CompletableFuture<>());
    deadlines.add(deadline);
    return deadline.future;
  }

  @Override
  public void close() {}
}
