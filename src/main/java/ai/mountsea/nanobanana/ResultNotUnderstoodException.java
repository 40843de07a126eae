package ai.mountsea.nanobanana;

import ai.mountsea.nanobanana.api.TaskResult;
import org.jspecify.annotations.Nullable;

/**
 * The service answered with a result that this version of the library doesn't understand: it is no
 * JSON, lacks what every result has, or is of a completed task and has no image URL where one was
 * ever seen. The image may be paid for, so don't submit again: {@link #body()} has everything that
 * was received.
 */
public final class ResultNotUnderstoodException extends NanoBananaException {
  private static final long serialVersionUID = 1;

  private final String body;
  private final @Nullable TaskResult result;

  /**
   * Makes the exception.
   *
   * @param message why, for a person
   * @param taskId the task that was asked about
   * @param body what was received
   * @param result what could be read of it, null if nothing could
   * @param response the response, null if only its body is at hand
   * @param cause what makes it unreadable, may be null
   */
  public ResultNotUnderstoodException(
      String message,
      String taskId,
      String body,
      @Nullable TaskResult result,
      @Nullable ServiceResponse response,
      @Nullable Throwable cause) {
    super(message, taskId, response, cause);
    this.body = body;
    this.result = result;
  }

  /**
   * Returns what the service sent.
   *
   * @return usually JSON, but it can be any text
   */
  public String body() {
    return body;
  }

  /**
   * Returns what could be read of the result, its unknown fields included.
   *
   * @return the result of a completed task; null if the response is no result at all
   */
  public @Nullable TaskResult result() {
    return result;
  }

  @Override
  public @Nullable String traceId() {
    return result == null ? super.traceId() : result.traceId();
  }

  @Override
  public boolean mayTaskExist() {
    return true;
  }
}
