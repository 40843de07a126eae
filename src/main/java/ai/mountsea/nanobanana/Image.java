package ai.mountsea.nanobanana;

import java.io.IOException;
import java.io.OutputStream;
import okio.ByteString;

/**
 * An image in memory, whole and of a known format. Immutable.
 *
 * <pre>{@code
 * Image image = nanoBanana.download(result).get(0);
 * response.setContentType(image.mediaType());
 * image.writeTo(response.getOutputStream());
 * }</pre>
 */
public final class Image {
  private final ByteString bytes;
  private final ImageFormat format;

  Image(ByteString bytes, ImageFormat format) {
    this.bytes = bytes;
    this.format = format;
  }

  /**
   * Returns the bytes of the image.
   *
   * @return a new array
   */
  public byte[] bytes() {
    return bytes.toByteArray();
  }

  /**
   * Returns what kind of image it is, by its bytes and not by what its host said.
   *
   * @return a media type such as {@code image/png}
   */
  public String mediaType() {
    return format.mediaType();
  }

  /**
   * Writes the bytes of the image.
   *
   * @param out where to; neither flushed nor closed
   * @throws IOException if {@code out} throws it
   */
  public void writeTo(OutputStream out) throws IOException {
    bytes.write(out);
  }

  /** Returns the media type and the size. */
  @Override
  public String toString() {
    return mediaType() + ", " + bytes.size() + " bytes";
  }
}
