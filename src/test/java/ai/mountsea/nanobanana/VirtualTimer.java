package ai.mountsea.nanobanana;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicLong;

/** Time that passes only when somebody waits for it to, and then at once. */
final class VirtualTimer implements Timer {
  static final Instant START = Instant.parse("2026-01-15T09:30:00Z");

  private final AtomicLong now = new AtomicLong();
  private final List<Duration> pauses = new CopyOnWriteArrayList<>();
  private volatile boolean closed;
  private volatile boolean dropping;

  /** Every pause so far, slept or scheduled. */
  List<Duration> pauses() {
    return pauses;
  }

  /** From now on every task is taken, even when closed, and none is run. */
  void dropTasks() {
    dropping = true;
  }

  void advance(Duration duration) {
    now.addAndGet(duration.toNanos());
  }

  @Override
  public long nanoTime() {
    return now.get();
  }

  @Override
  public Clock clock() {
    return Clock.fixed(START, ZoneOffset.UTC);
  }

  @Override
  public void sleep(long nanos) throws InterruptedException {
    if (Thread.interrupted()) {
      throw new InterruptedException();
    }
    pass(nanos);
  }

  @Override
  public Future<?> schedule(Runnable task, long nanos) {
    if (dropping) {
      pauses.add(Duration.ofNanos(nanos));
      return new CompletableFuture<>();
    }
    if (closed) {
      throw new RejectedExecutionException();
    }
    pass(nanos);
    return CompletableFuture.runAsync(task);
  }

  @Override
  public void close() {
    closed = true;
  }

  private void pass(long nanos) {
    pauses.add(Duration.ofNanos(nanos));
    now.addAndGet(nanos);
  }
}
