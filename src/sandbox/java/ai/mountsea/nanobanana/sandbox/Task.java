package ai.mountsea.nanobanana.sandbox;

import ai.mountsea.nanobanana.api.GenerateImageRequest;
import java.time.OffsetDateTime;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A task. Not safe for use by several threads; {@link Memory} guards it. */
final class Task {
  final String id;
  final GenerateImageRequest request;
  final Behavior behavior;
  final List<Painter.Source> sources;
  final OffsetDateTime createdAt;
  final long size;
  @Nullable OffsetDateTime finishedAt;
  int reads;

  /**
   * Makes a task.
   *
   * @param sources the images that it edits, as far as they are the sandbox's own
   * @param size about how many bytes it keeps, without its behavior; 0 if nobody submitted it
   */
  Task(
      String id,
      GenerateImageRequest request,
      Behavior behavior,
      List<Painter.Source> sources,
      OffsetDateTime createdAt,
      long size) {
    this.id = id;
    this.request = request;
    this.behavior = behavior;
    this.sources = sources;
    this.createdAt = createdAt;
    this.size = size;
  }

  /** The status that the read of this number finds, counted from 0. */
  String status(int read) {
    if (read >= behavior.reads()) {
      return behavior.status();
    }
    return read == 0 ? "pending" : "processing";
  }
}
