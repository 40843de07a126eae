package ai.mountsea.nanobanana;

import okio.ByteString;
import org.jspecify.annotations.Nullable;

/** The formats of images, told by their first bytes, and whether one is cut off by its last. */
enum ImageFormat {
  PNG("png", "image/png") {
    @Override
    boolean beginsLike(ByteString head) {
      return head.startsWith(ByteString.decodeHex("89504e470d0a1a0a"));
    }

    @Override
    boolean endsLike(ByteString tail) {
      return tail.indexOf(ByteString.decodeHex("49454e44ae426082"), 0) >= 0; // IEND and its CRC
    }
  },
  JPEG("jpg", "image/jpeg") {
    @Override
    boolean beginsLike(ByteString head) {
      return head.startsWith(ByteString.decodeHex("ffd8ff"));
    }

    @Override
    boolean endsLike(ByteString tail) {
      return tail.indexOf(ByteString.decodeHex("ffd9"), 0) >= 0;
    }
  },
  GIF("gif", "image/gif") {
    @Override
    boolean beginsLike(ByteString head) {
      return head.startsWith(ByteString.encodeUtf8("GIF8"));
    }

    @Override
    boolean endsLike(ByteString tail) {
      return tail.indexOf(ByteString.decodeHex("3b"), 0) >= 0;
    }
  },
  WEBP("webp", "image/webp") {
    @Override
    boolean beginsLike(ByteString head) {
      return head.startsWith(ByteString.encodeUtf8("RIFF"))
          && head.rangeEquals(8, ByteString.encodeUtf8("WEBP"), 0, 4);
    }
  },
  AVIF("avif", "image/avif") {
    @Override
    boolean beginsLike(ByteString head) {
      return head.rangeEquals(4, ByteString.encodeUtf8("ftypavif"), 0, 8);
    }
  };

  /** How many bytes tell a format. */
  static final int HEAD = 12;

  /** How many bytes tell whether an image is cut off; some have a little behind their end. */
  static final int TAIL = 64;

  private final String extension;
  private final String mediaType;

  ImageFormat(String extension, String mediaType) {
    this.extension = extension;
    this.mediaType = mediaType;
  }

  /** The format of an image that begins so; null if it is no image. */
  static @Nullable ImageFormat of(ByteString head) {
    for (ImageFormat format : values()) {
      if (format.beginsLike(head)) {
        return format;
      }
    }
    return null;
  }

  /**
   * Whether an image is all there. Only for one whose end no protocol has told, since an odd image
   * must not be refused.
   */
  boolean isWhole(ByteString head, ByteString tail, long size) {
    if (this == WEBP) {
      long chunk = 0;
      for (int i = 7; i >= 4; i--) {
        chunk = chunk << 8 | (head.getByte(i) & 0xff);
      }
      return size >= chunk + 8;
    }
    return endsLike(tail);
  }

  abstract boolean beginsLike(ByteString head);

  boolean endsLike(ByteString tail) {
    return true;
  }

  String extension() {
    return extension;
  }

  String mediaType() {
    return mediaType;
  }
}
