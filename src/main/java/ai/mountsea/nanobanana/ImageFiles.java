package ai.mountsea.nanobanana;

import ai.mountsea.nanobanana.api.TaskResult;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import okhttp3.HttpUrl;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.Response;
import okio.BufferedSink;
import okio.BufferedSource;
import okio.ByteString;
import okio.Okio;
import org.jspecify.annotations.Nullable;

/** Downloads the images of a result: whole, as images, under names that no URL can choose. */
final class ImageFiles {
  private static final int HEAD = 12;
  private static final int MAX_NAME = 100;

  private final OkHttpClient okHttpClient;
  private final Retries retries;

  ImageFiles(OkHttpClient okHttpClient, Retries retries) {
    this.okHttpClient = okHttpClient;
    this.retries = retries;
  }

  List<Path> save(TaskResult result, Path folder, Saving saving) {
    List<String> urls = result.imageUrls();
    if (urls.isEmpty()) {
      throw new ImageNotSavedException(
          "Task "
              + result.taskId()
              + " is "
              + result.status()
              + " and has no image to save. Save what await returns.",
          false,
          null);
    }
    List<Path> files = new ArrayList<>();
    for (String url : urls) {
      String name = fileName(result.taskId()) + "-" + (files.size() + 1);
      files.add(retries.run(() -> save(url, folder, name, saving)));
    }
    return files;
  }

  private Path save(String url, Path folder, String name, Saving saving) {
    HttpUrl httpUrl = HttpUrl.get(url);
    Request request =
        new Request.Builder().url(httpUrl).header("User-Agent", ApiCalls.USER_AGENT).build();
    try (Response response = okHttpClient.newCall(request).execute()) {
      if (!response.isSuccessful()) {
        boolean passing =
            response.code() >= 500 || response.code() == 408 || response.code() == 429;
        throw notSaved(name, httpUrl.host() + " answered HTTP " + response.code(), passing, null);
      }
      return store(response.body().source(), folder, name, saving);
    } catch (FileSystemException e) {
      throw notSaved(name, "the file can't be written: " + e, false, e);
    } catch (IOException e) {
      throw notSaved(name, "the download from " + httpUrl.host() + " failed: " + e, true, e);
    }
  }

  private static Path store(BufferedSource source, Path folder, String name, Saving saving)
      throws IOException {
    source.request(HEAD);
    String extension = extension(source.getBuffer().snapshot());
    if (extension == null) {
      throw notSaved(name, "what came is not an image", false, null);
    }
    Path file = folder.resolve(name + "." + extension);
    if (Files.exists(file) && !saving.overwrite()) {
      throw notSaved(
          name, file + " exists; Saving.DEFAULT.withOverwrite(true) replaces it", false, null);
    }
    Files.createDirectories(folder);
    Path part = folder.resolve("." + name + "-" + UUID.randomUUID() + ".part");
    try {
      copy(source, part, name, saving.maxBytes());
      if (saving.overwrite()) {
        Files.move(part, file, StandardCopyOption.REPLACE_EXISTING);
      } else {
        Files.move(part, file);
      }
      return file;
    } finally {
      Files.deleteIfExists(part);
    }
  }

  private static void copy(BufferedSource source, Path part, String name, long maxBytes)
      throws IOException {
    try (BufferedSink sink = Okio.buffer(Okio.sink(part, StandardOpenOption.CREATE_NEW))) {
      long size = 0;
      for (long read; (read = source.read(sink.getBuffer(), 8192)) != -1; ) {
        size += read;
        if (size > maxBytes) {
          throw notSaved(
              name, "it is larger than " + maxBytes + " bytes; raise maxBytes", false, null);
        }
        sink.emitCompleteSegments();
      }
    }
  }

  /** The file extension for an image that begins so; null if it is no image. */
  private static @Nullable String extension(ByteString head) {
    if (head.startsWith(ByteString.decodeHex("89504e470d0a1a0a"))) {
      return "png";
    }
    if (head.startsWith(ByteString.decodeHex("ffd8ff"))) {
      return "jpg";
    }
    if (head.startsWith(ByteString.encodeUtf8("GIF8"))) {
      return "gif";
    }
    if (head.startsWith(ByteString.encodeUtf8("RIFF"))
        && head.rangeEquals(8, ByteString.encodeUtf8("WEBP"), 0, 4)) {
      return "webp";
    }
    if (head.rangeEquals(4, ByteString.encodeUtf8("ftypavif"), 0, 8)) {
      return "avif";
    }
    return null;
  }

  /**
   * The task id, which is opaque, as a name that stays in its folder on every file system. One that
   * has to be changed for that gets a hash, so that no two ids share a name.
   */
  private static String fileName(String taskId) {
    String safe = taskId.replaceAll("[^A-Za-z0-9_-]", "_");
    if (safe.equals(taskId) && safe.length() <= MAX_NAME) {
      return safe;
    }
    String hash = ByteString.encodeUtf8(taskId).sha256().hex().substring(0, 8);
    return safe.substring(0, Math.min(safe.length(), MAX_NAME)) + "-" + hash;
  }

  private static ImageNotSavedException notSaved(
      String name, String why, boolean isTransient, @Nullable Throwable cause) {
    return new ImageNotSavedException(
        "Image " + name + " was not saved: " + why + ".", isTransient, cause);
  }
}
