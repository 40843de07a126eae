package ai.mountsea.nanobanana;

import ai.mountsea.nanobanana.api.TaskResult;
import ai.mountsea.nanobanana.api.TaskStatus;
import java.time.Duration;
import java.util.Locale;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** Reads a task's result until it is final or the timeout passes. */
final class Wait extends Pending<TaskResult> {
  private final ReadResult operation;
  private final WaitOptions options;
  private final Engine engine;
  private final long start;
  private volatile @Nullable TaskResult lastResult;
  private volatile @Nullable NanoBananaException lastFailure;

  Wait(ReadResult operation, WaitOptions options, Engine engine) {
    super(operation, engine);
    this.operation = operation;
    this.options = options;
    this.engine = engine;
    this.start = engine.timer().nanoTime();
  }

  /** Starts it with its timeout. */
  CompletableFuture<TaskResult> startTimed() {
    CompletableFuture<TaskResult> future = start();
    Duration timeout = options.timeout();
    try {
      Future<?> deadline =
          engine
              .timer()
              .deadline(
                  () -> end("The timeout of " + timeout + " passed", new TimeoutException()),
                  Durations.nanos(timeout));
      CompletableFuture<TaskResult> unused =
          future.whenComplete((result, thrown) -> deadline.cancel(false));
    } catch (RuntimeException | Error e) { // closed, or no thread can be had
      end("The timer failed", e);
    }
    return future;
  }

  @Override
  int ownDependents() {
    return super.ownDependents() + 1; // the end of the deadline
  }

  @Override
  boolean hasListener() {
    return options.statusListener() != WaitOptions.DEFAULT.statusListener();
  }

  @Override
  long pauseAfter(TaskResult result) {
    TaskResult before = lastResult;
    lastResult = result;
    lastFailure = null;
    if (before == null || !before.status().equals(result.status())) {
      notifyListener(result);
    }
    return switch (stage(result)) {
      case SUCCEEDED -> {
        requireImage(result);
        yield NO_PAUSE;
      }
      case FAILED -> throw new TaskFailedException(whyFailed(result), result);
      case RUNNING -> pause(null);
    };
  }

  @Override
  long pauseAfter(NanoBananaException failure) {
    lastFailure = failure;
    return failure.isTransient() ? pause(failure.retryAfter()) : NO_PAUSE;
  }

  @Override
  TaskResult endedInFlight(Attempt<TaskResult> inFlight, String why, Throwable cause) {
    throw notFinished(why, cause);
  }

  @Override
  NanoBananaException endedBetween(
      @Nullable NanoBananaException lastFailure, String why, Throwable cause) {
    return notFinished(why, cause);
  }

  private long pause(@Nullable Duration retryAfter) {
    long pause = options.pause(engine.timer().nanoTime() - start, engine.random());
    return retryAfter == null ? pause : Math.max(pause, Durations.nanos(retryAfter));
  }

  private void notifyListener(TaskResult result) {
    try {
      options.statusListener().accept(result);
    } catch (Throwable thrown) { // Kotlin's lambdas can throw checked exceptions.
      throw notFinished("The status listener threw " + thrown, thrown);
    }
  }

  private TaskNotFinishedException notFinished(String why, Throwable cause) {
    TaskResult result = lastResult;
    NanoBananaException failure = lastFailure;
    String state =
        result == null
            ? failure == null ? "its result was not read yet" : "its result could not be read"
            : lastStatus(result);
    String reason = failure == null ? "" : " (" + reason(failure) + ")";
    return new TaskNotFinishedException(
        operation
            .apiKey()
            .redact(
                why
                    + " while task "
                    + operation.taskId()
                    + " was awaited; "
                    + state
                    + reason
                    + ". The task may still be running; call await again with this id."),
        operation.taskId(),
        result,
        failure == null ? operation.apiKey().redact(cause) : failure);
  }

  private static String lastStatus(TaskResult result) {
    String status = "its last known status is " + result.status();
    if (known(result.status()) == TaskStatus.Known.UNRECOGNIZED) {
      status += ", which this version doesn't know";
    }
    return result.imageUrls().isEmpty()
        ? status
        : status + ", and its result has image URLs, which lastResult() returns";
  }

  private static String reason(NanoBananaException failure) {
    ServiceResponse response = failure.response();
    return response == null ? String.valueOf(failure.getCause()) : response.summary();
  }

  private enum Stage {
    RUNNING,
    SUCCEEDED,
    FAILED
  }

  /** How far a task has come. A new status in the spec doesn't compile until it is decided here. */
  private static Stage stage(TaskResult result) {
    return switch (known(result.status())) {
      case COMPLETED, SUCCESS, SUCCEEDED, COMPLETE, DONE -> Stage.SUCCEEDED;
      case FAILED, ERROR, CANCELLED, CANCELED, TIMEOUT -> Stage.FAILED;
      case PENDING, READY, ASSIGNED, PROCESSING, QUEUED, RUNNING -> Stage.RUNNING;
      case UNRECOGNIZED ->
          !isFinished(result)
              ? Stage.RUNNING
              : result.imageUrls().isEmpty() ? Stage.FAILED : Stage.SUCCEEDED;
    };
  }

  /** The status, whatever its case. */
  private static TaskStatus.Known known(TaskStatus status) {
    return new TaskStatus(status.value().toLowerCase(Locale.ROOT)).known();
  }

  /** Whether it says when it finished, in whichever form. */
  private static boolean isFinished(TaskResult result) {
    return result.finishedAt() != null
        || result.additionalProperties().get(TaskResult.JSON_PROPERTY_FINISHED_AT) != null;
  }

  private void requireImage(TaskResult result) {
    if (!result.imageUrls().isEmpty()) {
      return;
    }
    throw new ResultNotUnderstoodException(
        operation
            .apiKey()
            .redact(
                "Task "
                    + operation.taskId()
                    + " is "
                    + result.status()
                    + ", but its result has no image URL that this version understands: "
                    + whatCame(result)
                    + ". The image may be paid for; body() has all that was received."),
        operation.taskId(),
        operation.body(),
        result,
        operation.response(),
        null);
  }

  private static String whatCame(TaskResult result) {
    String field = TaskResult.JSON_PROPERTY_RESULT;
    if (result.result() == null) {
      Object other = result.additionalProperties().get(field);
      return field + (other == null ? " is null or absent" : " is " + other);
    }
    return result.result().additionalProperties().isEmpty()
        ? field + " is empty"
        : field + " has " + new TreeSet<>(result.result().additionalProperties().keySet());
  }

  private String whyFailed(TaskResult result) {
    StringBuilder why = new StringBuilder("Task " + operation.taskId() + " did not succeed");
    why.append("; its status is ").append(result.status());
    if (result.errorMessage() != null) {
      why.append(": ").append(result.errorMessage());
    }
    if (result.errorCode() != null) {
      why.append(" (error code ").append(result.errorCode()).append(')');
    }
    if (result.traceId() != null) {
      why.append(" (trace id ").append(result.traceId()).append(')');
    }
    why.append('.');
    if (!result.imageUrls().isEmpty()) {
      why.append(" Its result has image URLs all the same, which result() returns.");
    }
    return operation.apiKey().redact(why.toString());
  }
}
