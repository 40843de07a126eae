package ai.mountsea.nanobanana;

/**
 * Something that takes one HTTP call, or several until one succeeds.
 *
 * @param <R> what the caller gets
 */
interface Operation<R> {
  /** Prepares a call. Nothing is sent yet. */
  Attempt<R> newAttempt();

  /** Returns what it means that no call was made. */
  NanoBananaException notAttempted(String why, Throwable cause);

  /** Returns what it means that this library itself failed while a call was made or judged. */
  NanoBananaException broken(Throwable cause);
}
