package batch;

import io.temporal.activity.ActivityInterface;

/** What the workflow can't do itself, because it touches the world. */
@ActivityInterface
public interface ImageActivities {
  /** Returns the task id. */
  String submit(String prompt);

  /** Tells a person that a prompt may have a task, or not. */
  void askAPerson(String prompt);

  /** Waits for a task and saves its image; returns where. */
  String awaitAndSave(String taskId);
}
