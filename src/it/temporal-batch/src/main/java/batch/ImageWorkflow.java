package batch;

import io.temporal.workflow.SignalMethod;
import io.temporal.workflow.WorkflowInterface;
import io.temporal.workflow.WorkflowMethod;

/** Makes the image of one prompt, and submits it once. */
@WorkflowInterface
public interface ImageWorkflow {
  /** Returns where the image is. */
  @WorkflowMethod
  String make(String prompt);

  /** A person has found out: this is the task of the prompt that was asked about. */
  @SignalMethod
  void taskFound(String taskId);

  /** A person has found out: the prompt that was asked about has no task. */
  @SignalMethod
  void noTaskFound();
}
