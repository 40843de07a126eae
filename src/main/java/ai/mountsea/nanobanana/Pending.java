package ai.mountsea.nanobanana;

import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * A submit, a read, a wait or a download that is under way: one attempt after another, with pauses
 * between them, until its outcome is known. It runs on the caller's thread ({@link #run}) or on the
 * client's ({@link #start}). All states and transitions are in this file.
 *
 * @param <R> what the caller gets
 */
abstract class Pending<R> {
  /** Instead of a pause: the outcome is known. */
  static final long NO_PAUSE = -1;

  private enum State {
    /** The next attempt may begin. */
    DUE,
    /** An attempt is being made, or its outcome judged. */
    IN_FLIGHT,
    /** The timer will make it due. */
    PAUSED,
    /** The outcome is known. */
    DONE
  }

  private final Operation<R> operation;
  private final Engine engine;
  private State state = State.DUE;
  private @Nullable Attempt<R> attempt; // while IN_FLIGHT
  private @Nullable Future<?> pause; // while PAUSED
  private @Nullable NanoBananaException lastFailure;
  private @Nullable R value; // when DONE, this or the next
  private @Nullable NanoBananaException failure;
  private @Nullable Thread caller; // of run
  private @Nullable CompletableFuture<R> future; // of start

  Pending(Operation<R> operation, Engine engine) {
    this.operation = operation;
    this.engine = engine;
  }

  /**
   * Judges what an attempt brought.
   *
   * @return how many nanoseconds to pause before the next attempt, or {@link #NO_PAUSE} if the
   *     value is the outcome
   * @throws NanoBananaException if that is the outcome
   */
  abstract long pauseAfter(R value);

  /**
   * Judges why an attempt failed.
   *
   * @return how many nanoseconds to pause before the next attempt, or {@link #NO_PAUSE} if the
   *     failure is the outcome
   */
  abstract long pauseAfter(NanoBananaException failure);

  /** Returns or throws the outcome when it is ended while an attempt is being made. */
  R endedInFlight(Attempt<R> inFlight, String why, Throwable cause) {
    return inFlight.settle(why, cause);
  }

  /** Returns the outcome when it is ended before the first attempt or during a pause. */
  NanoBananaException endedBetween(
      @Nullable NanoBananaException lastFailure, String why, Throwable cause) {
    return lastFailure != null ? lastFailure : operation.notAttempted(why, cause);
  }

  /** Makes the attempts on the caller's thread. */
  final R run() {
    caller = Thread.currentThread();
    engine.add(this);
    while (!isDone()) {
      Made<R> made = attempt();
      if (made != null) {
        judge(made);
      }
      sleepUntilDue();
    }
    engine.remove(this);
    return outcome();
  }

  /** Makes the attempts on the client's threads. */
  final CompletableFuture<R> start() {
    CompletableFuture<R> started = new CompletableFuture<>();
    future = started;
    engine.add(this);
    engine.calls().execute(new NextAttempt());
    // The caller may complete the future, too: by cancel, orTimeout or complete.
    CompletableFuture<R> unused = started.whenComplete((result, thrown) -> abandon());
    return started;
  }

  /** Returns or throws the outcome. */
  final synchronized R outcome() {
    if (failure == null) {
      return Objects.requireNonNull(value);
    }
    if (caller == null) {
      failure.fillInStackTrace(); // The caller's stack says more than that of the client's thread.
    }
    throw failure;
  }

  /** Ends it from outside, unless its outcome is known. */
  final void end(String why, Throwable cause) {
    Attempt<R> inFlight;
    synchronized (this) {
      if (state == State.DONE) {
        return;
      }
      inFlight = attempt;
      try {
        if (inFlight == null) {
          fail(endedBetween(lastFailure, why, cause));
        } else {
          succeed(endedInFlight(inFlight, why, cause));
        }
      } catch (NanoBananaException e) {
        fail(e);
      } catch (Throwable e) {
        fail(operation.broken(e));
      }
    }
    if (inFlight != null) {
      inFlight.cancel();
    }
    engine.completions().execute(new Completion());
  }

  /** Ends it without an outcome: the caller has completed the future. */
  private void abandon() {
    Attempt<R> inFlight;
    synchronized (this) {
      if (state == State.DONE) {
        return;
      }
      inFlight = attempt;
      done();
    }
    if (inFlight != null) {
      inFlight.cancel();
    }
    engine.remove(this);
  }

  /** An attempt that was made, and what it brought or threw. */
  private record Made<R>(
      Attempt<R> attempt, @Nullable R brought, @Nullable NanoBananaException thrown) {}

  /** Makes an attempt, if one is due. */
  private @Nullable Made<R> attempt() {
    Attempt<R> current;
    synchronized (this) {
      if (state != State.DUE) {
        return null;
      }
      try {
        current = operation.newAttempt();
      } catch (Throwable e) { // such as a request that can't be written as JSON
        fail(endedBetween(lastFailure, e.toString(), e));
        return null;
      }
      attempt = current;
      state = State.IN_FLIGHT;
    }
    try {
      return new Made<>(current, make(current), null);
    } catch (NanoBananaException e) {
      return new Made<>(current, null, e);
    } catch (Throwable e) {
      return new Made<>(current, null, operation.broken(e));
    }
  }

  private R make(Attempt<R> current) {
    try {
      return current.run();
    } catch (NanoBananaException e) {
      throw e;
    } catch (Throwable e) { // whatever interceptors and listeners of the user's may throw
      return current.settle(e.toString(), e);
    }
  }

  private void judge(Made<R> made) {
    NanoBananaException reason = made.thrown();
    long nanos;
    try {
      nanos =
          reason == null ? pauseAfter(Objects.requireNonNull(made.brought())) : pauseAfter(reason);
    } catch (NanoBananaException e) {
      reason = e;
      nanos = NO_PAUSE;
    } catch (Throwable e) {
      reason = operation.broken(e);
      nanos = NO_PAUSE;
    }
    synchronized (this) {
      if (attempt != made.attempt()) {
        return; // It was ended meanwhile.
      }
      if (nanos != NO_PAUSE) {
        lastFailure = reason;
        pause(nanos);
      } else if (reason == null) {
        succeed(Objects.requireNonNull(made.brought()));
      } else {
        fail(reason);
      }
    }
  }

  private void pause(long nanos) {
    attempt = null;
    state = State.PAUSED;
    try {
      pause = engine.timer().pause(this::resume, nanos);
    } catch (RuntimeException | Error e) { // such as when no thread can be had
      fail(endedBetween(lastFailure, e.toString(), e));
    }
  }

  private void resume() {
    synchronized (this) {
      if (state != State.PAUSED) {
        return;
      }
      pause = null;
      state = State.DUE;
    }
    if (caller == null) {
      engine.calls().execute(new NextAttempt());
    } else {
      LockSupport.unpark(caller);
    }
  }

  /** Sleeps until the next attempt is due. An interrupt ends everything instead. */
  private void sleepUntilDue() {
    boolean isInterrupted = false;
    while (!isDone()) {
      if (Thread.interrupted()) {
        isInterrupted = true;
        end("The thread was interrupted", new InterruptedException());
      } else if (isPaused()) {
        LockSupport.park(this);
      } else {
        break;
      }
    }
    if (isInterrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private synchronized boolean isPaused() {
    return state == State.PAUSED;
  }

  private synchronized boolean isDone() {
    return state == State.DONE;
  }

  private void succeed(R value) {
    this.value = value;
    done();
  }

  private void fail(NanoBananaException failure) {
    this.failure = failure;
    done();
  }

  private void done() {
    state = State.DONE;
    attempt = null;
    if (pause != null) {
      pause.cancel(false);
      pause = null;
    }
  }

  /** Whether judging what an attempt brought runs code of the caller's. */
  boolean hasListener() {
    return false;
  }

  /** Whether code of the caller's runs, or a thread of the caller's goes on, when it completes. */
  private boolean isAwaited() {
    return future != null && future.getNumberOfDependents() > ownDependents();
  }

  /** How many stages of the library's own depend on the future. */
  int ownDependents() {
    return 1; // abandon
  }

  /** Tells the caller, if the outcome is known. */
  private void complete() {
    R result;
    NanoBananaException reason;
    synchronized (this) {
      if (state != State.DONE) {
        return;
      }
      result = value;
      reason = failure;
    }
    engine.remove(this);
    if (caller != null) {
      LockSupport.unpark(caller);
    } else if (future != null && reason != null) {
      future.completeExceptionally(reason);
    } else if (future != null && result != null) {
      future.complete(result);
    }
  }

  private final class NextAttempt implements CallThreads.Job {
    @Override
    public @Nullable Runnable make() {
      Made<R> made = attempt();
      if (made != null && hasListener()) {
        return () -> {
          judge(made);
          complete();
        };
      }
      if (made != null) {
        judge(made);
      }
      if (isAwaited()) {
        return Pending.this::complete;
      }
      complete();
      return null;
    }

    @Override
    public void rejected(String why, Throwable cause) {
      end(why, cause);
    }
  }

  private final class Completion implements CallThreads.Job {
    @Override
    public Runnable make() {
      return Pending.this::complete;
    }

    @Override
    public void rejected(String why, Throwable cause) {
      complete();
    }
  }
}
