package batch;

import ai.mountsea.nanobanana.NanoBanana;
import io.temporal.client.WorkflowClient;
import io.temporal.serviceclient.WorkflowServiceStubs;
import io.temporal.serviceclient.WorkflowServiceStubsOptions;
import io.temporal.worker.Worker;
import io.temporal.worker.WorkerFactory;
import io.temporal.worker.WorkerOptions;
import java.nio.file.Path;
import java.time.Duration;

/**
 * Makes what was ordered, a few at once: {@code BatchWorker 127.0.0.1:7233 images 4}. It keeps
 * nothing that Temporal doesn't, so there may be many, and each may die at any time.
 */
public final class BatchWorker {
  private BatchWorker() {}

  /**
   * Works until it is killed, with the key from {@code MOUNTSEA_API_KEY}.
   *
   * @param args where Temporal is, a folder for the images, and how many to make at once
   */
  public static void main(String[] args) {
    WorkerFactory factory = WorkerFactory.newInstance(connect(args[0]));
    Worker worker =
        factory.newWorker(
            Batch.QUEUE,
            WorkerOptions.newBuilder()
                .setMaxConcurrentActivityExecutionSize(Integer.parseInt(args[2]))
                .setMaxHeartbeatThrottleInterval(Duration.ofSeconds(1))
                // Any worker goes on with any workflow. Else those of a dead worker would wait for
                // it: for 5 seconds, and on the test server forever.
                .setStickyQueueScheduleToStartTimeout(Duration.ZERO)
                .build());
    worker.registerWorkflowImplementationTypes(ImageWorkflowOnTemporal.class);
    worker.registerActivitiesImplementations(
        new ImageActivitiesOnNanoBanana(NanoBanana.fromEnv(), Path.of(args[1])));
    factory.start();
  }

  static WorkflowClient connect(String temporal) {
    return WorkflowClient.newInstance(
        WorkflowServiceStubs.newServiceStubs(
            WorkflowServiceStubsOptions.newBuilder().setTarget(temporal).build()));
  }
}
