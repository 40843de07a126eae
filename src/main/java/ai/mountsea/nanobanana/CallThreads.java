package ai.mountsea.nanobanana;

import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * Makes calls on other threads, a limited number of them at once. What follows a call, such as the
 * stages that a caller chained to a future, is run on the same thread and may block. However many
 * of the threads do, others take their place until half of the limit make calls.
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
  private final int limit;
  private final int leastCalling;
  private final Queue<Job> waiting = new ArrayDeque<>();
  private int running; // threads
  private int calling; // those of them that don't run what follows a call

  CallThreads(Executor threads, int limit) {
    this.threads = threads;
    this.limit = limit;
    this.leastCalling = (limit + 1) / 2;
  }

  /** Makes a call as soon as the limit allows. */
  void execute(Job job) {
    synchronized (this) {
      waiting.add(job);
    }
    startThreads();
  }

  /** Starts a thread for each call that waits, as far as the limit allows. */
  private void startThreads() {
    for (Job job = next(false); job != null; job = next(false)) {
      Job first = job;
      try {
        threads.execute(() -> run(first));
      } catch (RuntimeException | Error e) {
        ended();
        job.rejected(e);
      }
    }
  }

  /** Makes one call after the other while any waits. */
  private void run(Job first) {
    for (Job job = first; job != null; job = next(true)) {
      Runnable rest = job.make();
      if (rest != null) {
        following();
        startThreads();
        rest.run();
        calling();
      }
    }
  }

  /**
   * Takes the next call to make, for a thread that runs or for a new one. Null if there is none, or
   * there are threads enough: then the one that runs ends.
   */
  private synchronized @Nullable Job next(boolean isRunning) {
    if (isRunning) {
      ended();
    }
    boolean isAllowed = running < limit || calling < leastCalling;
    Job next = isAllowed ? waiting.poll() : null;
    if (next != null) {
      running++;
      calling++;
    }
    return next;
  }

  private synchronized void ended() {
    running--;
    calling--;
  }

  private synchronized void following() {
    calling--;
  }

  private synchronized void calling() {
    calling++;
  }
}
