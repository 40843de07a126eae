package ai.mountsea.nanobanana;

import org.jspecify.annotations.Nullable;

/**
 * The request never reached the service: its host was not found, refused the connection, failed the
 * TLS handshake, or the call ended before any of the request body was sent. No task exists, so it
 * is safe to submit again.
 */
public final class NotSentException extends NanoBananaException {
  private static final long serialVersionUID = 1;

  /**
   * Makes the exception.
   *
   * @param message why, for a person
   * @param cause what kept it from being sent, may be null
   */
  public NotSentException(String message, @Nullable Throwable cause) {
    super(message, null, null, cause);
  }

  @Override
  public boolean mayTaskExist() {
    return false;
  }

  @Override
  boolean isTransient() {
    return true;
  }
}
