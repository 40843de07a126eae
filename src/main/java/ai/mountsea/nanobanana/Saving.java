package ai.mountsea.nanobanana;

/**
 * How to save images.
 *
 * @param maxBytes the largest image to accept; a larger one is {@link ImageNotSavedException}
 * @param overwrite whether a file of the same name is replaced, or kept and the image not saved
 */
public record Saving(long maxBytes, boolean overwrite) {
  /** Images of up to 100 MiB, no file replaced. */
  public static final Saving DEFAULT = new Saving(100L * 1024 * 1024, false);

  /**
   * Checks the values.
   *
   * @param maxBytes see above
   * @param overwrite see above
   * @throws IllegalArgumentException if {@code maxBytes} is not positive
   */
  public Saving {
    if (maxBytes < 1) {
      throw new IllegalArgumentException("maxBytes must be 1 or more, not " + maxBytes);
    }
  }

  /**
   * Returns the same with another bound.
   *
   * @param maxBytes the largest image to accept, in bytes
   * @return new settings
   */
  public Saving withMaxBytes(long maxBytes) {
    return new Saving(maxBytes, overwrite);
  }

  /**
   * Returns the same with files of the same name replaced or not.
   *
   * @param overwrite whether to replace them
   * @return new settings
   */
  public Saving withOverwrite(boolean overwrite) {
    return new Saving(maxBytes, overwrite);
  }
}
