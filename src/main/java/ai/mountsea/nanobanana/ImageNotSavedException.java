package ai.mountsea.nanobanana;

import org.jspecify.annotations.Nullable;

/**
 * An image could not be saved; no part of it was left behind. The task is paid for and its result
 * still there, so mend what the message says and save again; don't submit again.
 */
public final class ImageNotSavedException extends NanoBananaException {
  private static final long serialVersionUID = 1;

  private final boolean isTransient;

  ImageNotSavedException(String message, boolean isTransient, @Nullable Throwable cause) {
    super(message, cause);
    this.isTransient = isTransient;
  }

  @Override
  public boolean mayTaskExist() {
    return true;
  }

  @Override
  boolean isTransient() {
    return isTransient;
  }
}
