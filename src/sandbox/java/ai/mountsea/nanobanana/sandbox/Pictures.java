package ai.mountsea.nanobanana.sandbox;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;

/** Paints each picture once, on few threads, and keeps the newest ones. */
final class Pictures implements AutoCloseable {
  private static final int MAX_BYTES = 32 * 1024 * 1024;

  private final int maxBytes;
  private final Painter painter = new Painter();
  private final ExecutorService threads =
      Executors.newFixedThreadPool(
          Math.max(1, Math.min(4, Runtime.getRuntime().availableProcessors())),
          task -> {
            Thread thread = new Thread(task, "nano-banana-sandbox-painter");
            thread.setDaemon(true);
            return thread;
          });
  private final Map<Painter.Subject, byte[]> kept = new LinkedHashMap<>(16, 0.75f, true);
  private final Map<Painter.Subject, CompletableFuture<byte[]>> painting = new HashMap<>();
  private long keptBytes;

  Pictures() {
    this(MAX_BYTES);
  }

  /** Keeps as many bytes of pictures. */
  Pictures(int maxBytes) {
    this.maxBytes = maxBytes;
  }

  /** Returns the PNG of a subject, completed on a painter's thread unless it was kept. */
  synchronized CompletableFuture<byte[]> paint(Painter.Subject subject) {
    byte[] png = kept.get(subject);
    if (png != null) {
      return CompletableFuture.completedFuture(png);
    }
    CompletableFuture<byte[]> painted = painting.get(subject);
    if (painted == null) {
      painted = CompletableFuture.supplyAsync(() -> painter.paint(subject), threads);
      painting.put(subject, painted);
      painted = painted.whenComplete((done, failure) -> keep(subject, done));
    }
    return painted;
  }

  private synchronized void keep(Painter.Subject subject, byte @Nullable [] png) {
    painting.remove(subject);
    if (png == null) {
      return;
    }
    kept.put(subject, png);
    keptBytes += png.length;
    var eldest = kept.values().iterator();
    while (keptBytes > maxBytes && kept.size() > 1) {
      keptBytes -= eldest.next().length;
      eldest.remove();
    }
  }

  @Override
  public void close() {
    threads.shutdownNow();
  }
}
