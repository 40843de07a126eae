package ai.mountsea.nanobanana;

import ai.mountsea.nanobanana.TaskRecord.State;
import ai.mountsea.nanobanana.api.GenerateImageRequest;
import com.squareup.moshi.JsonDataException;
import com.squareup.moshi.JsonReader;
import com.squareup.moshi.JsonWriter;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import okio.Buffer;
import org.jspecify.annotations.Nullable;

/**
 * A {@link TaskStore} in a text file that only grows. Each line is a JSON object; the last one
 * about a key counts. A line is on the disk before {@link #replace} returns. One process at a time
 * can open the file, which must not be on a network drive without locks. While it is open, its own
 * process must not read it in another way: on Linux and macOS, closing that reader would give up
 * the lock. {@link #find} has what is in it.
 *
 * <p>After the process has ended, a person can record what became of a submit by adding a line:
 *
 * <pre>{@code
 * {"state":"SUBMITTED","key":"order-4711","taskId":"the id that was found"}
 * {"state":"NOT_SUBMITTED","key":"order-4712"}
 * }</pre>
 *
 * <p>An invalid line is never skipped: {@link #open} fails and names it. Only when the last line
 * was cut off, by a crash or a full disk while it was written, the file is opened all the same:
 * what there is of the line stays in it, marked as cut off, and is in {@link #tornLines()}.
 */
public final class FileTaskStore implements TaskStore, AutoCloseable {
  /** What bytes become that are not UTF-8. */
  private static final char NOT_UTF_8 = '\ufffd';

  private static final String TORN = " # cut off while it was written";

  /**
   * The files that are open, whatever paths lead to them. Some systems give up the lock of a file
   * as soon as a process closes any channel on it, so that no second one is opened to find out.
   */
  private static final Set<Object> OPEN = ConcurrentHashMap.newKeySet();

  private final Path path;
  private final Object identity;
  private final FileChannel lock;

  /** Unlike a channel, it is not closed by an interrupt of the thread that writes. */
  private final OutputStream out;

  private final Map<String, TaskRecord> records = new HashMap<>();
  private final List<String> tornLines = new ArrayList<>();
  private long size;
  private boolean isOpen = true;

  private FileTaskStore(Path path, Object identity, FileChannel lock) throws IOException {
    this.path = path;
    this.identity = identity;
    this.lock = lock;
    this.out =
        Files.newOutputStream(
            path, StandardOpenOption.WRITE, StandardOpenOption.APPEND, StandardOpenOption.SYNC);
  }

  /**
   * Opens a store, and makes the file if it is not there.
   *
   * @param path where it is; its folder must exist
   * @return a store, to be closed by the caller
   * @throws IllegalStateException if another process or store has it open, or a line is invalid
   * @throws UncheckedIOException if it can't be read and written
   */
  public static FileTaskStore open(Path path) {
    Path file = path.toAbsolutePath();
    try {
      boolean isNew = create(file);
      Object identity = identity(file, attributes(file));
      if (!OPEN.add(identity)) {
        throw inUse(file);
      }
      try {
        return openOnce(file, identity, isNew);
      } catch (Throwable e) {
        OPEN.remove(identity);
        throw e;
      }
    } catch (IOException e) {
      throw new UncheckedIOException("Can't open the task store " + file + ": " + e, e);
    }
  }

  /** Makes the file; false if it is there. */
  private static boolean create(Path file) throws IOException {
    try {
      Files.createFile(file);
      return true;
    } catch (FileAlreadyExistsException e) {
      return false;
    }
  }

  /** What a file has in common with itself, and with no other file, by whichever path. */
  private static Object identity(Path file, BasicFileAttributes attributes) throws IOException {
    Object fileKey = attributes.fileKey();
    return fileKey == null ? file.toRealPath() : fileKey; // Windows has no such keys.
  }

  private static BasicFileAttributes attributes(Path file) throws IOException {
    return Files.readAttributes(file, BasicFileAttributes.class);
  }

  private static FileTaskStore openOnce(Path file, Object identity, boolean isNew)
      throws IOException {
    FileChannel channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE);
    try {
      lock(channel, file);
      channel.force(true); // A process may have died before its last line was forced.
      if (isNew) {
        forceFolder(file);
      }
      return new FileTaskStore(file, identity, channel).load();
    } catch (Throwable e) {
      channel.close();
      throw e;
    }
  }

  @Override
  public synchronized @Nullable TaskRecord find(String key) {
    requireOpen();
    return records.get(key);
  }

  /**
   * Replaces a record, as {@link TaskStore} says.
   *
   * @throws IllegalStateException if the store is closed, or its file was changed by somebody else
   *     since it was opened
   * @throws UncheckedIOException if the file can't be written; the store is closed then, because
   *     nothing may follow half a line
   */
  @Override
  public synchronized boolean replace(String key, @Nullable TaskRecord expected, TaskRecord next) {
    requireOpen();
    TaskRecord current = records.get(key);
    if (!Objects.equals(current, expected)) {
      return false;
    }
    boolean sameRequest = current != null && current.request().equals(next.request());
    write(toLine(key, next, !sameRequest));
    records.put(key, next);
    return true;
  }

  /**
   * Returns the incomplete lines of the file. Each was being written when the process or the
   * machine stopped. One may contain the id of a task whose key is still {@code SUBMITTING}.
   *
   * @return the lines in the order of the file; usually empty
   */
  public List<String> tornLines() {
    return List.copyOf(tornLines);
  }

  /** Closes the file, for another process to open it. */
  @Override
  public synchronized void close() {
    if (!isOpen) {
      return;
    }
    isOpen = false;
    try (lock;
        out) {
      OPEN.remove(identity);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Locks a byte that is never written, since Windows lets nobody else write to a locked one. */
  private static void lock(FileChannel channel, Path file) throws IOException {
    if (channel.tryLock(Long.MAX_VALUE - 1, 1, false) == null) {
      throw inUse(file);
    }
  }

  private static IllegalStateException inUse(Path file) {
    return new IllegalStateException("The task store " + file + " is in use already");
  }

  private FileTaskStore load() throws IOException {
    try {
      byte[] bytes = Channels.newInputStream(lock).readAllBytes();
      size = bytes.length;
      load(new String(bytes, StandardCharsets.UTF_8));
      return this;
    } catch (Throwable e) {
      close();
      throw e;
    }
  }

  private void load(String text) {
    String[] lines = text.split("\r?\n", -1);
    lines[0] = lines[0].startsWith("\ufeff") ? lines[0].substring(1) : lines[0];
    int last = lines.length - 1; // What follows the last line break, usually nothing.
    boolean isTorn = false;
    for (int i = 0; i <= last; i++) {
      if (lines[i].isBlank() || lines[i].startsWith("#")) {
        continue;
      }
      try {
        read(lines[i]);
      } catch (IOException | JsonDataException | IllegalArgumentException | DateTimeException e) {
        isTorn = i == last && isCutOff(lines[i]);
        if (!isTorn && !lines[i].endsWith(TORN)) {
          throw new IllegalStateException(
              path + ", line " + (i + 1) + " is invalid: " + e.getMessage() + ": " + lines[i], e);
        }
        tornLines.add(lines[i]);
      }
    }
    if (!lines[last].isEmpty()) {
      write((isTorn ? TORN : "") + "\n"); // If it is whole, an editor left the line break out.
    }
  }

  /** Whether an object begins and doesn't end. */
  private static boolean isCutOff(String line) {
    int depth = 0;
    boolean isInString = false;
    for (int i = 0; i < line.length(); i++) {
      char c = line.charAt(i);
      if (isInString && c == '\\') {
        i++;
      } else if (c == '"') {
        isInString = !isInString;
      } else if (!isInString && (c == '{' || c == '[')) {
        depth++;
      } else if (!isInString && (c == '}' || c == ']')) {
        depth--;
        if (depth == 0) {
          return false;
        }
      }
    }
    return depth > 0;
  }

  private void read(String line) throws IOException {
    if (line.indexOf(NOT_UTF_8) >= 0) {
      throw new IllegalArgumentException("not UTF-8");
    }
    Map<String, String> members = new HashMap<>();
    try (JsonReader reader = JsonReader.of(new Buffer().writeUtf8(line))) {
      reader.beginObject();
      while (reader.hasNext()) {
        String name = reader.nextName();
        String value =
            switch (name) {
              case "request" -> reader.nextSource().readUtf8();
              case "at", "state", "key", "taskId", "detail" -> reader.nextString();
              default -> throw new IllegalArgumentException("unknown name \"" + name + '"');
            };
        if (members.put(name, value) != null) {
          throw new IllegalArgumentException('"' + name + "\" twice");
        }
      }
      reader.endObject();
      if (reader.peek() != JsonReader.Token.END_DOCUMENT) {
        throw new IllegalArgumentException("something follows the object");
      }
    }
    String key = required("key", members.get("key"));
    String json = members.get("request");
    TaskRecord before = records.get(key);
    GenerateImageRequest request;
    if (json != null) {
      request = GenerateImageRequest.fromJson(json);
    } else if (before != null) {
      request = before.request();
    } else {
      throw new IllegalArgumentException("no request, here or in an earlier line of this key");
    }
    records.put(
        key,
        new TaskRecord(
            state(required("state", members.get("state"))),
            request,
            members.get("taskId"),
            Instant.parse(members.getOrDefault("at", "1970-01-01T00:00:00Z")),
            members.get("detail")));
  }

  private static State state(String name) {
    for (State state : State.values()) {
      if (state.name().equals(name)) {
        return state;
      }
    }
    throw new IllegalArgumentException("no such state, there are " + List.of(State.values()));
  }

  private static String required(String name, @Nullable String value) {
    if (value == null || value.isBlank()) {
      throw new IllegalArgumentException("no " + name);
    }
    return value;
  }

  private static String toLine(String key, TaskRecord record, boolean withRequest) {
    Buffer line = new Buffer();
    try (JsonWriter writer = JsonWriter.of(line)) {
      writer.beginObject();
      writer.name("at").value(record.at().toString());
      writer.name("state").value(record.state().name());
      writer.name("key").value(key);
      writer.name("taskId").value(record.taskId());
      writer.name("detail").value(record.detail());
      if (withRequest) {
        writer.name("request").value(new Buffer().writeUtf8(record.request().toJson()));
      }
      writer.endObject();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return line.writeByte('\n').readUtf8().replace("" + NOT_UTF_8, "\\ufffd");
  }

  private void write(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    try {
      BasicFileAttributes now = attributes(path);
      if (now.size() != size || !identity(path, now).equals(identity)) {
        throw new IllegalStateException(
            path + " was changed by somebody else while this process had it open");
      }
      out.write(bytes);
      size += bytes.length;
    } catch (IOException e) {
      close();
      throw new UncheckedIOException("Can't write " + path + ": " + e, e);
    }
  }

  private void requireOpen() {
    if (!isOpen) {
      throw new IllegalStateException("The task store " + path + " is closed");
    }
  }

  /** The file's name is on the disk, too, where the operating system can force a folder. */
  private static void forceFolder(Path path) {
    try (FileChannel channel = FileChannel.open(path.resolveSibling(""), StandardOpenOption.READ)) {
      channel.force(true);
    } catch (IOException e) { // Windows can't open a folder.
    }
  }
}
