package ai.mountsea.nanobanana;

import java.time.Duration;

/** How to download images and save them. Immutable. */
public final class SaveOptions {
  /** Images of up to 100 MiB, each within five minutes; a file that is there already is kept. */
  public static final SaveOptions DEFAULT =
      new SaveOptions(100L * 1024 * 1024, Duration.ofMinutes(5), false);

  private final long maxBytes;
  private final Duration timeout;
  private final boolean overwrite;

  private SaveOptions(long maxBytes, Duration timeout, boolean overwrite) {
    if (maxBytes < 1) {
      throw new IllegalArgumentException("maxBytes must be 1 or more, not " + maxBytes);
    }
    this.maxBytes = maxBytes;
    this.timeout = Durations.requirePositive("timeout", timeout);
    this.overwrite = overwrite;
  }

  /**
   * Sets the largest image to accept. A larger one is an {@link ImageDownloadException}.
   *
   * @param maxBytes 1 or more
   * @return new options
   */
  public SaveOptions withMaxBytes(long maxBytes) {
    return new SaveOptions(maxBytes, timeout, overwrite);
  }

  /**
   * Sets how long one attempt to download one image may take as a whole.
   *
   * @param timeout more than zero
   * @return new options
   */
  public SaveOptions withTimeout(Duration timeout) {
    return new SaveOptions(maxBytes, timeout, overwrite);
  }

  /**
   * Sets what happens when an image is in the folder already, under the name that it would get.
   *
   * @param overwrite true to download it again and replace the file; false to keep the file,
   *     without a download
   * @return new options
   */
  public SaveOptions withOverwrite(boolean overwrite) {
    return new SaveOptions(maxBytes, timeout, overwrite);
  }

  long maxBytes() {
    return maxBytes;
  }

  Duration timeout() {
    return timeout;
  }

  boolean overwrite() {
    return overwrite;
  }
}
