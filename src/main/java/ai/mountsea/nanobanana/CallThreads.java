package ai.mountsea.nanobanana;

import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Makes calls on threads of its own, a limited number of them at once. What follows a call, such as
 * the stages that a caller chained to a future, is run on the same thread and may block. A few
 * threads more take the place of those that do, and one always makes calls; when even so none was
 * begun for a quarter of a second, though some wait, more threads are started.
 */
final class CallThreads {
  /** A call to make. */
  interface Job {
    /** Makes the call and returns what follows it if that may block, or null. */
    @Nullable Runnable make();

    /**
     * It was not made, as when the process has too many threads. Throws nothing.
     *
     * @param why for a message
     */
    void rejected(String why, Throwable cause);
  }

  private static final long KEEP_ALIVE_NANOS = TimeUnit.SECONDS.toNanos(5);

  private final int limit;
  private final Queue<Job> waiting = new ArrayDeque<>();
  private int threads; // which make a call, run what follows one, or are idle
  private int calling;
  private int idle;
  private long begun; // calls
  private boolean isWatched;
  private boolean isClosed;

  CallThreads(int limit) {
    this.limit = limit;
  }

  /** Makes a call as soon as the limit allows. */
  void execute(Job job) {
    synchronized (this) {
      waiting.add(job);
      notify();
    }
    startThreads(mostThreads());
  }

  /** Lets the threads end as soon as they have nothing to do. */
  synchronized void close() {
    isClosed = true;
    notifyAll();
  }

  /** Starts a thread for each call for which none is idle, as far as the limit allows. */
  private void startThreads(int most) {
    for (Job job = takeForNewThread(most); job != null; job = takeForNewThread(most)) {
      Job first = job;
      try {
        new Thread(() -> run(first), "nano-banana-call").start();
      } catch (RuntimeException | Error e) {
        synchronized (this) {
          threads--;
          calling--;
        }
        job.rejected("No thread could be started", e);
      }
    }
  }

  private synchronized @Nullable Job takeForNewThread(int most) {
    if (waiting.size() <= idle || (threads >= limit && calling >= leastCalling())) {
      return null;
    }
    if (threads >= most && calling > 0) {
      watch();
      return null;
    }
    threads++;
    calling++;
    begun++;
    return waiting.poll();
  }

  private int leastCalling() {
    return limit - limit / 4;
  }

  private int mostThreads() {
    return limit + (limit + 7) / 8;
  }

  /** Looks in a while whether calls are begun, although what follows others holds the threads. */
  private void watch() {
    if (!isWatched) {
      isWatched = true;
      long before = begun;
      CompletableFuture.delayedExecutor(250, TimeUnit.MILLISECONDS, Runnable::run)
          .execute(() -> relieve(before));
    }
  }

  private void relieve(long before) {
    boolean isStalled;
    synchronized (this) {
      isWatched = false;
      isStalled = begun == before;
    }
    startThreads(isStalled ? Integer.MAX_VALUE : mostThreads());
  }

  /** Makes one call after the other, and ends when there was none for a while. */
  private void run(Job first) {
    for (Job job = first; job != null; job = take()) {
      Runnable rest = make(job);
      if (rest != null) {
        follow(-1);
        startThreads(mostThreads());
        rest.run();
        follow(1);
      }
    }
  }

  /** Whatever is thrown, this thread goes on and somebody is told. */
  private static @Nullable Runnable make(Job job) {
    try {
      return job.make();
    } catch (Throwable e) {
      job.rejected("This library failed", e);
      return null;
    }
  }

  private synchronized void follow(int callsMore) {
    calling += callsMore;
  }

  /** Waits for the next call to make; null if the thread is to end. */
  private synchronized @Nullable Job take() {
    calling--;
    Job next = null;
    if (threads <= limit || calling < leastCalling()) {
      long end = System.nanoTime() + KEEP_ALIVE_NANOS;
      for (next = waiting.poll(); next == null && !isClosed; next = waiting.poll()) {
        long left = end - System.nanoTime();
        if (left <= 0) {
          break;
        }
        idle++;
        try {
          TimeUnit.NANOSECONDS.timedWait(this, left);
        } catch (InterruptedException e) { // What followed a call left an interrupt behind.
        } finally {
          idle--;
        }
      }
    }
    if (next == null) {
      threads--;
    } else {
      calling++;
      begun++;
    }
    return next;
  }
}
