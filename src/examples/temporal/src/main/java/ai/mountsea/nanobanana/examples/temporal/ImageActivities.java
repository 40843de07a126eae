package ai.mountsea.nanobanana.examples.temporal;

import io.temporal.activity.ActivityInterface;

/** What touches the world. */
@ActivityInterface
public interface ImageActivities {
  /**
   * Makes the image of a prompt, or goes on with it. It can be called any number of times, also at
   * the same time: the prompt is submitted once.
   */
  Made make(Lane.Prompt prompt);

  /**
   * What came of an attempt.
   *
   * @param isNew whether this attempt was the one that submitted the prompt, or tried to
   */
  record Made(Outcome outcome, boolean isNew) {}

  /** What became of a prompt. */
  enum Outcome {
    /** Its image is in the folder; the task store says under which name. */
    SAVED,
    /** It has no image, and trying again now would not help. */
    FAILED,
    /** It may have a task: a person has to look for it, and record it in the task store. */
    UNKNOWN,
    /** A worker submits it, or died while it did. */
    IN_FLIGHT
  }
}
