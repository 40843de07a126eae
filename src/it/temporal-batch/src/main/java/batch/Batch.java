package batch;

import io.temporal.api.enums.v1.WorkflowIdReusePolicy;
import io.temporal.client.WorkflowClient;
import io.temporal.client.WorkflowExecutionAlreadyStarted;
import io.temporal.client.WorkflowOptions;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.UUID;

/** Starts a workflow for each prompt that has none yet. */
public final class Batch {
  static final String QUEUE = "images";

  private Batch() {}

  public static void start(WorkflowClient client, List<String> prompts, Duration step) {
    for (String prompt : prompts) {
      ImageWorkflow workflow =
          client.newWorkflowStub(
              ImageWorkflow.class,
              WorkflowOptions.newBuilder()
                  .setTaskQueue(QUEUE)
                  .setWorkflowId(idOf(prompt))
                  .setWorkflowTaskTimeout(Duration.ofSeconds(2))
                  .setWorkflowIdReusePolicy(
                      WorkflowIdReusePolicy.WORKFLOW_ID_REUSE_POLICY_REJECT_DUPLICATE)
                  .build());
      try {
        WorkflowClient.start(workflow::make, prompt, step);
      } catch (WorkflowExecutionAlreadyStarted e) {
        // By an earlier run; its worker, or another, goes on.
      }
    }
  }

  static String idOf(String prompt) {
    return "image-" + UUID.nameUUIDFromBytes(prompt.getBytes(StandardCharsets.UTF_8));
  }
}
