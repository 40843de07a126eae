package ai.mountsea.nanobanana;

/** Tries an operation again where that is safe, as the {@link RetryPolicy} says. */
final class Retried<R> extends Pending<R> {
  private final RetryPolicy policy;
  private final Engine engine;
  private final long start;
  private int attempts;

  Retried(Operation<R> operation, RetryPolicy policy, Engine engine) {
    super(operation, engine);
    this.policy = policy;
    this.engine = engine;
    this.start = engine.timer().nanoTime();
  }

  @Override
  long pauseAfter(R value) {
    return NO_PAUSE;
  }

  @Override
  long pauseAfter(NanoBananaException failure) {
    long elapsed = engine.timer().nanoTime() - start;
    return policy.pause(failure, ++attempts, elapsed, engine.random());
  }
}
