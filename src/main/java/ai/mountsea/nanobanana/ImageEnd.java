package ai.mountsea.nanobanana;

import okio.Buffer;
import okio.ByteString;

/**
 * Whether an image that comes in chunks has come to its end. What follows the end doesn't matter,
 * since some encoders add a little.
 */
final class ImageEnd {
  private final ByteString firstMark;
  private final ByteString lastMark;
  private final long leastSize;
  private final long mostBehind;
  private ByteString before = ByteString.EMPTY; // the end of the chunk before
  private long size;
  private long first;
  private long last;

  ImageEnd(ImageFormat format, ByteString head) {
    firstMark = format.firstMark();
    lastMark = format.lastMark();
    leastSize = format.leastSize(head);
    mostBehind = format.mostBehind();
    first = firstMark.size() == 0 ? 0 : -1;
    last = lastMark.size() == 0 ? 1 : -1;
  }

  /** Looks at the next bytes of the image. */
  void add(Buffer chunk) {
    ByteString added = chunk.snapshot();
    ByteString seen = new Buffer().write(before).write(added).readByteString();
    long start = size - before.size();
    first = lastIndexOf(firstMark, seen, start, first);
    last = lastIndexOf(lastMark, seen, start, last);
    size += added.size();
    before = seen.substring(Math.max(0, seen.size() - 8));
  }

  private static long lastIndexOf(ByteString mark, ByteString seen, long start, long known) {
    int index = mark.size() == 0 ? -1 : seen.lastIndexOf(mark);
    return index < 0 ? known : start + index;
  }

  /** How many bytes were added. */
  long size() {
    return size;
  }

  boolean isReached() {
    return size >= leastSize && first >= 0 && last > first && size - last <= mostBehind;
  }
}
