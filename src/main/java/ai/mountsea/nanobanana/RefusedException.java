package ai.mountsea.nanobanana;

import okhttp3.Headers;
import org.jspecify.annotations.Nullable;

/**
 * The service refused the call with a 4xx status. No error body is documented [page], so decide by
 * the status; the message is for people. A refused submit made no task.
 */
public sealed class RefusedException extends NanoBananaException
    permits UnauthorizedException, RateLimitedException {
  private static final long serialVersionUID = 1;

  private final boolean mayTaskExist;
  private final int statusCode;
  private final transient Headers headers;
  private final String body;
  private final @Nullable String serviceMessage;

  RefusedException(String message, boolean mayTaskExist, ErrorReply reply) {
    super(message, null);
    this.mayTaskExist = mayTaskExist;
    this.statusCode = reply.statusCode();
    this.headers = reply.headers();
    this.body = reply.body();
    this.serviceMessage = reply.message();
  }

  /**
   * Tells the kinds of refusal apart.
   *
   * @param consequence what it means for the task, as in "no task was created"
   */
  static RefusedException of(ErrorReply reply, String consequence, boolean mayTaskExist) {
    return switch (reply.statusCode()) {
      case 401, 403 ->
          new UnauthorizedException(
              "The service refused the API key, "
                  + consequence
                  + " ("
                  + reply.summary()
                  + "). Check that the key is right and may be used for this.",
              mayTaskExist,
              reply);
      case 429 ->
          new RateLimitedException(
              "The service was called too often, "
                  + consequence
                  + " ("
                  + reply.summary()
                  + "). Try again "
                  + (reply.retryAfter() == null
                      ? "later."
                      : "in " + reply.retryAfter().toSeconds() + " s."),
              mayTaskExist,
              reply);
      default ->
          new RefusedException(
              "The service refused the call, " + consequence + " (" + reply.summary() + ").",
              mayTaskExist,
              reply);
    };
  }

  /**
   * Returns the HTTP status.
   *
   * @return 400 to 499
   */
  public final int statusCode() {
    return statusCode;
  }

  /**
   * Returns the headers of the reply.
   *
   * @return the headers, as they came
   */
  public final Headers headers() {
    return headers;
  }

  /**
   * Returns the body of the reply as text.
   *
   * @return the body, empty if there was none, cut at 1 MiB
   */
  public final String body() {
    return body;
  }

  /**
   * Returns the service's own words, looked for in the places where clients have found them. [seen]
   *
   * @return the message, or null when none was found
   */
  public final @Nullable String serviceMessage() {
    return serviceMessage;
  }

  /** False for a refused submit; true when a task's result was asked for. */
  @Override
  public final boolean mayTaskExist() {
    return mayTaskExist;
  }
}
