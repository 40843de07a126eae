package ai.mountsea.nanobanana;

import ai.mountsea.nanobanana.TaskRecord.State;
import ai.mountsea.nanobanana.api.GenerateImageRequest;
import ai.mountsea.nanobanana.api.TaskResult;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Submits a request unless the store knows its key, and records what became of it. A store may
 * throw anything.
 */
record Once(NanoBanana nanoBanana, String key, TaskStore store) {
  private static final int MOST_CLAIMS = 100;

  Once {
    Objects.requireNonNull(store, "store");
    if (key.isBlank() || !StandardCharsets.UTF_8.newEncoder().canEncode(key)) {
      throw new IllegalArgumentException(
          "The key is blank or has half of a character; nothing was sent");
    }
  }

  TaskResult generate(GenerateImageRequest request, WaitOptions options) {
    String taskId = submit(request);
    try {
      NanoBanana.notifyOfTaskId(taskId, options);
      TaskResult result = nanoBanana.await(taskId, options);
      recordEnd(taskId, State.DONE, null);
      return result;
    } catch (TaskFailedException e) {
      recordEnd(taskId, State.FAILED, e.getMessage());
      throw e;
    }
  }

  String submit(GenerateImageRequest request) {
    TaskRecord submitting;
    TaskRecord known;
    int claims = 0;
    do {
      if (claims++ == MOST_CLAIMS) {
        throw notSent(new IllegalStateException("it finds another record than it replaces"));
      }
      known = known();
      String taskId = known == null ? null : taskIdOf(known, request);
      if (taskId != null) {
        return taskId;
      }
      submitting = new TaskRecord(State.SUBMITTING, request, null, Instant.now(), null);
    } while (!claim(known, submitting));
    String taskId;
    try {
      taskId = nanoBanana.submit(request);
    } catch (NanoBananaException e) {
      State state = e.mayTaskExist() ? State.UNKNOWN : State.NOT_SUBMITTED;
      try {
        store.replace(key, submitting, submitting.to(state, null, e.getMessage()));
      } catch (Throwable notRecorded) { // Then it stays SUBMITTING, which is never resubmitted.
        e.addSuppressed(notRecorded);
      }
      throw e;
    }
    recordTask(taskId, submitting);
    return taskId;
  }

  private @Nullable TaskRecord known() {
    try {
      return store.find(key);
    } catch (Throwable e) {
      throw notSent(e);
    }
  }

  private boolean claim(@Nullable TaskRecord known, TaskRecord submitting) {
    try {
      return store.replace(key, known, submitting);
    } catch (Throwable e) {
      throw notSent(e);
    }
  }

  private NotSentException notSent(Throwable e) {
    return new NotSentException(
        "The request was not sent: the task store failed for key \""
            + key
            + "\": "
            + e.getMessage(),
        e);
  }

  /** The task of a key; null if there certainly is none. */
  private @Nullable String taskIdOf(TaskRecord known, GenerateImageRequest request) {
    if (!known.request().equals(request)) {
      throw new IllegalArgumentException(
          "The key \""
              + key
              + "\" was used for another request: "
              + known.request().toJson()
              + ". Nothing was sent; use a new key for each image.");
    }
    return switch (known.state()) {
      case SUBMITTED, DONE, FAILED -> known.taskId();
      case NOT_SUBMITTED -> null;
      case SUBMITTING, UNKNOWN ->
          throw new OutcomeUnknownException(
              "The key \""
                  + key
                  + "\" is "
                  + known.state()
                  + " since "
                  + known.at()
                  + ", so a task may exist"
                  + (known.detail() == null ? "" : " (" + known.detail() + ")")
                  + ". Nothing was sent now. When the process that submitted it has ended, look for"
                  + " the task and record in the task store either SUBMITTED with its id or"
                  + " NOT_SUBMITTED.",
              null,
              known.at(),
              null,
              null);
    };
  }

  private void recordTask(String taskId, TaskRecord submitting) {
    Throwable cause = null;
    try {
      if (store.replace(key, submitting, submitting.to(State.SUBMITTED, taskId, null))) {
        return;
      }
      TaskRecord other = store.find(key);
      if (other != null && taskId.equals(other.taskId())) {
        return; // A person was quicker.
      }
    } catch (Throwable e) {
      cause = e;
    }
    throw new TaskNotFinishedException(
        "Task "
            + taskId
            + " was created for key \""
            + key
            + "\", but the task store "
            + (cause == null
                ? "has another record of this key by now"
                : "can't be written: " + cause.getMessage())
            + ". Keep the task id: record it in the store by hand, or call await with it.",
        taskId,
        null,
        cause);
  }

  /**
   * A failure here changes nothing: the store has the task id, and the result can be read again.
   */
  private void recordEnd(String taskId, State state, @Nullable String detail) {
    try {
      TaskRecord known = store.find(key);
      if (known != null && known.state() == State.SUBMITTED && taskId.equals(known.taskId())) {
        store.replace(key, known, known.to(state, taskId, detail));
      }
    } catch (Throwable e) { // The next submit will report it.
    }
  }
}
