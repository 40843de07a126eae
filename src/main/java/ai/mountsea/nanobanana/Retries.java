package ai.mountsea.nanobanana;

import java.util.function.DoubleSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Tries again what is safe to try again, on the caller's thread or as a {@link PendingCall}. */
final class Retries {
  private final RetryPolicy policy;
  private final Timer timer;
  private final DoubleSupplier random;

  Retries(RetryPolicy policy, Timer timer, DoubleSupplier random) {
    this.policy = policy;
    this.timer = timer;
    this.random = random;
  }

  /** Runs an attempt until one succeeds, or returns no more; the last failure is thrown. */
  <R> R run(Supplier<R> attempt) {
    long start = timer.nanoTime();
    for (int attempts = 1; ; attempts++) {
      try {
        return attempt.get();
      } catch (NanoBananaException failure) {
        long pause = pause(failure, attempts, start);
        if (pause < 0) {
          throw failure;
        }
        try {
          timer.sleep(pause);
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
          throw failure;
        }
      }
    }
  }

  /** Starts an operation and returns at once. */
  <T, R> PendingCall<T, R> start(Operation<T, R> operation) {
    PendingCall<T, R> pending =
        new PendingCall<>(operation, timer) {
          private final long start = timer.nanoTime();
          private int attempts;
          private volatile @Nullable NanoBananaException lastFailure;

          @Override
          void replied(R reply) {
            complete(reply);
          }

          @Override
          void failed(NanoBananaException failure) {
            lastFailure = failure;
            long pause = pause(failure, ++attempts, start);
            if (pause < 0) {
              completeExceptionally(failure);
            } else {
              callAfter(pause);
            }
          }

          @Override
          void closed() {
            if (lastFailure != null) {
              completeExceptionally(lastFailure);
            }
          }
        };
    pending.callNow();
    return pending;
  }

  private long pause(NanoBananaException failure, int attempts, long start) {
    return policy.pause(failure, attempts, timer.nanoTime() - start, random.getAsDouble());
  }
}
