package ai.mountsea.nanobanana;

import static java.net.HttpURLConnection.HTTP_PARTIAL;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import okhttp3.Call;
import okhttp3.HttpUrl;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.Response;
import okhttp3.ResponseBody;
import okio.Buffer;
import okio.BufferedSource;
import okio.ByteString;
import org.jspecify.annotations.Nullable;

/**
 * Downloads one image: whole, and an image. The API key is not sent.
 *
 * @param <R> what becomes of the image
 */
final class Download<R> implements Operation<R> {
  private static final int CHUNK = 8192;

  /** Where the bytes go. It is used for one attempt. */
  interface Target<R> extends AutoCloseable {
    /** Takes and removes the bytes of a buffer. */
    void write(Buffer bytes) throws IOException;

    /** Keeps the image, now that it is whole. */
    R keep(ImageFormat format) throws IOException;

    /** Leaves nothing behind, unless the image was kept. */
    @Override
    void close();
  }

  /** Opens targets. */
  interface Targets<R> {
    Target<R> open() throws IOException;
  }

  private final OkHttpClient okHttpClient;
  private final Clock clock;
  private final SaveOptions options;
  private final String taskId;
  private final int number;
  private final String url;
  private final List<Path> saved;
  private final Targets<R> targets;

  /**
   * Makes the operation.
   *
   * @param number which of the task's images it is, from 1
   * @param saved the task's images that were saved before it
   */
  Download(
      OkHttpClient okHttpClient,
      Clock clock,
      SaveOptions options,
      String taskId,
      int number,
      String url,
      List<Path> saved,
      Targets<R> targets) {
    this.okHttpClient = okHttpClient;
    this.clock = clock;
    this.options = options;
    this.taskId = taskId;
    this.number = number;
    this.url = url;
    this.saved = saved;
    this.targets = targets;
  }

  @Override
  public Attempt<R> newAttempt() {
    HttpUrl httpUrl = HttpUrl.parse(url);
    if (httpUrl == null) {
      throw failed("its URL is not an absolute http or https URL", false, null, null);
    }
    Call call =
        okHttpClient.newCall(
            new Request.Builder().url(httpUrl).header("User-Agent", ApiCalls.USER_AGENT).build());
    call.timeout().timeout(Durations.nanos(options.timeout()), TimeUnit.NANOSECONDS);
    return new DownloadAttempt(call);
  }

  @Override
  public NanoBananaException notAttempted(String why, Throwable cause) {
    return failed(why, false, null, cause);
  }

  @Override
  public NanoBananaException broken(Throwable cause) {
    return failed("this library failed: " + cause, false, null, cause);
  }

  private ImageDownloadException failed(
      String why, boolean isTransient, @Nullable Duration retryAfter, @Nullable Throwable cause) {
    return new ImageDownloadException(
        "Image " + number + " of task " + taskId + " could not be downloaded: " + why + ".",
        taskId,
        saved,
        isTransient,
        retryAfter,
        cause);
  }

  private final class DownloadAttempt implements Attempt<R> {
    private final Call call;

    DownloadAttempt(Call call) {
      this.call = call;
    }

    @Override
    public R run() throws IOException {
      try (Response response = call.execute()) {
        if (!response.isSuccessful() || response.code() == HTTP_PARTIAL) {
          throw refused(response);
        }
        return copy(response);
      }
    }

    @Override
    public R settle(String why, Throwable cause) {
      throw failed(
          "the call to " + call.request().url().host() + " failed: " + why,
          cause instanceof IOException,
          null,
          cause);
    }

    @Override
    public void cancel() {
      call.cancel();
    }

    private ImageDownloadException refused(Response response) {
      int status = response.code();
      String host = response.request().url().host();
      return switch (status) {
        case 401, 403, 404, 410 ->
            failed(
                host
                    + " answered HTTP "
                    + status
                    + ". The URLs of images expire; read the result of the task again, which may"
                    + " have new ones",
                false,
                null,
                null);
        default ->
            failed(
                host + " answered HTTP " + status,
                status >= 500 || status == 408 || status == 429 || status == HTTP_PARTIAL,
                ServiceResponse.retryAfter(response.headers(), clock),
                null);
      };
    }

    private R copy(Response response) throws IOException {
      ResponseBody body = response.body();
      BufferedSource source = body.source();
      source.request(ImageFormat.HEAD);
      Buffer begun = source.getBuffer();
      ByteString head = begun.snapshot((int) Math.min(begun.size(), ImageFormat.HEAD));
      ImageFormat format = ImageFormat.of(head);
      if (format == null) {
        throw failed("the download is not a PNG, JPEG, GIF, WebP or AVIF image", false, null, null);
      }
      if (body.contentLength() > options.maxBytes()) {
        throw tooLarge();
      }
      Target<R> target;
      try {
        target = targets.open();
      } catch (IOException e) {
        throw notWritten(e);
      }
      try (target) {
        ImageEnd end = new ImageEnd(format, head);
        Buffer chunk = new Buffer();
        while (source.read(chunk, CHUNK) != -1) {
          end.add(chunk);
          if (end.size() > options.maxBytes()) {
            throw tooLarge();
          }
          try {
            target.write(chunk);
          } catch (IOException e) {
            throw notWritten(e);
          }
        }
        if (!end.isReached()) {
          throw failed("it ends early, after " + end.size() + " bytes", true, null, null);
        }
        try {
          return target.keep(format);
        } catch (IOException e) {
          throw notWritten(e);
        }
      }
    }

    private ImageDownloadException tooLarge() {
      return failed(
          "it is larger than " + options.maxBytes() + " bytes; raise maxBytes to accept it",
          false,
          null,
          null);
    }

    private ImageDownloadException notWritten(IOException e) {
      return failed("it can't be written: " + e, false, null, e);
    }
  }
}
