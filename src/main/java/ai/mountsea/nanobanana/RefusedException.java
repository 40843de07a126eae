package ai.mountsea.nanobanana;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The service refused a call with a 4xx status. Error bodies are not documented, so decide by the
 * status; the message is for people. A refused submit created no task.
 */
public sealed class RefusedException extends NanoBananaException
    permits UnauthorizedException, RateLimitedException {
  private static final long serialVersionUID = 1;

  private final ServiceResponse response;

  /**
   * Makes the exception.
   *
   * @param message why, for a person
   * @param taskId the task that was asked about; null if a submit was refused
   * @param response the refusal
   */
  public RefusedException(String message, @Nullable String taskId, ServiceResponse response) {
    super(message, taskId, response, null);
    this.response = Objects.requireNonNull(response, "response");
  }

  @Override
  public final ServiceResponse response() {
    return response;
  }

  /**
   * Returns the HTTP status.
   *
   * @return 400 to 499
   */
  public final int statusCode() {
    return response.statusCode();
  }

  /**
   * Returns the service's own words, from where they have been found in error bodies.
   *
   * @return the message, or null if none was found
   */
  public final @Nullable String serviceMessage() {
    return response.serviceMessage();
  }

  /** False for a refused submit; true when a task was asked about. */
  @Override
  public final boolean mayTaskExist() {
    return taskId() != null;
  }
}
