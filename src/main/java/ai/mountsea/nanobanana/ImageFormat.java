package ai.mountsea.nanobanana;

import okio.ByteString;
import org.jspecify.annotations.Nullable;

/** The formats of images, told by their first bytes, and how each says where it ends. */
enum ImageFormat {
  PNG("png", "image/png") {
    @Override
    boolean beginsLike(ByteString head) {
      return head.startsWith(ByteString.decodeHex("89504e470d0a1a0a"));
    }

    @Override
    ByteString lastMark() {
      return ByteString.decodeHex("49454e44ae426082"); // IEND and its CRC
    }
  },
  JPEG("jpg", "image/jpeg") {
    @Override
    boolean beginsLike(ByteString head) {
      return head.startsWith(ByteString.decodeHex("ffd8ff"));
    }

    @Override
    ByteString firstMark() {
      return ByteString.decodeHex("ffda"); // a scan begins; a preview has scans, too
    }

    @Override
    ByteString lastMark() {
      return ByteString.decodeHex("ffd9");
    }
  },
  GIF("gif", "image/gif") {
    @Override
    boolean beginsLike(ByteString head) {
      return head.startsWith(ByteString.encodeUtf8("GIF8"));
    }

    @Override
    ByteString lastMark() {
      return ByteString.decodeHex("003b"); // the end of its last block, and the trailer
    }

    @Override
    long mostBehind() {
      return 64; // for the mark is short enough to come within an image by chance
    }
  },
  WEBP("webp", "image/webp") {
    @Override
    boolean beginsLike(ByteString head) {
      return head.startsWith(ByteString.encodeUtf8("RIFF"))
          && head.rangeEquals(8, ByteString.encodeUtf8("WEBP"), 0, 4);
    }

    @Override
    long leastSize(ByteString head) {
      long chunk = 0;
      for (int i = 7; i >= 4; i--) {
        chunk = chunk << 8 | (head.getByte(i) & 0xff);
      }
      return Math.max(chunk + 8, HEAD + 8); // a header and one chunk at least
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

  abstract boolean beginsLike(ByteString head);

  /** What comes before the last mark in an image that is whole; empty if nothing has to. */
  ByteString firstMark() {
    return ByteString.EMPTY;
  }

  /** What an image that is cut off doesn't have; empty if nothing tells. */
  ByteString lastMark() {
    return ByteString.EMPTY;
  }

  /** How many bytes may follow the last mark. */
  long mostBehind() {
    return Long.MAX_VALUE;
  }

  /** The least size of an image that begins so. */
  long leastSize(ByteString head) {
    return HEAD + 1;
  }

  String extension() {
    return extension;
  }

  String mediaType() {
    return mediaType;
  }
}
