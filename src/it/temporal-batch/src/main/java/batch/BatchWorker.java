package batch;

import ai.mountsea.nanobanana.NanoBanana;
import ai.mountsea.nanobanana.Waiting;
import io.temporal.activity.ActivityOptions;
import io.temporal.client.WorkflowClient;
import io.temporal.serviceclient.WorkflowServiceStubs;
import io.temporal.serviceclient.WorkflowServiceStubsOptions;
import io.temporal.worker.Worker;
import io.temporal.worker.WorkerFactory;
import io.temporal.worker.WorkerOptions;
import io.temporal.worker.WorkflowImplementationOptions;
import java.nio.file.Path;
import java.time.Duration;

/** Does the work: {@code BatchWorker <temporal> <folder> <images at once> <seconds a step>}. */
public final class BatchWorker {
  private BatchWorker() {}

  public static void main(String[] args) {
    Duration step = Duration.ofSeconds(Long.parseLong(args[3]));
    WorkerFactory factory = WorkerFactory.newInstance(client(args[0]));
    Worker worker =
        factory.newWorker(
            Batch.QUEUE,
            WorkerOptions.newBuilder()
                .setMaxConcurrentActivityExecutionSize(Integer.parseInt(args[2]))
                .build());
    // A step that takes longer is that of a worker that died.
    worker.registerWorkflowImplementationTypes(
        WorkflowImplementationOptions.newBuilder()
            .setDefaultActivityOptions(
                ActivityOptions.newBuilder().setStartToCloseTimeout(step).build())
            .build(),
        ImageWorkflowOnTemporal.class);
    Waiting waiting =
        Waiting.DEFAULT
            .withDeadline(step.dividedBy(2))
            .withListener(task -> System.out.println(task.taskId() + " is " + task.status()));
    worker.registerActivitiesImplementations(
        new ImageActivitiesOnNanoBanana(NanoBanana.fromEnv(), waiting, Path.of(args[1])));
    factory.start();
  }

  static WorkflowClient client(String temporal) {
    return WorkflowClient.newInstance(
        WorkflowServiceStubs.newServiceStubs(
            WorkflowServiceStubsOptions.newBuilder().setTarget(temporal).build()));
  }
}
