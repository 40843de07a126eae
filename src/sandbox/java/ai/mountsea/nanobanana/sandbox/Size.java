package ai.mountsea.nanobanana.sandbox;

import java.util.Collection;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** About how many bytes of the heap a value takes; rather too many than too few. */
final class Size {
  private static final int OBJECT = 64;
  private static final int REFERENCE = 8;

  private Size() {}

  /** The size of JSON as maps, collections, strings, numbers, booleans and null. */
  static long of(@Nullable Object json) {
    if (json instanceof String text) {
      // The JVM keeps a string of Latin-1 as bytes.
      return OBJECT + (text.chars().allMatch(c -> c < 256) ? 1L : 2L) * text.length();
    }
    if (json instanceof Map<?, ?> map) {
      long size = OBJECT;
      for (Map.Entry<?, ?> entry : map.entrySet()) {
        size += OBJECT + of(entry.getKey()) + of(entry.getValue());
      }
      return size;
    }
    if (json instanceof Collection<?> collection) {
      long size = OBJECT;
      for (Object each : collection) {
        size += REFERENCE + of(each);
      }
      return size;
    }
    return json instanceof Number ? 24 : 0;
  }
}
