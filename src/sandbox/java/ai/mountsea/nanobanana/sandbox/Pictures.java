package ai.mountsea.nanobanana.sandbox;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Consumer;

/** Paints each picture once, on few threads, and keeps the newest ones. */
final class Pictures implements AutoCloseable {
  private static final int MAX_BYTES = 32 * 1024 * 1024;

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
  private final Map<Painter.Subject, List<Consumer<byte[]>>> waiting = new HashMap<>();
  private long keptBytes;

  /** Gives the PNG of a subject to a consumer, at once or later on a painter's thread. */
  void paint(Painter.Subject subject, Consumer<byte[]> consumer) {
    byte[] png;
    synchronized (this) {
      png = kept.get(subject);
      if (png == null) {
        List<Consumer<byte[]>> consumers = waiting.get(subject);
        if (consumers != null) {
          consumers.add(consumer);
          return;
        }
        waiting.put(subject, new ArrayList<>(List.of(consumer)));
        threads.execute(() -> paintNow(subject));
        return;
      }
    }
    consumer.accept(png);
  }

  private void paintNow(Painter.Subject subject) {
    byte[] png = painter.paint(subject);
    List<Consumer<byte[]>> consumers;
    synchronized (this) {
      kept.put(subject, png);
      keptBytes += png.length;
      var eldest = kept.values().iterator();
      while (keptBytes > MAX_BYTES && kept.size() > 1) {
        keptBytes -= eldest.next().length;
        eldest.remove();
      }
      consumers = waiting.remove(subject);
    }
    if (consumers != null) {
      consumers.forEach(consumer -> consumer.accept(png));
    }
  }

  @Override
  public void close() {
    threads.shutdownNow();
  }
}
