package ai.mountsea.nanobanana.examples.temporal;

import io.temporal.workflow.QueryMethod;
import io.temporal.workflow.WorkflowInterface;
import io.temporal.workflow.WorkflowMethod;
import java.util.List;

/**
 * Makes its images one after another. A batch has as many lanes as images may be unfinished at
 * once: however many workers there are, an image is saved before the next one is submitted.
 */
@WorkflowInterface
public interface Lane {
  /**
   * Makes an image of each prompt that is not saved yet.
   *
   * @param prompts all, or those that are left when it continues as a new run
   * @param soFar what became of the prompts of earlier runs
   * @param limits when to give up waiting, and when to continue as a new run
   */
  @WorkflowMethod
  Summary make(List<Prompt> prompts, Summary soFar, Limits limits);

  /** Returns how far it is. */
  @QueryMethod
  Summary progress();

  /**
   * One image to make.
   *
   * @param key under which it is submitted once
   * @param request the request as JSON
   */
  record Prompt(String key, String request) {}

  /**
   * How many prompts became what.
   *
   * @param failed these have no image; the task store and the worker's log say why
   * @param unknown these may have a task, and a person has to look for it
   * @param left these were not begun, because the lane stopped after too many failures in a row
   */
  record Summary(int saved, int failed, int unknown, int left) {
    static final Summary NONE = new Summary(0, 0, 0, 0);

    Summary plus(Summary other) {
      return new Summary(
          saved + other.saved, failed + other.failed, unknown + other.unknown, left + other.left);
    }
  }

  /**
   * What a lane does not exceed.
   *
   * @param patienceSeconds how long a submit may be in flight on another worker before it is
   *     unknown; longer than a worker may stand still
   * @param eventsPerRun after how many events of its history a lane continues as a new run
   */
  record Limits(int patienceSeconds, int eventsPerRun) {
    static final Limits DEFAULT = new Limits(300, 1000);
  }
}
