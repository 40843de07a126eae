package ai.mountsea.nanobanana.ledger;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/**
 * What is done with one client against one server, drawn from a seed: the same seed draws the same
 * scenario. How its threads interleave is up to the machine.
 *
 * @param okHttp whose OkHttpClient makes the calls, and what its interceptors do
 * @param callTimeoutMillis 0 for none
 * @param close when the client is closed; null when only after all calls have ended
 * @param connectionFaults whether the server also drops connections before it has read a request
 */
record Scenario(
    long seed,
    Wire wire,
    OkHttp okHttp,
    int maxConcurrentCalls,
    String apiKey,
    int callTimeoutMillis,
    int waitTimeoutMillis,
    int maxAttempts,
    int baseDelayMillis,
    @Nullable Moment close,
    boolean connectionFaults,
    List<Call> calls) {

  private static final int TIGHT = 400;
  private static final int GENEROUS = 120_000;

  enum Wire {
    HTTP_1,
    TLS_HTTP_1,
    TLS_HTTP_2
  }

  enum OkHttp {
    OF_THE_LIBRARY,
    OF_THE_USER,
    /** Buffers the body to learn its length, as OkHttp's own recipe does. */
    BUFFERING,
    /** Wraps the body to report its progress, as OkHttp's own recipe does. */
    REPORTING,
    /** Buffers the body and sends it up to three times. */
    RETRYING,
    SLEEPING,
    /** Throws before or after the call, now and then. */
    THROWING,
    /** Its EventListener throws at callStart, now and then. */
    LISTENING;

    boolean mayFail() {
      return this == RETRYING || this == THROWING || this == LISTENING;
    }
  }

  enum Kind {
    SUBMIT,
    SUBMIT_ASYNC,
    AWAIT,
    AWAIT_ASYNC,
    /** submitAsync(request).thenApply(id -> await(id)) */
    CHAINED;

    boolean submits() {
      return this == SUBMIT || this == SUBMIT_ASYNC || this == CHAINED;
    }

    boolean waits() {
      return this == AWAIT || this == AWAIT_ASYNC || this == CHAINED;
    }

    boolean isAsync() {
      return this == SUBMIT_ASYNC || this == AWAIT_ASYNC || this == CHAINED;
    }
  }

  /** What the server does with a POST that it has received whole. */
  enum Post {
    CREATED,
    CREATED_SLOWLY,
    NUMERIC_ID,
    NESTED_ID,
    GARBAGE_AFTER_THE_ID,
    /** The id has come when the connection breaks, the end of the body has not. */
    TAIL_MISSING,
    /** The connection breaks in the middle of the id. */
    ID_CUT,
    NOT_JSON,
    NOT_HTTP,
    DROPPED,
    SILENT,
    ERROR_500,
    UNAVAILABLE_RETRY_AFTER_0,
    REDIRECT_307,
    BAD_REQUEST,
    /** A message that is a number too large for many a parser. */
    BAD_REQUEST_ODD_BODY,
    UNAUTHORIZED_BODY_CUT,
    TIMEOUT_408,
    RATE_LIMITED,
    RATE_LIMITED_RETRY_AFTER_0,
    RATE_LIMITED_RETRY_AFTER_1,
    RATE_LIMITED_RETRY_AFTER_3600;

    /** Only these statuses say that there is no task. */
    boolean refuses() {
      return isRateLimit()
          || this == BAD_REQUEST
          || this == BAD_REQUEST_ODD_BODY
          || this == UNAUTHORIZED_BODY_CUT;
    }

    boolean isRateLimit() {
      return name().startsWith("RATE_LIMITED");
    }

    /** Whether the reply carries a task id that a client can find. */
    boolean carriesId() {
      return switch (this) {
        case CREATED, CREATED_SLOWLY, NUMERIC_ID, NESTED_ID, GARBAGE_AFTER_THE_ID, TAIL_MISSING ->
            true;
        default -> false;
      };
    }

    boolean breaksTheConnection() {
      return switch (this) {
        case TAIL_MISSING, ID_CUT, DROPPED, UNAUTHORIZED_BODY_CUT -> true;
        default -> false;
      };
    }
  }

  /** What the server does when it is asked for a task. */
  enum Read {
    PENDING,
    PENDING_SLOWLY,
    COMPLETED,
    /** With a traceId that is a number and an errorMessage that is an object. */
    COMPLETED_ODD_FIELDS,
    FAILED,
    NOT_FOUND,
    ERROR_500,
    /** A message that is a number too large for many a parser. */
    ERROR_500_ODD_BODY,
    UNAVAILABLE_RETRY_AFTER_0,
    RATE_LIMITED_RETRY_AFTER_0,
    NOT_JSON,
    DROPPED,
    CUT,
    SILENT;

    boolean breaksTheConnection() {
      return this == DROPPED || this == CUT;
    }
  }

  /** What OkHttp tells of a call while it is under way. */
  enum Event {
    CALL_START,
    CONNECT_START,
    CONNECTION_ACQUIRED,
    REQUEST_HEADERS_START,
    REQUEST_BODY_START,
    /** Only where the interceptor reports progress. */
    REQUEST_BODY_HALF_WRITTEN,
    REQUEST_BODY_END,
    RESPONSE_HEADERS_START,
    RESPONSE_BODY_START,
    RESPONSE_BODY_END
  }

  /**
   * When something happens: at an event of a call, once so many POSTs have come whole, or so long
   * after the start.
   */
  record Moment(@Nullable Event event, int posts, int micros) {
    static Moment draw(Random random, int calls) {
      return random.nextBoolean()
          ? new Moment(null, 1 + random.nextInt(calls), 0)
          : new Moment(null, 0, (int) Math.pow(10, 1.5 + 3.7 * random.nextDouble()));
    }

    static Moment drawForCall(Random random, int calls) {
      return random.nextBoolean()
          ? new Moment(pick(random, Event.values()), 0, 0)
          : draw(random, calls);
    }
  }

  enum Listener {
    SILENT,
    THROWS_UNCHECKED,
    THROWS_CHECKED
  }

  /**
   * One call of the client.
   *
   * @param stop when it is cancelled or interrupted (an event interrupts only calls on their
   *     caller's thread); null when it is left alone
   * @param onVirtualThread where the JDK has them
   * @param posts what the server does with its POSTs, one after the other; the last is repeated
   * @param reads what the server answers about its task, one after the other; the last is repeated
   */
  record Call(
      int number,
      Kind kind,
      int startMicros,
      @Nullable Moment stop,
      boolean onVirtualThread,
      int promptLength,
      Listener listener,
      List<Post> posts,
      List<Read> reads) {

    Post post(int index) {
      return posts.get(Math.min(index, posts.size() - 1));
    }

    Read read(int index) {
      return reads.get(Math.min(index, reads.size() - 1));
    }
  }

  /** Nothing but the stop of a call can keep it from succeeding. */
  boolean isCalm() {
    return calls.stream()
            .allMatch(
                call ->
                    call.posts.stream().allMatch(post -> post == Post.CREATED)
                        && call.reads.stream()
                            .allMatch(read -> read == Read.PENDING || read == Read.COMPLETED))
        && isPredictable();
  }

  /** Each call that is not stopped ends as the server's replies to that call say. */
  boolean isPredictable() {
    boolean shared =
        wire == Wire.TLS_HTTP_2
            && calls.stream()
                .anyMatch(
                    call ->
                        call.posts.stream().anyMatch(Post::breaksTheConnection)
                            || call.reads.stream().anyMatch(Read::breaksTheConnection));
    return !shared
        && !connectionFaults
        && close == null
        && !okHttp.mayFail()
        && callTimeoutMillis != TIGHT
        && waitTimeoutMillis != TIGHT;
  }

  static Scenario draw(long seed) {
    Random random = new Random(seed);
    Wire wire = pick(random, Wire.values());
    // Its trust in the server's certificate can't be set yet.
    OkHttp okHttp =
        wire == Wire.HTTP_1 && random.nextInt(3) == 0
            ? OkHttp.OF_THE_LIBRARY
            : pick(random, OkHttp.values());
    if (wire != Wire.HTTP_1 && okHttp == OkHttp.OF_THE_LIBRARY) {
      okHttp = OkHttp.OF_THE_USER;
    }
    boolean flood = random.nextInt(100) == 0;
    boolean calm = random.nextInt(4) == 0;
    boolean longRetryAfter = random.nextInt(6) == 0;
    boolean largeBodies = random.nextInt(5) == 0;
    Kind[] kinds =
        random.nextBoolean()
            ? Kind.values()
            : new Kind[] {pick(random, Kind.values()), pick(random, Kind.values())};
    int callTimeout = calm ? pick(random, 0, GENEROUS) : pick(random, 0, GENEROUS, TIGHT, TIGHT);
    int waitTimeout = calm ? GENEROUS : pick(random, GENEROUS, TIGHT);
    boolean closes = flood || (!calm && random.nextInt(3) == 0);
    boolean stops = random.nextInt(3) != 0;
    int number = flood ? 1_000 + random.nextInt(4_000) : 20 + random.nextInt(60);
    boolean mayBeSilent = callTimeout == TIGHT;
    boolean readsMayBeSilent = mayBeSilent || waitTimeout == TIGHT;
    List<Call> calls = new ArrayList<>();
    for (int i = 0; i < number; i++) {
      Kind kind = flood ? Kind.SUBMIT_ASYNC : pick(random, kinds);
      calls.add(
          new Call(
              i,
              kind,
              flood ? 0 : random.nextInt(30_000),
              stops && random.nextInt(4) == 0 ? Moment.drawForCall(random, number) : null,
              random.nextInt(4) == 0,
              largeBodies && !flood ? random.nextInt(600_000) : random.nextInt(40),
              calm || random.nextInt(8) != 0
                  ? Listener.SILENT
                  : pick(random, Listener.THROWS_UNCHECKED, Listener.THROWS_CHECKED),
              calm ? List.of(Post.CREATED) : posts(random, wire, mayBeSilent, longRetryAfter),
              reads(random, calm, readsMayBeSilent)));
    }
    return new Scenario(
        seed,
        wire,
        okHttp,
        pick(random, 1, 2, 5, 20, 20),
        apiKey(random, random.nextInt(10) == 0 ? 4_000 : 24),
        callTimeout,
        waitTimeout,
        pick(random, 1, 3, 5),
        pick(random, 0, 5, 40),
        closes ? Moment.draw(random, Math.min(number, 200)) : null,
        !calm && random.nextInt(4) == 0,
        calls);
  }

  private static String apiKey(Random random, int length) {
    StringBuilder key = new StringBuilder("sk-");
    while (key.length() < length) {
      key.append((char) ('!' + random.nextInt('~' - '!' + 1)));
    }
    return key.toString();
  }

  private static List<Post> posts(
      Random random, Wire wire, boolean mayBeSilent, boolean longRetryAfter) {
    List<Post> posts = new ArrayList<>();
    while (posts.size() < 3 && random.nextInt(3) == 0) {
      posts.add(
          longRetryAfter && random.nextBoolean()
              ? Post.RATE_LIMITED_RETRY_AFTER_1
              : pick(random, Post.RATE_LIMITED, Post.RATE_LIMITED_RETRY_AFTER_0));
    }
    Post last;
    do {
      last = pick(random, Post.values());
    } while ((last == Post.SILENT && !mayBeSilent)
        || (last == Post.NOT_HTTP && wire == Wire.TLS_HTTP_2)
        || (last == Post.RATE_LIMITED_RETRY_AFTER_1 && !longRetryAfter));
    posts.add(random.nextInt(4) == 0 ? Post.CREATED : last);
    return posts;
  }

  private static List<Read> reads(Random random, boolean calm, boolean mayBeSilent) {
    List<Read> reads = new ArrayList<>();
    while (reads.size() < 6 && random.nextInt(3) != 0) {
      Read read = calm ? Read.PENDING : pick(random, Read.values());
      boolean isFinal =
          read == Read.COMPLETED || read == Read.COMPLETED_ODD_FIELDS || read == Read.FAILED;
      if (!isFinal && (read != Read.SILENT || mayBeSilent)) {
        reads.add(read);
      }
    }
    reads.add(
        calm || random.nextInt(3) != 0
            ? Read.COMPLETED
            : pick(random, Read.COMPLETED_ODD_FIELDS, Read.FAILED));
    return reads;
  }

  @SafeVarargs
  private static <T> T pick(Random random, T... values) {
    return values[random.nextInt(values.length)];
  }

  @Override
  public String toString() {
    return "seed %d: %d calls, %s, OkHttpClient %s, %d at once, %d attempts, call timeout %d ms, wait timeout %d ms%s%s%s"
        .formatted(
            seed,
            calls.size(),
            wire,
            okHttp,
            maxConcurrentCalls,
            maxAttempts,
            callTimeoutMillis,
            waitTimeoutMillis,
            close == null ? "" : ", closed at " + close,
            connectionFaults ? ", connections fail" : "",
            isCalm() ? ", calm" : "");
  }
}
