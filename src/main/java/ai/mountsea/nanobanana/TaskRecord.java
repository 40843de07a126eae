package ai.mountsea.nanobanana;

import ai.mountsea.nanobanana.api.GenerateImageRequest;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What a {@link TaskStore} knows of a key.
 *
 * @param state how far it has come
 * @param request what is submitted under the key
 * @param taskId the id of the task; null unless the state is SUBMITTED, DONE or FAILED
 * @param at since when, in milliseconds, by the clock of the machine that wrote it; nothing is
 *     decided by it
 * @param detail why, or where the image is, for a person; may be null
 */
public record TaskRecord(
    State state,
    GenerateImageRequest request,
    @Nullable String taskId,
    Instant at,
    @Nullable String detail) {

  /** How far a key has come. */
  public enum State {
    /** A submit is in flight, or was when its process ended: a task may exist. */
    SUBMITTING,
    /** A submit ended, but whether it created a task is unknown: a person has to find out. */
    UNKNOWN,
    /** No task exists, so the request may be submitted. The detail says why. */
    NOT_SUBMITTED,
    /** A task exists. */
    SUBMITTED,
    /** The task is completed. The detail may say where its image is. */
    DONE,
    /** The task ended without an image. The detail says why. */
    FAILED;

    private boolean hasTask() {
      return this == SUBMITTED || this == DONE || this == FAILED;
    }
  }

  /**
   * Makes a record.
   *
   * @param state how far it has come
   * @param request what is submitted under the key
   * @param taskId the id of the task; null unless the state is SUBMITTED, DONE or FAILED
   * @param at since when; it is cut to milliseconds
   * @param detail why, or where the image is, for a person; may be null
   * @throws IllegalArgumentException if the state needs a task id and there is none, or the reverse
   */
  public TaskRecord {
    Objects.requireNonNull(state, "state");
    Objects.requireNonNull(request, "request");
    at = at.truncatedTo(ChronoUnit.MILLIS);
    if (state.hasTask() && (taskId == null || taskId.isBlank())) {
      throw new IllegalArgumentException(state + " needs a taskId");
    }
    if (!state.hasTask() && taskId != null) {
      throw new IllegalArgumentException(
          state + " has no taskId; the state of a key with a task is SUBMITTED");
    }
  }

  /**
   * Returns the record that follows this one, as of now.
   *
   * @param state the new state
   * @param taskId the id of the task; null if the new state has none
   * @param detail why, or where the image is; may be null
   * @return a record of the same request
   */
  public TaskRecord to(State state, @Nullable String taskId, @Nullable String detail) {
    return new TaskRecord(state, request, taskId, Instant.now(), detail);
  }
}
