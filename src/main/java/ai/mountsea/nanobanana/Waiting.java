package ai.mountsea.nanobanana;

import ai.mountsea.nanobanana.api.TaskResult;
import java.time.Duration;
import java.util.function.Consumer;

/**
 * How to wait for a task: how long, how often to ask, and who is told of each change.
 *
 * <pre>{@code
 * Waiting.DEFAULT.withDeadline(Duration.ofMinutes(30)).withListener(task -> log(task.status()))
 * }</pre>
 *
 * <p>The service is asked at once, then after {@code firstDelay}, then after pauses that each are a
 * quarter longer than the one before, up to {@code maxDelay}; each varies by a fifth at random, so
 * that many tasks do not ask in step. A read that fails for a passing reason counts as no news.
 *
 * @param deadline how long to wait before {@link TaskNotFinishedException}; the task goes on
 * @param firstDelay the first pause
 * @param maxDelay the longest pause
 * @param listener is given the task whenever its status is another than before, beginning with the
 *     first, on the thread that read it; what it throws ends the waiting
 */
public record Waiting(
    Duration deadline, Duration firstDelay, Duration maxDelay, Consumer<TaskResult> listener) {

  /**
   * Ten minutes, asking after 5 seconds at first [docs] and every 30 at last. A 4K image has been
   * seen to take almost five minutes. [seen]
   */
  public static final Waiting DEFAULT =
      new Waiting(
          Duration.ofMinutes(10), Duration.ofSeconds(5), Duration.ofSeconds(30), task -> {});

  /**
   * Checks the values.
   *
   * @param deadline see above
   * @param firstDelay see above
   * @param maxDelay see above
   * @param listener see above
   * @throws IllegalArgumentException if the deadline is negative or a delay is not positive
   */
  public Waiting {
    Durations.requireNotNegative("deadline", deadline);
    Durations.requireNotNegative("firstDelay", firstDelay);
    Durations.requireNotNegative("maxDelay", maxDelay);
    if (firstDelay.isZero() || maxDelay.isZero()) {
      throw new IllegalArgumentException(
          "firstDelay and maxDelay must not be zero: the service would be asked without a pause");
    }
  }

  /**
   * Returns the same with another deadline.
   *
   * @param deadline how long to wait, not negative
   * @return new settings
   */
  public Waiting withDeadline(Duration deadline) {
    return new Waiting(deadline, firstDelay, maxDelay, listener);
  }

  /**
   * Returns the same with another first pause.
   *
   * @param firstDelay the first pause, more than nothing
   * @return new settings
   */
  public Waiting withFirstDelay(Duration firstDelay) {
    return new Waiting(deadline, firstDelay, maxDelay, listener);
  }

  /**
   * Returns the same with another longest pause.
   *
   * @param maxDelay the longest pause, more than nothing
   * @return new settings
   */
  public Waiting withMaxDelay(Duration maxDelay) {
    return new Waiting(deadline, firstDelay, maxDelay, listener);
  }

  /**
   * Returns the same with another listener.
   *
   * @param listener is given the task at each change of its status
   * @return new settings
   */
  public Waiting withListener(Consumer<TaskResult> listener) {
    return new Waiting(deadline, firstDelay, maxDelay, listener);
  }

  /**
   * Returns the pause after a number of reads.
   *
   * @param reads how often the service has been asked, 1 or more
   * @param random from 0 to 1
   * @return nanoseconds
   */
  long pause(int reads, double random) {
    double grown = Durations.nanos(firstDelay) * Math.pow(1.25, reads - 1);
    return (long) (Math.min(grown, (double) Durations.nanos(maxDelay)) * (0.8 + 0.4 * random));
  }
}
