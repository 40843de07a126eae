package ai.mountsea.nanobanana.sandbox;

import ai.mountsea.nanobanana.api.TaskStatus;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What becomes of one submit, when it shall be something else than usual. Hand it to {@link
 * Sandbox#next}.
 *
 * <pre>{@code
 * sandbox.next(Script.tooManyRequests(Duration.ZERO), Script.failsWith("No cats today"));
 * }</pre>
 */
public final class Script {
  static final Script USUAL = completesAfter(2);

  private final Reply reply;
  private final int readsBefore;
  private final TaskStatus finalStatus;
  private final @Nullable String errorMessage;
  private final Duration retryAfter;

  private Script(
      Reply reply,
      int readsBefore,
      TaskStatus finalStatus,
      @Nullable String errorMessage,
      Duration retryAfter) {
    this.reply = reply;
    this.readsBefore = readsBefore;
    this.finalStatus = finalStatus;
    this.errorMessage = errorMessage;
    this.retryAfter = retryAfter;
  }

  /**
   * The task is slow, or not slow at all.
   *
   * @param reads how many reads find it pending or processing: 0 for a task that is completed at
   *     once, many for one that outlasts every deadline; 2 is usual
   * @return the script
   */
  public static Script completesAfter(int reads) {
    return new Script(Reply.TASK_ID, reads, TaskStatus.COMPLETED, null, Duration.ZERO);
  }

  /**
   * The task fails, after two reads.
   *
   * @param errorMessage why
   * @return the script
   */
  public static Script failsWith(String errorMessage) {
    return new Script(Reply.TASK_ID, 2, TaskStatus.FAILED, errorMessage, Duration.ZERO);
  }

  /**
   * The task has a status from its first read on, and no other.
   *
   * @param status any text, one that nobody knows included
   * @return the script
   */
  public static Script staysAt(String status) {
    return new Script(Reply.TASK_ID, 0, new TaskStatus(status), null, Duration.ZERO);
  }

  /**
   * The task is made, but the connection ends without a reply.
   *
   * @return the script
   */
  public static Script losesReply() {
    return new Script(Reply.NONE, 2, TaskStatus.COMPLETED, null, Duration.ZERO);
  }

  /**
   * The submit is refused with status 429, and no task is made.
   *
   * @param retryAfter what the header {@code Retry-After} says, in whole seconds
   * @return the script
   */
  public static Script tooManyRequests(Duration retryAfter) {
    return new Script(Reply.TOO_MANY_REQUESTS, 0, TaskStatus.FAILED, null, retryAfter);
  }

  /** The task has failed before its first read. */
  static Script hasFailedWith(String errorMessage) {
    return new Script(Reply.TASK_ID, 0, TaskStatus.FAILED, errorMessage, Duration.ZERO);
  }

  Reply reply() {
    return reply;
  }

  TaskStatus status(int reads) {
    if (reads >= readsBefore) {
      return finalStatus;
    }
    return reads == 0 ? TaskStatus.PENDING : TaskStatus.PROCESSING;
  }

  @Nullable String errorMessage() {
    return errorMessage;
  }

  Duration retryAfter() {
    return retryAfter;
  }

  /** How a submit is answered. */
  enum Reply {
    TASK_ID,
    NONE,
    TOO_MANY_REQUESTS
  }
}
