package ai.mountsea.nanobanana;

/**
 * One HTTP call, and what its outcome means.
 *
 * @param <R> what the caller gets
 */
interface Attempt<R> {
  /**
   * Makes the call on this thread.
   *
   * @throws NanoBananaException if the call has an outcome that is a failure
   * @throws Exception if it has none; {@link #settle} says what that means
   */
  R run() throws Exception;

  /**
   * Returns or throws what is known of a call that has no outcome: it failed, or is ended from
   * outside. From here on nothing is sent that was not sent before.
   *
   * @param why for the message; null to describe the cause
   */
  R settle(String why, Throwable cause);

  /** Ends the call. Harmless when it has ended. */
  void cancel();
}
