package ai.mountsea.nanobanana;

/**
 * The request never reached the service: its host was not found, refused the connection, failed the
 * TLS handshake, or the call ended before the request's body was begun. No task exists; it is safe
 * to submit again. The cause says which it was.
 */
public final class NotSentException extends NanoBananaException {
  private static final long serialVersionUID = 1;

  NotSentException(String message, Throwable cause) {
    super(message, cause);
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
