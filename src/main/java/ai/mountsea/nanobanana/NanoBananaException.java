package ai.mountsea.nanobanana;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * A call failed. Each subclass is a different thing to do, and each answers the one question that
 * decides whether to submit again: may a task exist, and be billed?
 *
 * <pre>{@code
 * try {
 *   result = nanoBanana.generate(request);
 * } catch (NanoBananaException e) {
 *   if (!e.mayTaskExist()) {
 *     retryLater(request);
 *   } else if (e.taskId() != null) {
 *     awaitLater(e.taskId());
 *   }
 * }
 * }</pre>
 *
 * <p>No message and no cause contains the API key. The constructors are public so that you can make
 * each exception in your own tests.
 */
public abstract sealed class NanoBananaException extends RuntimeException
    permits InvalidRequestException,
        NotSentException,
        RefusedException,
        OutcomeUnknownException,
        ResultUnavailableException,
        ResultNotUnderstoodException,
        TaskFailedException,
        TaskNotFinishedException,
        ImageDownloadException {
  private static final long serialVersionUID = 1;

  private final @Nullable String taskId;
  private final @Nullable ServiceResponse response;

  NanoBananaException(
      String message,
      @Nullable String taskId,
      @Nullable ServiceResponse response,
      @Nullable Throwable cause) {
    super(message, cause);
    this.taskId = taskId;
    this.response = response;
  }

  /**
   * Returns whether a task may exist for the request. Only when this is false is it safe to submit
   * the same request again.
   *
   * @return false if the service certainly created no task, true if it did or may have
   */
  public abstract boolean mayTaskExist();

  /**
   * Returns the id of the task, to call {@code await} or {@code result} with.
   *
   * @return the id; null if no task exists or its id was never received
   */
  public @Nullable String taskId() {
    return taskId;
  }

  /**
   * Returns the response that this failure is about.
   *
   * @return the response, null if none was received
   */
  public @Nullable ServiceResponse response() {
    return response;
  }

  /**
   * Returns what to give the service's support when you ask about this failure.
   *
   * @return the trace id, null if the service sent none
   */
  public @Nullable String traceId() {
    return response == null ? null : response.traceId();
  }

  /** Whether the same call may succeed later without anything being changed, at no risk. */
  boolean isTransient() {
    return false;
  }

  /** The Retry-After delay; null if the service sent none. */
  @Nullable Duration retryAfter() {
    return null;
  }
}
