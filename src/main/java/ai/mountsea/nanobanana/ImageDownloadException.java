package ai.mountsea.nanobanana;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An image could not be downloaded or saved; no part of it was left behind. The task is paid for
 * and its result is still there, so fix what the message says and download again; don't submit
 * again.
 */
public final class ImageDownloadException extends NanoBananaException {
  private static final long serialVersionUID = 1;

  private final ArrayList<String> savedFiles;
  private final boolean isTransient;
  private final @Nullable Duration retryAfter;

  /**
   * Makes the exception.
   *
   * @param message why, for a person
   * @param taskId the task whose image it is
   * @param savedFiles the images of the same task that were saved before
   * @param cause what ended the download, may be null
   */
  public ImageDownloadException(
      String message, String taskId, List<Path> savedFiles, @Nullable Throwable cause) {
    this(message, taskId, savedFiles, false, null, cause);
  }

  ImageDownloadException(
      String message,
      String taskId,
      List<Path> savedFiles,
      boolean isTransient,
      @Nullable Duration retryAfter,
      @Nullable Throwable cause) {
    super(message, taskId, null, cause);
    this.savedFiles = new ArrayList<>();
    savedFiles.forEach(file -> this.savedFiles.add(file.toString()));
    this.isTransient = isTransient;
    this.retryAfter = retryAfter;
  }

  /**
   * Returns the images of the same task that were saved before this one failed. They stay, and are
   * not downloaded again by the next {@code save} into that folder.
   *
   * @return the files, in the order of the image URLs; empty if none was saved
   */
  public List<Path> savedFiles() {
    return savedFiles.stream().map(Path::of).toList();
  }

  @Override
  public boolean mayTaskExist() {
    return true;
  }

  @Override
  boolean isTransient() {
    return isTransient;
  }

  @Override
  @Nullable Duration retryAfter() {
    return retryAfter;
  }
}
