package ai.mountsea.nanobanana;

/** The service refused the API key: 401 or 403. Check the key and what it may do. */
public final class UnauthorizedException extends RefusedException {
  private static final long serialVersionUID = 1;

  UnauthorizedException(String message, boolean mayTaskExist, ErrorReply reply) {
    super(message, mayTaskExist, reply);
  }
}
