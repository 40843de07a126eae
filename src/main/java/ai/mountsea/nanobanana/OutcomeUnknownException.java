package ai.mountsea.nanobanana;

/**
 * A request was sent, and it can't be known what became of it: the reply was lost, came too late,
 * was a 5xx or a redirect, or could not be read. A task may exist and may be billed, so look before
 * you submit again.
 */
public final class OutcomeUnknownException extends NanoBananaException {
  private static final long serialVersionUID = 1;

  private final int statusCode;
  private final String body;

  OutcomeUnknownException(String message, Throwable cause) {
    super(message, cause);
    this.statusCode = 0;
    this.body = "";
  }

  OutcomeUnknownException(String message, int statusCode) {
    super(message, null);
    this.statusCode = statusCode;
    this.body = "";
  }

  OutcomeUnknownException(String message, ErrorReply reply) {
    super(message, null);
    this.statusCode = reply.statusCode();
    this.body = reply.body();
  }

  /**
   * Returns the HTTP status, if one could be read.
   *
   * @return the status; 0 when the reply was lost or could not be read
   */
  public int statusCode() {
    return statusCode;
  }

  /**
   * Returns the body of the reply as text, which may help to find the task.
   *
   * @return the body, cut at 1 MiB; empty when there was none, the reply was lost or could not be
   *     read
   */
  public String body() {
    return body;
  }

  @Override
  public boolean mayTaskExist() {
    return true;
  }
}
