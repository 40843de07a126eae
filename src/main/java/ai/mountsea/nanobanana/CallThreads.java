package ai.mountsea.nanobanana;

import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * Makes calls on other threads, a limited number of them at once. What follows a call, such as the
 * stages that a caller chained to a future, doesn't count against the limit: stages that block keep
 * no call from being made.
 */
final class CallThreads {
  /** A call to make. Its methods throw nothing. */
  interface Job {
    /** Makes the call and returns what follows it if that may block, or null. */
    @Nullable Runnable make();

    /** There is no thread for it, as when the process has too many. */
    void rejected(Throwable reason);
  }

  private final Executor threads;
  private final Queue<Job> waiting = new ArrayDeque<>();
  private int available;

  CallThreads(Executor threads, int maxConcurrentCalls) {
    this.threads = threads;
    this.available = maxConcurrentCalls;
  }

  /** Makes a call as soon as the limit allows. */
  void execute(Job job) {
    synchronized (this) {
      if (available == 0) {
        waiting.add(job);
        return;
      }
      available--;
    }
    handOver(job);
  }

  private void make(Job first) {
    for (Job job = first; job != null; ) {
      Runnable rest = job.make();
      job = next();
      if (rest != null) {
        handOver(job);
        rest.run();
        return;
      }
    }
  }

  private void handOver(@Nullable Job first) {
    for (Job job = first; job != null; job = next()) {
      Job current = job;
      try {
        threads.execute(() -> make(current));
        return;
      } catch (RuntimeException | Error e) {
        job.rejected(e);
      }
    }
  }

  private synchronized @Nullable Job next() {
    Job next = waiting.poll();
    if (next == null) {
      available++;
    }
    return next;
  }
}
