package ai.mountsea.nanobanana;

import ai.mountsea.nanobanana.api.TaskResult;
import java.time.Duration;
import java.util.Objects;
import java.util.function.Consumer;

/**
 * How to wait for a task: for how long, how often to poll, and whom to tell.
 *
 * <pre>{@code
 * WaitOptions.DEFAULT
 *     .withTimeout(Duration.ofMinutes(30))
 *     .withStatusListener(task -> log(task.status()))
 * }</pre>
 *
 * <p>The result is read at once and then after pauses of a tenth of the time waited so far, at
 * least {@code minDelay} and at most {@code maxDelay}, each varied at random by a tenth so that
 * many tasks are not polled in step. So a picture is known at most that long, and the time of one
 * read, after it is done. A read that fails transiently counts as no news. Immutable.
 */
public final class WaitOptions {
  /**
   * Ten minutes, polling every 3 seconds at first and every 30 seconds in the end. With it a
   * picture is known at most 3.3 seconds after it is done, or 11 % of the time that it took.
   */
  public static final WaitOptions DEFAULT =
      new WaitOptions(
          Duration.ofMinutes(10),
          Duration.ofSeconds(3),
          Duration.ofSeconds(30),
          taskId -> {},
          task -> {});

  private final Duration timeout;
  private final Duration minDelay;
  private final Duration maxDelay;
  private final Consumer<String> taskIdListener;
  private final Consumer<TaskResult> statusListener;

  private WaitOptions(
      Duration timeout,
      Duration minDelay,
      Duration maxDelay,
      Consumer<String> taskIdListener,
      Consumer<TaskResult> statusListener) {
    this.timeout = Durations.requireNotNegative("timeout", timeout);
    this.minDelay = Durations.requirePositive("minDelay", minDelay);
    this.maxDelay = Durations.requirePositive("maxDelay", maxDelay);
    this.taskIdListener = Objects.requireNonNull(taskIdListener, "taskIdListener");
    this.statusListener = Objects.requireNonNull(statusListener, "statusListener");
  }

  /**
   * Sets how long to wait. When it has passed, a call in flight is ended and the waiting fails with
   * {@link TaskNotFinishedException}; the task is not affected.
   *
   * @param timeout not negative
   * @return new options
   */
  public WaitOptions withTimeout(Duration timeout) {
    return new WaitOptions(timeout, minDelay, maxDelay, taskIdListener, statusListener);
  }

  /**
   * Sets the shortest pause between two reads.
   *
   * @param minDelay more than zero
   * @return new options
   */
  public WaitOptions withMinDelay(Duration minDelay) {
    return new WaitOptions(timeout, minDelay, maxDelay, taskIdListener, statusListener);
  }

  /**
   * Sets the longest pause between two reads. It also limits the shortest pause.
   *
   * @param maxDelay more than zero
   * @return new options
   */
  public WaitOptions withMaxDelay(Duration maxDelay) {
    return new WaitOptions(timeout, minDelay, maxDelay, taskIdListener, statusListener);
  }

  /**
   * Sets who is told the task id by {@code generate}, before the waiting begins, so that it can be
   * written down. What it throws ends the waiting with {@link TaskNotFinishedException}.
   *
   * @param taskIdListener is called once, on the thread that submitted
   * @return new options
   */
  public WaitOptions withTaskIdListener(Consumer<String> taskIdListener) {
    return new WaitOptions(timeout, minDelay, maxDelay, taskIdListener, statusListener);
  }

  /**
   * Sets who is told of each change of the task's status, beginning with the first one that is
   * read. What it throws ends the waiting with {@link TaskNotFinishedException}.
   *
   * @param statusListener is called on a thread of the client's, and may block; the task is not
   *     polled meanwhile
   * @return new options
   */
  public WaitOptions withStatusListener(Consumer<TaskResult> statusListener) {
    return new WaitOptions(timeout, minDelay, maxDelay, taskIdListener, statusListener);
  }

  Duration timeout() {
    return timeout;
  }

  Consumer<String> taskIdListener() {
    return taskIdListener;
  }

  Consumer<TaskResult> statusListener() {
    return statusListener;
  }

  /**
   * Returns the pause before the next read.
   *
   * @param elapsed nanoseconds that were waited so far
   * @param random from 0 to 1
   * @return nanoseconds
   */
  long pause(long elapsed, double random) {
    long tenth = Math.max(elapsed / 10, Durations.nanos(minDelay));
    return (long) (Math.min(tenth, Durations.nanos(maxDelay)) * (0.9 + 0.2 * random));
  }
}
