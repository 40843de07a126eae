package ai.mountsea.nanobanana;

import ai.mountsea.nanobanana.api.TaskResult;

/**
 * A task is final and has made no image: it failed, was cancelled, timed out in the service, or is
 * completed without an image URL. Waiting longer does not help. Whether such a task is billed is
 * not documented.
 */
public final class TaskFailedException extends NanoBananaException {
  private static final long serialVersionUID = 1;

  private final transient TaskResult result;

  TaskFailedException(String message, TaskResult result) {
    super(message, null);
    this.result = result;
  }

  /**
   * Returns the task as the service reported it.
   *
   * @return a final result
   */
  public TaskResult result() {
    return result;
  }

  @Override
  public boolean mayTaskExist() {
    return true;
  }
}
