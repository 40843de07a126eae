package ai.mountsea.nanobanana;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.DoubleSupplier;
import okhttp3.ConnectionPool;
import okhttp3.OkHttpClient;
import org.jspecify.annotations.Nullable;

/** Connections, threads and time, which clients that are derived from one another share. */
final class Transport {
  /** What a builder sets. */
  static final class Settings {
    @Nullable OkHttpClient okHttpClient;
    Consumer<OkHttpClient.Builder> configuration = builder -> {};
    @Nullable Duration connectTimeout;
    @Nullable Duration callTimeout;
    int maxConcurrentCalls = 20;
    @Nullable Timer timer;

    Settings copy() {
      Settings copy = new Settings();
      copy.okHttpClient = okHttpClient;
      copy.configuration = configuration;
      copy.connectTimeout = connectTimeout;
      copy.callTimeout = callTimeout;
      copy.maxConcurrentCalls = maxConcurrentCalls;
      copy.timer = timer;
      return copy;
    }
  }

  /** What is made once and shared. */
  private static final class Shared {
    final AtomicInteger users = new AtomicInteger(1);
    final OkHttpClient okHttpClient;
    final ConnectionPool readConnections;
    final boolean ownsConnections;
    final CallThreads calls;
    final CallThreads completions;
    final Timer timer;

    Shared(Settings settings) {
      OkHttpClient usersOwn = settings.okHttpClient;
      ownsConnections = usersOwn == null;
      okHttpClient = usersOwn == null ? ownOkHttpClient(settings) : usersOwn;
      readConnections =
          ownsConnections
              ? new ConnectionPool(settings.maxConcurrentCalls, 1, TimeUnit.MINUTES)
              : okHttpClient.connectionPool();
      calls = new CallThreads(settings.maxConcurrentCalls);
      completions = new CallThreads(1);
      timer = settings.timer == null ? Timer.system() : settings.timer;
    }

    /** False if it is closed already. */
    boolean retain() {
      return users.getAndUpdate(count -> count == 0 ? 0 : count + 1) > 0;
    }

    void release() {
      if (users.decrementAndGet() > 0) {
        return;
      }
      calls.close();
      completions.close();
      timer.close();
      if (ownsConnections) {
        okHttpClient.connectionPool().evictAll();
        readConnections.evictAll();
      }
    }
  }

  private final Shared shared;
  private final OkHttpClient submits;
  private final OkHttpClient reads;
  private final OkHttpClient downloads;

  Transport(Settings settings) {
    this(settings, new Shared(settings));
  }

  private Transport(Settings settings, Shared shared) {
    this.shared = shared;
    OkHttpClient.Builder builder = shared.okHttpClient.newBuilder();
    settings.configuration.accept(builder);
    if (settings.connectTimeout != null) {
      builder.connectTimeout(settings.connectTimeout);
    }
    if (settings.callTimeout != null) {
      builder
          .callTimeout(settings.callTimeout)
          .readTimeout(settings.callTimeout)
          .writeTimeout(settings.callTimeout);
    }
    OkHttpClient configured = builder.build();
    submits = forApi(configured);
    reads =
        shared.ownsConnections
            ? submits.newBuilder().connectionPool(shared.readConnections).build()
            : submits;
    downloads = forDownloads(configured);
  }

  /** Another one with the same connections, threads and time, unless these are closed. */
  Transport derive(Settings settings) {
    return shared.retain() ? new Transport(settings, shared) : new Transport(settings);
  }

  Engine newEngine(DoubleSupplier random) {
    return new Engine(shared.calls, shared.completions, shared.timer, random);
  }

  /** Makes calls that must not be repeated. */
  OkHttpClient submits() {
    return submits;
  }

  /** Makes calls that can be repeated. */
  OkHttpClient reads() {
    return reads;
  }

  /** Downloads images. */
  OkHttpClient downloads() {
    return downloads;
  }

  /** Closes what is shared when nobody uses it any more. */
  void release() {
    shared.release();
  }

  /**
   * As many idle connections as calls, so that none is closed only to be opened again. None is idle
   * for longer than servers leave them open (5 seconds is a common minimum), since a submit that
   * meets a connection just being closed has an unknown outcome. Reads have connections of their
   * own, which stay open between two polls.
   */
  private static OkHttpClient ownOkHttpClient(Settings settings) {
    return new OkHttpClient.Builder()
        .connectionPool(new ConnectionPool(settings.maxConcurrentCalls, 4, TimeUnit.SECONDS))
        .connectTimeout(Duration.ofSeconds(10))
        .callTimeout(Duration.ofSeconds(60))
        .readTimeout(Duration.ofSeconds(60))
        .writeTimeout(Duration.ofSeconds(60))
        .build();
  }

  private static OkHttpClient forApi(OkHttpClient okHttpClient) {
    OkHttpClient.Builder builder =
        okHttpClient
            .newBuilder()
            .followRedirects(false)
            .followSslRedirects(false)
            .addInterceptor(new Exchange.Recorder(okHttpClient.networkInterceptors().isEmpty()));
    if (!okHttpClient.networkInterceptors().isEmpty()) {
      builder.addNetworkInterceptor(new Exchange.NetworkRecorder());
    }
    // A limit on each read and write costs time, and does nothing where the call's is no longer.
    int callTimeout = okHttpClient.callTimeoutMillis();
    if (callTimeout > 0 && callTimeout <= okHttpClient.readTimeoutMillis()) {
      builder.readTimeout(Duration.ZERO);
    }
    if (callTimeout > 0 && callTimeout <= okHttpClient.writeTimeoutMillis()) {
      builder.writeTimeout(Duration.ZERO);
    }
    return builder.build();
  }

  /** A download has a limit of its own as a whole; one that stands still ends earlier. */
  private static OkHttpClient forDownloads(OkHttpClient okHttpClient) {
    OkHttpClient.Builder builder = okHttpClient.newBuilder().callTimeout(Duration.ZERO);
    if (okHttpClient.readTimeoutMillis() == 0) {
      builder.readTimeout(Duration.ofSeconds(60));
    }
    return builder.build();
  }
}
