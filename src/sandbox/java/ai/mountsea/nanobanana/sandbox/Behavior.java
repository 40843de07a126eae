package ai.mountsea.nanobanana.sandbox;

import ai.mountsea.nanobanana.sandbox.Reply.Delivery;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What the sandbox does with a submit, with the task that it makes, and with the task's image.
 *
 * @param makesTask whether there is a task at all
 * @param reads how many reads find the task unfinished
 * @param status the status from then on
 * @param result the result of the completed task as JSON; null for the usual one
 */
record Behavior(
    Step submit,
    boolean makesTask,
    int reads,
    String status,
    @Nullable String errorMessage,
    @Nullable String result,
    Step read,
    Step image) {

  /** How one kind of call is answered. The last of the answers is repeated. */
  record Step(Duration delay, Delivery delivery, List<Answer> answers, long padding) {
    static final Step USUAL = new Step(Duration.ZERO, Delivery.WHOLE, List.of(), 0);

    static Step late(Duration delay) {
      return new Step(delay, Delivery.WHOLE, List.of(), 0);
    }

    static Step delivered(Delivery delivery) {
      return new Step(Duration.ZERO, delivery, List.of(), 0);
    }

    static Step padded(long padding) {
      return new Step(Duration.ZERO, Delivery.WHOLE, List.of(), padding);
    }

    static Step answers(Answer... answers) {
      return new Step(Duration.ZERO, Delivery.WHOLE, List.of(answers), 0);
    }

    /** The answer to a call of this kind, counted from 0; null for the usual one. */
    @Nullable Answer answer(int call) {
      return answers.isEmpty() ? null : answers.get(Math.min(call, answers.size() - 1));
    }
  }

  /** A response that does not come from the sandbox itself. */
  record Answer(int status, Map<String, String> headers, String body) {}

  static final Behavior USUAL =
      new Behavior(Step.USUAL, true, 2, "completed", null, null, Step.USUAL, Step.USUAL);

  /** About how many bytes it keeps. */
  long size() {
    long size = Size.of(errorMessage) + Size.of(result) + Size.of(status);
    for (Step step : List.of(submit, read, image)) {
      for (Answer answer : step.answers()) {
        size += Size.of(answer.headers()) + Size.of(answer.body());
      }
    }
    return size;
  }

  Behavior withSubmit(Step submit) {
    return new Behavior(submit, makesTask, reads, status, errorMessage, result, read, image);
  }

  Behavior withoutTask() {
    return new Behavior(submit, false, reads, status, errorMessage, result, read, image);
  }

  Behavior withStatus(int reads, String status, @Nullable String errorMessage) {
    return new Behavior(submit, makesTask, reads, status, errorMessage, result, read, image);
  }

  Behavior withResult(String result) {
    return new Behavior(submit, makesTask, 0, status, errorMessage, result, read, image);
  }

  Behavior withRead(Step read) {
    return new Behavior(submit, makesTask, reads, status, errorMessage, result, read, image);
  }

  Behavior withImage(Step image) {
    return new Behavior(submit, makesTask, reads, status, errorMessage, result, read, image);
  }
}
