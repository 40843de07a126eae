package batch;

import io.temporal.activity.ActivityInterface;
import java.util.List;

/**
 * What touches the world. Only {@link #submit} costs, and may have worked though it failed; the
 * others may be done any number of times.
 */
@ActivityInterface
public interface ImageActivities {
  /** The type of a failed submit after which there certainly is no task. */
  String NO_TASK = "NoTask";

  /** Returns the id of the task that was made. */
  String submit(String prompt);

  /** Returns when a task is completed. */
  void await(String taskId);

  /** Saves the images of a completed task; returns where. */
  List<String> save(String taskId);
}
