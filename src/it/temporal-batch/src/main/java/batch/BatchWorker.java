package batch;

import ai.mountsea.nanobanana.NanoBanana;
import io.temporal.client.WorkflowClient;
import io.temporal.serviceclient.WorkflowServiceStubs;
import io.temporal.serviceclient.WorkflowServiceStubsOptions;
import io.temporal.worker.Worker;
import io.temporal.worker.WorkerFactory;
import io.temporal.worker.WorkerFactoryOptions;
import io.temporal.worker.WorkerOptions;
import java.nio.file.Path;

/** Does the work: {@code BatchWorker <temporal> <folder> <steps at once>}. */
public final class BatchWorker {
  private BatchWorker() {}

  public static void main(String[] args) {
    WorkerFactory factory = WorkerFactory.newInstance(client(args[0]), WorkerFactoryOptions.newBuilder().setWorkflowCacheSize(0).build());
    Worker worker =
        factory.newWorker(
            Batch.QUEUE,
            WorkerOptions.newBuilder()
                .setMaxConcurrentWorkflowTaskPollers(2)
                .setMaxConcurrentActivityExecutionSize(Integer.parseInt(args[2]))
                .build());
    worker.registerWorkflowImplementationTypes(ImageWorkflowOnTemporal.class);
    worker.registerActivitiesImplementations(
        new ImageActivitiesOnNanoBanana(NanoBanana.fromEnv(), Path.of(args[1])));
    factory.start();
  }

  static WorkflowClient client(String temporal) {
    return WorkflowClient.newInstance(
        WorkflowServiceStubs.newServiceStubs(
            WorkflowServiceStubsOptions.newBuilder().setTarget(temporal).build()));
  }
}
