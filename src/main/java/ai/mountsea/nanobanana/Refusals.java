package ai.mountsea.nanobanana;

import java.time.Clock;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Tells the kinds of 4xx responses apart. */
final class Refusals {
  private Refusals() {}

  /**
   * Returns what a refusal means.
   *
   * @param call the method and URL that were called
   * @param consequence what it means for the task, as in "no task was created"
   * @param taskId the task that was asked about; null if a submit was refused
   */
  static RefusedException of(
      ServiceResponse response,
      String call,
      String consequence,
      @Nullable String taskId,
      Clock clock) {
    String what = "(" + call + ": " + response.summary() + ")";
    return switch (response.statusCode()) {
      case 401, 403 ->
          new UnauthorizedException(
              "The service refused the API key, "
                  + consequence
                  + " "
                  + what
                  + ". Check that the key is right and may be used for this.",
              taskId,
              response);
      case 429 -> {
        Duration retryAfter = response.retryAfter(clock);
        yield new RateLimitedException(
            "The service was called too often, "
                + consequence
                + " "
                + what
                + ". Try again "
                + (retryAfter == null ? "later." : "in " + retryAfter.toSeconds() + " s."),
            taskId,
            response,
            retryAfter);
      }
      default ->
          new RefusedException(
              "The service refused the call, " + consequence + " " + what + ".", taskId, response);
    };
  }
}
