package batch;

import io.temporal.workflow.SignalMethod;
import io.temporal.workflow.WorkflowInterface;
import io.temporal.workflow.WorkflowMethod;
import java.time.Duration;

/** Makes the image of one prompt, and submits it once. */
@WorkflowInterface
public interface ImageWorkflow {
  /**
   * Returns where the image is.
   *
   * @param step how long a step may take; one that takes longer is that of a worker that died
   */
  @WorkflowMethod
  String make(String prompt, Duration step);

  /** A person has found out: this is the task of the prompt that was asked about. */
  @SignalMethod
  void taskFound(String taskId);

  /** A person has found out: the prompt that was asked about has no task. */
  @SignalMethod
  void noTaskFound();
}
