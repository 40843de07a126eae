package ai.mountsea.nanobanana.examples.temporal;

import ai.mountsea.nanobanana.NanoBanana;
import io.temporal.client.WorkflowClient;
import io.temporal.serviceclient.WorkflowServiceStubs;
import io.temporal.serviceclient.WorkflowServiceStubsOptions;
import io.temporal.worker.Worker;
import io.temporal.worker.WorkerFactory;
import io.temporal.worker.WorkerOptions;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.h2.jdbcx.JdbcConnectionPool;

/**
 * Makes what was ordered: {@code BatchWorker 127.0.0.1:7233 jdbc:... images}, with the key from
 * {@code MOUNTSEA_API_KEY}. There may be many, on machines that share the database and the folder,
 * and each may die at any time. The table of {@link JdbcTaskStore} has to be there. README.md says
 * how to try it. To have all of them together begin no more than so many images a second, use
 * {@link WorkerOptions.Builder#setMaxTaskQueueActivitiesPerSecond}.
 */
public final class BatchWorker {
  private BatchWorker() {}

  /**
   * Works until it is told to stop. It then records the submits in flight, and leaves everything
   * else to other workers.
   *
   * @param args where Temporal is, the database of the task store, and a folder for the images
   */
  public static void main(String[] args) {
    WorkerFactory factory = WorkerFactory.newInstance(connect(args[0]));
    Worker worker =
        factory.newWorker(
            Batch.QUEUE,
            WorkerOptions.newBuilder()
                // A worker that stands still gets what its pollers asked for, and loses it.
                .setMaxConcurrentActivityTaskPollers(1)
                .setMaxHeartbeatThrottleInterval(Duration.ofSeconds(1))
                // Any worker goes on with any lane. Else those of a dead worker would wait for it:
                // for 5 seconds, and on the test server forever.
                .setStickyQueueScheduleToStartTimeout(Duration.ZERO)
                .build());
    // Use the pool of your own database.
    JdbcTaskStore store = new JdbcTaskStore(JdbcConnectionPool.create(args[1], "", ""));
    ImageActivitiesOnNanoBanana activities =
        new ImageActivitiesOnNanoBanana(NanoBanana.fromEnv(), store, Path.of(args[2]));
    worker.registerWorkflowImplementationTypes(LaneOnTemporal.class);
    worker.registerActivitiesImplementations(activities);
    Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(factory, activities)));
    factory.start();
  }

  private static void stop(WorkerFactory factory, ImageActivitiesOnNanoBanana activities) {
    System.out.println("Stopping; the submits in flight are recorded first");
    factory.suspendPolling();
    activities.drain();
    factory.shutdownNow(); // Interrupts those who wait for a task, so that others go on at once.
    factory.awaitTermination(10, TimeUnit.SECONDS);
  }

  static WorkflowClient connect(String temporal) {
    return WorkflowClient.newInstance(
        WorkflowServiceStubs.newServiceStubs(
            WorkflowServiceStubsOptions.newBuilder()
                .setTarget(temporal)
                .setSystemInfoTimeout(Duration.ofSeconds(60)) // 5 are too few on a busy machine.
                .build()));
  }
}
