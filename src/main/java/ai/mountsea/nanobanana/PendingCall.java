package ai.mountsea.nanobanana;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;
import retrofit2.Call;
import retrofit2.Callback;
import retrofit2.Response;

/**
 * A future whose value takes one call or several, with pauses between them. It holds no thread, and
 * cancelling it ends the call in flight or the pause.
 *
 * @param <T> the body of a success
 * @param <R> the value
 */
abstract class PendingCall<T, R> extends CompletableFuture<R> implements Callback<T> {
  final Operation<T, R> operation;
  private final Timer timer;
  private volatile @Nullable Call<T> call;
  private volatile @Nullable Future<?> pause;
  private volatile boolean closing;

  PendingCall(Operation<T, R> operation, Timer timer) {
    this.operation = operation;
    this.timer = timer;
  }

  /** A call succeeded: complete, or call again. */
  abstract void replied(R reply);

  /** A call failed: complete, or call again. */
  abstract void failed(NanoBananaException failure);

  /** The client was closed: complete, unless a call in flight will when it fails. */
  abstract void closed();

  final void callNow() {
    if (isDone()) {
      return;
    }
    Call<T> next = operation.newCall();
    call = next;
    next.enqueue(this);
    stopIfDone();
  }

  final void callAfter(long nanos) {
    if (closing) {
      closed(); // The timer may take the task still, and then drop it.
      return;
    }
    try {
      pause = timer.schedule(this::callNow, nanos);
    } catch (RejectedExecutionException e) {
      closed();
    }
    stopIfDone();
  }

  final void close() {
    closing = true;
    closed();
    stop();
  }

  @Override
  public final void onResponse(Call<T> call, Response<T> response) {
    R reply;
    try {
      reply = operation.read(response);
    } catch (NanoBananaException failure) {
      handOn(() -> failed(failure));
      return;
    }
    handOn(() -> replied(reply));
  }

  @Override
  public final void onFailure(Call<T> call, Throwable failure) {
    if (!isDone()) {
      handOn(() -> failed(operation.failed(call, failure)));
    }
  }

  @Override
  public final boolean cancel(boolean mayInterruptIfRunning) {
    boolean cancelled = super.cancel(mayInterruptIfRunning);
    stopIfDone();
    return cancelled;
  }

  /** OkHttp would swallow what is thrown here, and the future would never end. */
  private void handOn(Runnable outcome) {
    try {
      outcome.run();
    } catch (RuntimeException | Error unexpected) {
      completeExceptionally(unexpected);
    }
  }

  private void stopIfDone() {
    if (isDone()) {
      stop();
    }
  }

  private void stop() {
    Call<T> inFlight = call;
    if (inFlight != null) {
      inFlight.cancel();
    }
    Future<?> pausing = pause;
    if (pausing != null) {
      pausing.cancel(false);
    }
  }
}
