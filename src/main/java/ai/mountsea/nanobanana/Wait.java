package ai.mountsea.nanobanana;

import ai.mountsea.nanobanana.api.TaskResult;
import ai.mountsea.nanobanana.api.TaskStatus;
import java.time.Duration;
import java.util.function.DoubleSupplier;
import org.jspecify.annotations.Nullable;

/** Asks for a task's result until it is final or the deadline passes. */
final class Wait extends PendingCall<TaskResult, TaskResult> {
  private final String taskId;
  private final Waiting waiting;
  private final Timer timer;
  private final DoubleSupplier random;
  private final long start;
  private int reads;
  private volatile @Nullable TaskStatus lastStatus;
  private volatile @Nullable NanoBananaException lastFailure;

  Wait(String taskId, ReadResult operation, Waiting waiting, Timer timer, DoubleSupplier random) {
    super(operation, timer);
    this.taskId = taskId;
    this.waiting = waiting;
    this.timer = timer;
    this.random = random;
    this.start = timer.nanoTime();
  }

  @Override
  void replied(TaskResult result) {
    lastFailure = null;
    if (!result.status().equals(lastStatus)) {
      lastStatus = result.status();
      waiting.listener().accept(result);
    }
    if (isFinal(result.status())) {
      finish(result);
    } else {
      askAgain(null);
    }
  }

  @Override
  void failed(NanoBananaException failure) {
    lastFailure = failure;
    if (failure.isTransient()) {
      askAgain(failure.retryAfter());
    } else {
      completeExceptionally(failure);
    }
  }

  @Override
  void closed() {
    completeExceptionally(notFinished("The client was closed", null));
  }

  /** What waiting ends with when it ends before the task does. */
  TaskNotFinishedException notFinished(String why, @Nullable Throwable cause) {
    return new TaskNotFinishedException(
        why
            + " while task "
            + taskId
            + (lastStatus == null
                ? " had not been read yet"
                : " was " + operation.shown(lastStatus))
            + ". The task goes on: wait on its id again.",
        taskId,
        cause);
  }

  private void finish(TaskResult result) {
    if (!isCompleted(result.status())) {
      completeExceptionally(new TaskFailedException(operation.shown(whyFailed(result)), result));
    } else if (result.imageUrls().isEmpty()) {
      completeExceptionally(
          new TaskFailedException(
              "Task " + taskId + " is completed without an image URL.", result));
    } else {
      complete(result);
    }
  }

  private void askAgain(@Nullable Duration retryAfter) {
    long left = Durations.nanos(waiting.deadline()) - (timer.nanoTime() - start);
    if (left <= 0) {
      completeExceptionally(
          notFinished("The deadline of " + waiting.deadline() + " passed", lastFailure));
      return;
    }
    long pause = waiting.pause(++reads, random.getAsDouble());
    if (retryAfter != null) {
      pause = Math.max(pause, Durations.nanos(retryAfter));
    }
    callAfter(Math.min(pause, left));
  }

  private static boolean isFinal(TaskStatus status) {
    return switch (status.known()) {
      case COMPLETED, SUCCESS, SUCCEEDED, COMPLETE, DONE -> true;
      case FAILED, CANCELLED, TIMEOUT, ERROR, CANCELED -> true;
      case PENDING, READY, ASSIGNED, PROCESSING, QUEUED, RUNNING, UNRECOGNIZED -> false;
    };
  }

  private static boolean isCompleted(TaskStatus status) {
    return switch (status.known()) {
      case COMPLETED, SUCCESS, SUCCEEDED, COMPLETE, DONE -> true;
      default -> false;
    };
  }

  private static String whyFailed(TaskResult result) {
    StringBuilder why = new StringBuilder("Task " + result.taskId() + " is " + result.status());
    if (result.errorMessage() != null) {
      why.append(": ").append(result.errorMessage());
    }
    if (result.errorCode() != null) {
      why.append(" (error code ").append(result.errorCode()).append(')');
    }
    if (result.traceId() != null) {
      why.append(" (trace id ").append(result.traceId()).append(')');
    }
    return why.append('.').toString();
  }
}
