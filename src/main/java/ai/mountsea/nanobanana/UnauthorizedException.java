package ai.mountsea.nanobanana;

import org.jspecify.annotations.Nullable;

/** The service refused the API key: 401 or 403. Check the key and what it may be used for. */
public final class UnauthorizedException extends RefusedException {
  private static final long serialVersionUID = 1;

  /**
   * Makes the exception.
   *
   * @param message why, for a person
   * @param taskId the task that was asked about; null if a submit was refused
   * @param response the refusal
   */
  public UnauthorizedException(String message, @Nullable String taskId, ServiceResponse response) {
    super(message, taskId, response);
  }
}
