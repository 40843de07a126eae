package ai.mountsea.nanobanana;

import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * Asynchronous steps, one after the other, as one future. Unlike thenCompose, ending that future
 * ends the step under way.
 *
 * @param <R> what the last step brings
 */
final class Sequence<R> {
  private final CompletableFuture<R> future = new CompletableFuture<>();

  CompletableFuture<R> future() {
    return future;
  }

  void complete(R value) {
    future.complete(value);
  }

  void fail(NanoBananaException failure) {
    future.completeExceptionally(failure);
  }

  /** Makes a step, unless the future is done, and goes on with what it brings. */
  <V> void then(Supplier<CompletableFuture<V>> step, Consumer<V> rest) {
    if (future.isDone()) {
      return;
    }
    CompletableFuture<V> started = step.get();
    CompletableFuture<V> unused =
        started.whenComplete(
            (value, thrown) -> {
              if (thrown != null) {
                future.completeExceptionally(thrown);
                return;
              }
              try {
                rest.accept(value);
              } catch (Throwable e) { // or the future would never be done
                future.completeExceptionally(e);
              }
            });
    CompletableFuture<R> unusedStage =
        future.whenComplete((value, thrown) -> started.cancel(false));
  }
}
