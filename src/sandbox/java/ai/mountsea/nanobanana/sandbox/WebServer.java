package ai.mountsea.nanobanana.sandbox;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.CancelledKeyException;
import java.nio.channels.ClosedSelectorException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A small HTTP/1.1 server. One thread accepts, reads, handles and writes, so that requests are
 * handled in one order, and thousands of connections cost their buffers and no threads.
 *
 * <p>Not the JDK's: that one closes all but 200 idle connections, which a client may be about to
 * use, unless a system property of the whole JVM says otherwise.
 */
final class WebServer implements AutoCloseable {
  /** How long a request may take to arrive, from its first byte. */
  static final Duration REQUEST_TIMEOUT = Duration.ofSeconds(10);

  /** How long a client may read nothing of a response. */
  private static final Duration WRITE_TIMEOUT = Duration.ofSeconds(60);

  /** Longer than clients keep an idle connection, so that they never find it closed. */
  private static final Duration IDLE_TIMEOUT = Duration.ofMinutes(15);

  /** How long a client has to read the response, after which its connection is closed. */
  private static final Duration LINGER_TIMEOUT = Duration.ofSeconds(1);

  private static final System.Logger LOGGER = System.getLogger(WebServer.class.getPackageName());
  private static final int BACKLOG = 8192;

  /** How often a connection writes before it is the turn of others. */
  private static final int MAX_WRITES = 16;

  /** About how many bytes of a body that is made as it is sent are made at once. */
  private static final int PIECES = 64 * 1024;

  private static final ByteBuffer ZEROS = ByteBuffer.allocate(64 * 1024).asReadOnlyBuffer();

  /** Answers a request, on the server's thread, at once or later. */
  interface Handler {
    /** Handles a request, whose answer is given once, on any thread. */
    void handle(Request request, Answer answer);

    /** Makes the response to what is not an HTTP request, or not a whole one. */
    Reply refuse(BadRequestException why);
  }

  /** Takes the response to a request. */
  interface Answer {
    /**
     * Sends a response.
     *
     * @param reply makes the response after the delay, or earlier, in vain, if the client has left
     */
    void give(Duration delay, Supplier<Reply> reply);
  }

  private static final int MOST_SENDING_PIECES = 8;

  private final Handler handler;
  private final Duration requestTimeout;
  private final Selector selector;
  private final ServerSocketChannel listener;
  private final SelectionKey listenerKey;
  private final Thread thread;
  private final Queue<Runnable> jobs = new ConcurrentLinkedQueue<>();
  private final PriorityQueue<Timer> timers =
      new PriorityQueue<>((one, other) -> Long.signum(one.at - other.at));
  private final ByteBuffer buffer = ByteBuffer.allocateDirect(64 * 1024);
  private long nextSweep = System.nanoTime();
  private volatile boolean isClosed;

  WebServer(InetSocketAddress address, Duration requestTimeout, Handler handler)
      throws IOException {
    this.handler = handler;
    this.requestTimeout = requestTimeout;
    listener = ServerSocketChannel.open();
    try {
      listener.bind(address, BACKLOG);
      listener.configureBlocking(false);
      selector = Selector.open();
    } catch (IOException | RuntimeException e) {
      listener.close();
      throw e;
    }
    listenerKey = listener.register(selector, SelectionKey.OP_ACCEPT);
    thread = new Thread(this::run, "nano-banana-sandbox");
    thread.setDaemon(true);
  }

  void start() {
    thread.start();
  }

  int port() {
    return listener.socket().getLocalPort();
  }

  /** How many connections are open. */
  int connections() {
    return Math.max(0, selector.keys().size() - 1);
  }

  /** Runs a job on the server's thread, at once if this is it. */
  private void execute(Runnable job) {
    if (Thread.currentThread() == thread) {
      job.run();
    } else {
      jobs.add(job);
      selector.wakeup();
    }
  }

  /** Runs a job on the server's thread, after a delay or, if a connection ends before, then. */
  private void schedule(Duration delay, SelectionKey key, Runnable job) {
    if (delay.isZero()) {
      execute(job);
    } else {
      execute(() -> timers.add(new Timer(System.nanoTime() + delay.toNanos(), key, job)));
    }
  }

  /** Ends every connection. */
  @Override
  public void close() {
    isClosed = true;
    selector.wakeup();
    if (Thread.currentThread() != thread) {
      boolean wasInterrupted = false;
      while (thread.isAlive()) {
        try {
          thread.join();
        } catch (InterruptedException e) {
          wasInterrupted = true;
        }
      }
      if (wasInterrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private void run() {
    try {
      while (!isClosed) {
        selector.select(this::serve, millisToNextTimer());
        for (Runnable job = jobs.poll(); job != null; job = jobs.poll()) {
          run(job);
        }
        for (Timer timer = timers.peek(); timer != null && timer.isDue(); timer = timers.peek()) {
          timers.remove();
          run(timer.job);
        }
        sweep();
      }
    } catch (IOException | ClosedSelectorException e) {
      throw new IllegalStateException("The sandbox's server stopped", e);
    } finally {
      for (SelectionKey key : selector.keys()) {
        closeQuietly(key);
      }
      closeQuietly(listenerKey);
      try {
        selector.close();
      } catch (IOException e) {
        // Nothing is left to be done with it.
      }
    }
  }

  /** No job may end the thread, on which every connection depends. */
  private static void run(Runnable job) {
    try {
      job.run();
    } catch (RuntimeException | OutOfMemoryError e) {
      LOGGER.log(Level.ERROR, "A bug of the sandbox", e);
    }
  }

  private long millisToNextTimer() {
    Timer next = timers.peek();
    return next == null
        ? 1000
        : Math.max(1, Math.min(1000, (next.at - System.nanoTime()) / 1_000_000));
  }

  private void serve(SelectionKey key) {
    if (!key.isValid()) {
      return;
    }
    if (key.attachment() instanceof Connection connection) {
      run(connection::serve);
    } else {
      accept();
    }
  }

  private void accept() {
    try {
      for (SocketChannel channel = listener.accept();
          channel != null;
          channel = listener.accept()) {
        channel.configureBlocking(false);
        channel.socket().setTcpNoDelay(true);
        new Connection(channel);
      }
    } catch (IOException e) {
      // No file descriptor is free. Accepting again at once would fail again at once.
      listenerKey.interestOps(0);
      schedule(
          Duration.ofMillis(100),
          listenerKey,
          () -> listenerKey.interestOps(SelectionKey.OP_ACCEPT));
    }
  }

  /** How many clients are being sent a response in pieces. Each holds one that may be large. */
  private int sendingPieces() {
    int count = 0;
    for (SelectionKey key : selector.keys()) {
      boolean isSending =
          key.isValid()
              && key.attachment() instanceof Connection connection
              && connection.isSendingPieces;
      count += isSending ? 1 : 0;
    }
    return count;
  }

  /** Once a second, ends the connections that are past their deadlines, and what waits for them. */
  private void sweep() {
    long now = System.nanoTime();
    if (now - nextSweep < 0) {
      return;
    }
    nextSweep = now + 1_000_000_000;
    for (SelectionKey key : new ArrayList<>(selector.keys())) {
      if (key.isValid()
          && key.attachment() instanceof Connection connection
          && now - connection.deadline > 0) {
        connection.timeOut();
      }
    }
    List<Timer> ended = timers.stream().filter(timer -> !timer.key.isValid()).toList();
    timers.removeAll(new HashSet<>(ended));
    ended.forEach(timer -> run(timer.job));
  }

  private static void closeQuietly(SelectionKey key) {
    key.cancel();
    try {
      key.channel().close();
    } catch (IOException e) {
      // The connection has ended either way.
    }
  }

  private record Timer(long at, SelectionKey key, Runnable job) {
    boolean isDue() {
      return at - System.nanoTime() <= 0;
    }
  }

  private enum State {
    /** Reads a request, or waits for one. */
    READING,
    /** Has handed a request over, and waits for its response. Reads on, to see the client leave. */
    HANDLING,
    WRITING,
    /** Has sent all that it will send, and reads until the client has closed its side, too. */
    LINGERING
  }

  private final class Connection {
    private final SocketChannel channel;
    private final SelectionKey key;
    private final RequestReader reader = new RequestReader();
    private State state = State.READING;
    private long deadline;
    private boolean isHead;
    private boolean endsAfterReply;
    private ByteBuffer toWrite = ByteBuffer.allocate(0);
    private long zerosToWrite;
    private @Nullable Iterator<String> piecesToWrite;
    private boolean canChunk;
    private boolean isSendingPieces;

    Connection(SocketChannel channel) throws IOException {
      this.channel = channel;
      key = channel.register(selector, SelectionKey.OP_READ, this);
      enter(State.READING, SelectionKey.OP_READ, IDLE_TIMEOUT);
    }

    private void enter(State state, int interest, @Nullable Duration timeout) {
      this.state = state;
      key.interestOps(interest);
      deadline = System.nanoTime() + (timeout == null ? Long.MAX_VALUE / 2 : timeout.toNanos());
    }

    void serve() {
      try {
        switch (state) {
          case READING, HANDLING, LINGERING -> read();
          case WRITING -> write();
        }
      } catch (IOException | CancelledKeyException e) {
        closeQuietly(key);
      } catch (RuntimeException | OutOfMemoryError e) {
        closeQuietly(key);
        throw e;
      }
    }

    private void read() throws IOException {
      buffer.clear();
      if (channel.read(buffer) < 0) {
        if (state == State.HANDLING) {
          waitBriefly();
        } else {
          closeQuietly(key);
        }
        return;
      }
      if (state == State.READING) {
        if (reader.isEmpty()) {
          enter(State.READING, SelectionKey.OP_READ, requestTimeout);
        }
        reader.add(buffer.flip());
        handleNext();
      } else if (state == State.HANDLING) {
        reader.add(buffer.flip());
        if (reader.isFull()) {
          waitBriefly();
        }
      }
    }

    /** A client that sends no more may still read, but most have left. */
    private void waitBriefly() {
      enter(State.HANDLING, 0, requestTimeout);
    }

    /** Handles the next request if it is there whole. */
    private void handleNext() throws IOException {
      Request request;
      try {
        request = reader.next();
      } catch (BadRequestException e) {
        refuse(e);
        return;
      }
      if (request != null) {
        isHead = request.method().equals("HEAD");
        endsAfterReply = !reader.keepsAlive();
        enter(State.HANDLING, SelectionKey.OP_READ, null);
        handler.handle(request, (delay, reply) -> schedule(delay, key, () -> answer(reply.get())));
      } else if (reader.saysContinue()) {
        channel.write(
            ByteBuffer.wrap("HTTP/1.1 100 Continue\r\n\r\n".getBytes(StandardCharsets.US_ASCII)));
      }
    }

    private void handlePipelined() {
      if (state == State.READING && key.isValid()) {
        try {
          handleNext();
        } catch (IOException e) {
          closeQuietly(key);
        }
      }
    }

    private void refuse(BadRequestException e) {
      isHead = false;
      endsAfterReply = true;
      enter(State.HANDLING, 0, null);
      answer(handler.refuse(e));
    }

    private void answer(Reply reply) {
      if (state != State.HANDLING || !key.isValid()) {
        return;
      }
      if (reply.delivery() == Reply.Delivery.LOST) {
        closeQuietly(key);
        return;
      }
      if (reply.pieces() != null && !isHead) {
        if (sendingPieces() == MOST_SENDING_PIECES) {
          answer(
              handler.refuse(
                  new BadRequestException(
                      503,
                      MOST_SENDING_PIECES
                          + " clients are reading what was received; try again when one is done")));
          return;
        }
        isSendingPieces = true;
      }
      piecesToWrite = isHead ? null : reply.pieces();
      canChunk = reader.canChunk();
      endsAfterReply |=
          reply.delivery() == Reply.Delivery.CUT || (piecesToWrite != null && !canChunk);
      byte[] head = reply.head(!endsAfterReply, canChunk).getBytes(StandardCharsets.ISO_8859_1);
      boolean hasBody = !isHead && reply.hasBody();
      int bodyLength = hasBody ? reply.body().length : 0;
      zerosToWrite = hasBody ? reply.padding() : 0;
      if (reply.delivery() == Reply.Delivery.CUT) {
        bodyLength /= 2;
        zerosToWrite /= 2;
      }
      toWrite =
          ByteBuffer.allocate(head.length + bodyLength).put(head).put(reply.body(), 0, bodyLength);
      toWrite.flip();
      enter(State.WRITING, SelectionKey.OP_WRITE, WRITE_TIMEOUT);
      serve();
    }

    private void write() throws IOException {
      boolean madeProgress = false;
      for (int turn = 0; ; turn++) {
        if (!toWrite.hasRemaining() && piecesToWrite != null) {
          toWrite = nextPieces(piecesToWrite);
        }
        if (!toWrite.hasRemaining() && zerosToWrite > 0) {
          toWrite = ZEROS.duplicate().limit((int) Math.min(ZEROS.capacity(), zerosToWrite));
          zerosToWrite -= toWrite.limit();
        }
        if (!toWrite.hasRemaining()) {
          break;
        }
        if (turn == MAX_WRITES || channel.write(toWrite) == 0) {
          if (madeProgress) {
            enter(State.WRITING, SelectionKey.OP_WRITE, WRITE_TIMEOUT);
          }
          return;
        }
        madeProgress = true;
      }
      toWrite = ByteBuffer.allocate(0);
      isSendingPieces = false;
      if (endsAfterReply) {
        channel.shutdownOutput();
        enter(State.LINGERING, SelectionKey.OP_READ, LINGER_TIMEOUT);
      } else {
        enter(State.READING, SelectionKey.OP_READ, IDLE_TIMEOUT);
        if (!reader.isEmpty()) {
          enter(State.READING, SelectionKey.OP_READ, requestTimeout);
          jobs.add(this::handlePipelined);
        }
      }
    }

    /** The next pieces, a chunk of them if there are chunks. */
    private ByteBuffer nextPieces(Iterator<String> pieces) {
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      while (bytes.size() < PIECES && pieces.hasNext()) {
        bytes.writeBytes(pieces.next().getBytes(StandardCharsets.UTF_8));
      }
      boolean isLast = !pieces.hasNext();
      if (isLast) {
        piecesToWrite = null;
      }
      if (!canChunk) {
        return ByteBuffer.wrap(bytes.toByteArray());
      }
      byte[] start =
          (Integer.toHexString(bytes.size()) + "\r\n").getBytes(StandardCharsets.US_ASCII);
      byte[] end = (isLast ? "\r\n0\r\n\r\n" : "\r\n").getBytes(StandardCharsets.US_ASCII);
      return ByteBuffer.allocate(start.length + bytes.size() + end.length)
          .put(start)
          .put(bytes.toByteArray())
          .put(end)
          .flip();
    }

    void timeOut() {
      if (state == State.READING && !reader.isEmpty()) {
        refuse(
            new BadRequestException(
                408, "The request did not arrive within " + requestTimeout.toSeconds() + " s"));
      } else {
        closeQuietly(key);
      }
    }
  }
}
