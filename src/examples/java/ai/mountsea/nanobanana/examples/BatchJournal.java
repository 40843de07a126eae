package ai.mountsea.nanobanana.examples;

import com.squareup.moshi.JsonAdapter;
import com.squareup.moshi.Moshi;
import com.squareup.moshi.Types;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What is known of each prompt of a {@link Batch}, in a file that only grows. Each line is an array
 * of a step, a prompt and a detail; the last one about a prompt holds. A line is on the disk when
 * {@link #write} returns. One process at a time has the file.
 */
final class BatchJournal implements AutoCloseable {
  /** How far a prompt has come. */
  enum Step {
    /** It is being submitted. If that is the last word of a process that died: perhaps it was. */
    SUBMITTING,
    /** It has no task, and may be submitted. The detail says why. */
    NOT_SUBMITTED,
    /** It has a task. The detail is the task id. */
    TASK,
    /** Its task failed. The detail says why. */
    FAILED,
    /** Its image is saved. The detail says where. */
    SAVED
  }

  record Entry(Step step, String detail) {}

  private static final JsonAdapter<List<String>> LINE =
      new Moshi.Builder().build().adapter(Types.newParameterizedType(List.class, String.class));

  private final FileChannel file;
  private final Map<String, Entry> last = new HashMap<>();

  BatchJournal(Path path) throws IOException {
    file =
        FileChannel.open(
            path, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
    if (file.tryLock() == null) {
      file.close();
      throw new IllegalStateException("Another batch has " + path);
    }
    byte[] bytes = Channels.newInputStream(file).readAllBytes();
    int end = bytes.length;
    while (end > 0 && bytes[end - 1] != '\n') {
      end--; // What comes after the last line was being written when a process died.
    }
    new String(bytes, 0, end, StandardCharsets.UTF_8).lines().forEach(line -> read(line, path));
    file.truncate(end).position(end);
  }

  private void read(String line, Path path) {
    try {
      List<String> entry = LINE.fromJson(line);
      last.put(entry.get(1), new Entry(Step.valueOf(entry.get(0)), entry.get(2)));
    } catch (IOException | RuntimeException e) {
      close();
      throw new IllegalStateException(path + " has a line that can't be read: " + line, e);
    }
  }

  synchronized @Nullable Entry last(String prompt) {
    return last.get(prompt);
  }

  synchronized void write(Step step, String prompt, String detail) {
    String line = LINE.toJson(List.of(step.name(), prompt, detail)) + "\n";
    ByteBuffer bytes = StandardCharsets.UTF_8.encode(line);
    try {
      while (bytes.hasRemaining()) {
        file.write(bytes);
      }
      file.force(true);
    } catch (IOException e) {
      close(); // Nothing may follow half a line.
      throw new UncheckedIOException(e);
    }
    last.put(prompt, new Entry(step, detail));
  }

  @Override
  public void close() {
    try {
      file.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
