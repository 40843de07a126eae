package ai.mountsea.nanobanana;

import ai.mountsea.nanobanana.api.TaskResult;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiFunction;
import okhttp3.OkHttpClient;
import okio.Buffer;
import okio.BufferedSource;
import okio.ByteString;
import okio.Okio;
import org.jspecify.annotations.Nullable;

/** The images of a result: into memory, or into files under names that no URL can choose. */
final class Images {
  private static final int MAX_NAME = 100;

  private final OkHttpClient okHttpClient;
  private final RetryPolicy retryPolicy;
  private final Engine engine;

  Images(OkHttpClient okHttpClient, RetryPolicy retryPolicy, Engine engine) {
    this.okHttpClient = okHttpClient;
    this.retryPolicy = retryPolicy;
    this.engine = engine;
  }

  List<Image> download(TaskResult result, SaveOptions options) {
    List<Image> images = new ArrayList<>();
    for (int i = 0; i < urls(result).size(); i++) {
      images.add(intoMemory(result, i, options).run());
    }
    return images;
  }

  CompletableFuture<List<Image>> downloadAsync(TaskResult result, SaveOptions options) {
    return inTurn(urls(result).size(), (i, before) -> intoMemory(result, i, options).start());
  }

  List<Path> save(TaskResult result, Path folder, SaveOptions options) {
    List<Path> files = new ArrayList<>();
    for (int i = 0; i < urls(result).size(); i++) {
      Path there = fileThere(result, i, folder, options, files);
      files.add(there != null ? there : intoFile(result, i, folder, options, files).run());
    }
    return files;
  }

  CompletableFuture<List<Path>> saveAsync(TaskResult result, Path folder, SaveOptions options) {
    return inTurn(
        urls(result).size(),
        (i, before) -> {
          Path there = fileThere(result, i, folder, options, before);
          return there != null
              ? CompletableFuture.completedFuture(there)
              : intoFile(result, i, folder, options, before).start();
        });
  }

  private static List<String> urls(TaskResult result) {
    if (result.imageUrls().isEmpty()) {
      throw new ImageDownloadException(
          "Task "
              + result.taskId()
              + " is "
              + result.status()
              + " and has no image to download. Pass on what await returns.",
          result.taskId(),
          List.of(),
          null);
    }
    return result.imageUrls();
  }

  private Retried<Image> intoMemory(TaskResult result, int index, SaveOptions options) {
    return retried(result, index, options, List.of(), MemoryTarget::new);
  }

  private Retried<Path> intoFile(
      TaskResult result, int index, Path folder, SaveOptions options, List<Path> before) {
    String name = fileName(result, index);
    return retried(
        result, index, options, List.copyOf(before), () -> FileTarget.open(folder, name, options));
  }

  private <R> Retried<R> retried(
      TaskResult result,
      int index,
      SaveOptions options,
      List<Path> before,
      Download.Targets<R> targets) {
    Download<R> download =
        new Download<>(
            okHttpClient,
            engine.timer().clock(),
            options,
            result.taskId(),
            index + 1,
            result.imageUrls().get(index),
            before,
            targets);
    return new Retried<>(download, retryPolicy, engine);
  }

  /** One step after the other; the future that is returned ends the step under way. */
  private static <R> CompletableFuture<List<R>> inTurn(
      int steps, BiFunction<Integer, List<R>, CompletableFuture<R>> step) {
    Sequence<List<R>> sequence = new Sequence<>();
    next(sequence, steps, step, new ArrayList<>());
    return sequence.future();
  }

  private static <R> void next(
      Sequence<List<R>> sequence,
      int steps,
      BiFunction<Integer, List<R>, CompletableFuture<R>> step,
      List<R> done) {
    if (done.size() == steps) {
      sequence.complete(done);
      return;
    }
    sequence.then(
        () -> step.apply(done.size(), done),
        value -> {
          done.add(value);
          next(sequence, steps, step, done);
        });
  }

  /** The file that an image was saved to before; null if it wasn't, or is to be replaced. */
  private static @Nullable Path fileThere(
      TaskResult result, int index, Path folder, SaveOptions options, List<Path> before) {
    if (options.overwrite()) {
      return null;
    }
    for (ImageFormat format : ImageFormat.values()) {
      Path file = folder.resolve(fileName(result, index) + "." + format.extension());
      if (Files.exists(file)) {
        if (isImage(file)) {
          return file;
        }
        throw new ImageDownloadException(
            "Image "
                + (index + 1)
                + " of task "
                + result.taskId()
                + " was not saved: "
                + file
                + " exists and is not an image. SaveOptions.DEFAULT.withOverwrite(true) replaces it.",
            result.taskId(),
            before,
            null);
      }
    }
    return null;
  }

  private static boolean isImage(Path file) {
    try (BufferedSource source = Okio.buffer(Okio.source(file))) {
      source.request(ImageFormat.HEAD);
      return ImageFormat.of(source.getBuffer().snapshot()) != null;
    } catch (IOException e) {
      return false;
    }
  }

  private static String fileName(TaskResult result, int index) {
    return fileName(result.taskId()) + "-" + (index + 1);
  }

  /**
   * The task id, which is opaque, as a name that stays in its folder on every file system. One that
   * has to be changed for that gets a hash, so that no two ids share a name, not even where a file
   * system ignores case.
   */
  static String fileName(String taskId) {
    String safe = taskId.replaceAll("[^A-Za-z0-9_-]", "_");
    if (safe.equals(taskId)
        && safe.length() <= MAX_NAME
        && safe.chars().noneMatch(Images::isUpper)) {
      return safe;
    }
    String hash = ByteString.encodeUtf8(taskId).sha256().hex().substring(0, 16);
    return safe.substring(0, Math.min(safe.length(), MAX_NAME)) + "-" + hash;
  }

  private static boolean isUpper(int c) {
    return c >= 'A' && c <= 'Z';
  }

  private static final class MemoryTarget implements Download.Target<Image> {
    private final Buffer image = new Buffer();

    @Override
    public void write(Buffer bytes) {
      image.write(bytes, bytes.size());
    }

    @Override
    public Image keep(ImageFormat format) {
      return new Image(image.readByteString(), format);
    }

    @Override
    public void close() {
      image.clear();
    }
  }

  /** Writes beside the file, forces it to the disk, and then gives it its name. */
  private static final class FileTarget implements Download.Target<Path> {
    private final Path folder;
    private final String name;
    private final boolean overwrite;
    private final Path part;
    private final OutputStream out;

    private FileTarget(Path folder, String name, boolean overwrite) throws IOException {
      this.folder = folder;
      this.name = name;
      this.overwrite = overwrite;
      Files.createDirectories(folder);
      this.part = folder.resolve("." + name + "-" + UUID.randomUUID() + ".part");
      this.out =
          Files.newOutputStream(part, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
    }

    static FileTarget open(Path folder, String name, SaveOptions options) throws IOException {
      return new FileTarget(folder, name, options.overwrite());
    }

    @Override
    public void write(Buffer bytes) throws IOException {
      bytes.writeTo(out);
    }

    @Override
    public Path keep(ImageFormat format) throws IOException {
      out.close();
      force(part, StandardOpenOption.WRITE);
      Path file = folder.resolve(name + "." + format.extension());
      if (overwrite && !Files.isDirectory(file)) {
        Files.move(part, file, StandardCopyOption.REPLACE_EXISTING);
      } else {
        try {
          Files.move(part, file);
        } catch (FileAlreadyExistsException e) {
          if (!isImage(file)) {
            throw e;
          }
          return file; // Somebody else saved it meanwhile.
        }
      }
      forceFolder();
      return file;
    }

    /** The name is on the disk, too, where the operating system can force a folder. */
    private void forceFolder() {
      try {
        force(folder, StandardOpenOption.READ);
      } catch (IOException e) { // Windows can't open a folder.
      }
    }

    private static void force(Path path, OpenOption option) throws IOException {
      try (FileChannel channel = FileChannel.open(path, option)) {
        channel.force(true);
      }
    }

    @Override
    public void close() {
      try {
        out.close();
        Files.deleteIfExists(part);
      } catch (IOException e) { // What matters was reported before.
      }
    }
  }
}
