package batch;

import io.temporal.api.enums.v1.WorkflowIdReusePolicy;
import io.temporal.client.WorkflowClient;
import io.temporal.client.WorkflowExecutionAlreadyStarted;
import io.temporal.client.WorkflowOptions;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;

/**
 * Orders an image of each line of a file: {@code Batch 127.0.0.1:7233 prompts.txt}. A prompt is its
 * text; it names its workflow, and Temporal has one workflow of a name. So the same command, run
 * again, orders anew what failed or was terminated, and leaves alone what goes on, waits for a
 * person or is done. No crash needs it: the workers go on by themselves.
 */
public final class Batch {
  static final String QUEUE = "images";

  private Batch() {}

  /**
   * Orders, and returns without waiting.
   *
   * @param args where Temporal is, and a file of prompts
   * @throws Exception if the file can't be read, or Temporal not be reached
   */
  public static void main(String[] args) throws Exception {
    WorkflowClient temporal = BatchWorker.connect(args[0]);
    List<String> lines = Files.readAllLines(Path.of(args[1]));
    start(temporal, lines.stream().filter(line -> !line.isBlank()).toList());
    temporal.getWorkflowServiceStubs().shutdown();
  }

  static void start(WorkflowClient temporal, List<String> prompts) {
    for (String prompt : prompts) {
      WorkflowOptions options =
          WorkflowOptions.newBuilder()
              .setTaskQueue(QUEUE)
              .setWorkflowId(workflowId(prompt))
              .setWorkflowIdReusePolicy(
                  WorkflowIdReusePolicy.WORKFLOW_ID_REUSE_POLICY_ALLOW_DUPLICATE_FAILED_ONLY)
              .build();
      try {
        WorkflowClient.start(temporal.newWorkflowStub(ImageWorkflow.class, options)::make, prompt);
      } catch (WorkflowExecutionAlreadyStarted e) {
        // By an earlier run, and the workers go on with it.
      }
    }
  }

  static String workflowId(String prompt) {
    return "image-" + UUID.nameUUIDFromBytes(prompt.getBytes(StandardCharsets.UTF_8));
  }
}
