package ai.mountsea.nanobanana;

import org.jspecify.annotations.Nullable;

/**
 * Remembers what was submitted under which key, where a crash can't lose it. {@link
 * NanoBanana#submitOnce} and {@link NanoBanana#generateOnce} write to it before and after each
 * submit. {@link FileTaskStore} is one for a single process; for several machines, implement this
 * interface on a database that they share.
 *
 * <p>Must be safe for use by several threads. Either method may throw any unchecked exception if
 * the store can't be read or written; nothing is submitted then.
 */
public interface TaskStore {
  /**
   * Returns what is known of a key.
   *
   * @param key the caller's name for one image
   * @return the latest record; null if there is none
   */
  @Nullable TaskRecord find(String key);

  /**
   * Replaces the record of a key, unless somebody else did so first. When this returns true, the
   * new record survives a crash of the machine.
   *
   * @param key the caller's name for one image
   * @param expected what {@link #find} returned; null if there was no record
   * @param next the new record
   * @return false if the current record is not the expected one; nothing was changed
   */
  boolean replace(String key, @Nullable TaskRecord expected, TaskRecord next);
}
