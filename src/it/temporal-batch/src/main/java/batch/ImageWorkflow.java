package batch;

import io.temporal.workflow.QueryMethod;
import io.temporal.workflow.SignalMethod;
import io.temporal.workflow.WorkflowInterface;
import io.temporal.workflow.WorkflowMethod;
import java.util.List;

/**
 * The image of one prompt, which is submitted once. When nobody can know whether it was, for the
 * reply was lost or the worker died, it waits for a person. The worker's log names the workflow;
 * the person finds out and sends a signal:
 *
 * <pre>{@code
 * temporal workflow signal --workflow-id image-... --name taskFound --input '"the task id"'
 * temporal workflow signal --workflow-id image-... --name noTaskFound
 * }</pre>
 */
@WorkflowInterface
public interface ImageWorkflow {
  /** Returns where the image is. Fails when there is no task, and when the task failed. */
  @WorkflowMethod
  List<String> make(String prompt);

  /** Whether the prompt may have a task or not, and a person has to find out. */
  @QueryMethod
  boolean waitsForAPerson();

  /** This is its task: the workflow goes on with it. */
  @SignalMethod
  void taskFound(String taskId);

  /** It has none: the workflow submits it again. */
  @SignalMethod
  void noTaskFound();
}
