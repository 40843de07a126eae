package ai.mountsea.nanobanana;

import java.time.Clock;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/** Time as this library uses it, so that tests can bring their own. */
interface Timer extends AutoCloseable {
  long nanoTime();

  Clock clock();

  /** Runs a task after a pause, in which nothing else happens for whoever pauses. */
  Future<?> pause(Runnable task, long nanos);

  /** Runs a task at a deadline, unless it is cancelled before. */
  Future<?> deadline(Runnable task, long nanos);

  @Override
  void close();

  /** Real time, on one daemon thread that exists only while something is scheduled. */
  static Timer system() {
    ScheduledThreadPoolExecutor executor =
        new ScheduledThreadPoolExecutor(
            1,
            task -> {
              Thread thread = new Thread(task, "nano-banana-timer");
              thread.setDaemon(true);
              return thread;
            });
    executor.setRemoveOnCancelPolicy(true);
    executor.setKeepAliveTime(5, TimeUnit.SECONDS);
    executor.allowCoreThreadTimeOut(true);
    return new Timer() {
      @Override
      public long nanoTime() {
        return System.nanoTime();
      }

      @Override
      public Clock clock() {
        return Clock.systemUTC();
      }

      @Override
      public Future<?> pause(Runnable task, long nanos) {
        return executor.schedule(task, nanos, TimeUnit.NANOSECONDS);
      }

      @Override
      public Future<?> deadline(Runnable task, long nanos) {
        return executor.schedule(task, nanos, TimeUnit.NANOSECONDS);
      }

      @Override
      public void close() {
        executor.shutdownNow();
      }
    };
  }
}
