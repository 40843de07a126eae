package ai.mountsea.nanobanana;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.DoubleSupplier;

/** What everything that is pending in one client shares: threads, time, and the client's end. */
final class Engine {
  private final CallThreads calls;
  private final CallThreads completions;
  private final Timer timer;
  private final DoubleSupplier random;
  private final Set<Pending<?>> pending = ConcurrentHashMap.newKeySet();
  private volatile boolean isClosed;

  /**
   * Makes an engine.
   *
   * @param calls where calls are made
   * @param completions where a caller is told that a deadline passed or the client was closed
   * @param timer for pauses and deadlines
   * @param random for jitter, from 0 to 1
   */
  Engine(CallThreads calls, CallThreads completions, Timer timer, DoubleSupplier random) {
    this.calls = calls;
    this.completions = completions;
    this.timer = timer;
    this.random = random;
  }

  CallThreads calls() {
    return calls;
  }

  CallThreads completions() {
    return completions;
  }

  Timer timer() {
    return timer;
  }

  double random() {
    return random.getAsDouble();
  }

  boolean isClosed() {
    return isClosed;
  }

  /** Ends it with this client, now if the client is closed. */
  void add(Pending<?> added) {
    pending.add(added);
    if (isClosed) {
      end(added);
    }
  }

  void remove(Pending<?> removed) {
    pending.remove(removed);
  }

  /** Ends everything that is pending; false if that was done before. */
  synchronized boolean close() {
    boolean isFirst = !isClosed;
    isClosed = true;
    pending.forEach(Engine::end);
    return isFirst;
  }

  private static void end(Pending<?> ended) {
    ended.end("The client was closed", new IllegalStateException("This NanoBanana is closed"));
  }
}
