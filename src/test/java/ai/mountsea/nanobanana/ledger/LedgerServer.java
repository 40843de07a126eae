package ai.mountsea.nanobanana.ledger;

import ai.mountsea.nanobanana.ledger.Scenario.Call;
import ai.mountsea.nanobanana.ledger.Scenario.Post;
import ai.mountsea.nanobanana.ledger.Scenario.Wire;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntConsumer;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ServerSocketFactory;
import okhttp3.Protocol;
import okhttp3.mockwebserver.Dispatcher;
import okhttp3.mockwebserver.MockResponse;
import okhttp3.mockwebserver.MockWebServer;
import okhttp3.mockwebserver.RecordedRequest;
import okhttp3.mockwebserver.SocketPolicy;
import okhttp3.tls.HandshakeCertificates;
import okhttp3.tls.HeldCertificate;

/** A service that does as its scenario says, and keeps a ledger of every POST that came whole. */
final class LedgerServer extends Dispatcher implements AutoCloseable {
  private static final Logger LOGGER = Logger.getLogger(MockWebServer.class.getName());
  private static final HeldCertificate CERTIFICATE =
      new HeldCertificate.Builder().addSubjectAlternativeName("localhost").build();
  private static final Pattern PROMPT = Pattern.compile("\\{\"prompt\":\"call-([0-9]+)-");
  private static final Pattern TASK = Pattern.compile("taskId=([0-9]+)");

  /** What is added to the number of a call to make a task id that is also a JSON number. */
  private static final int FIRST_TASK = 8_000_000;

  /**
   * A POST that came whole.
   *
   * @param nanos when
   * @param reply what the server does with it
   */
  record Entry(long nanos, Post reply) {}

  private final Scenario scenario;
  private final Random random;
  private final MockWebServer server = new MockWebServer();
  private final Set<CountedSocket> openSockets = ConcurrentHashMap.newKeySet();
  private final Map<Integer, List<Entry>> ledger = new ConcurrentHashMap<>();
  private final Map<Integer, AtomicInteger> reads = new ConcurrentHashMap<>();
  private final AtomicInteger posts = new AtomicInteger();
  private final IntConsumer onPost;

  /**
   * Starts a server.
   *
   * @param onPost is given the number of POSTs whenever one has come whole
   */
  LedgerServer(Scenario scenario, IntConsumer onPost) throws IOException {
    this.scenario = scenario;
    this.random = new Random(scenario.seed());
    this.onPost = onPost;
    LOGGER.setLevel(Level.OFF);
    server.setServerSocketFactory(new CountedSockets());
    server.setDispatcher(this);
    if (scenario.wire() != Wire.HTTP_1) {
      server.useHttps(
          new HandshakeCertificates.Builder()
              .heldCertificate(CERTIFICATE)
              .build()
              .sslSocketFactory(),
          false);
      server.setProtocols(
          scenario.wire() == Wire.TLS_HTTP_2
              ? List.of(Protocol.HTTP_2, Protocol.HTTP_1_1)
              : List.of(Protocol.HTTP_1_1));
    }
    server.start();
  }

  /** What a client needs to trust the server. */
  static HandshakeCertificates trust() {
    return new HandshakeCertificates.Builder()
        .addTrustedCertificate(CERTIFICATE.certificate())
        .build();
  }

  String url() {
    return server.url("/").toString();
  }

  /** The id of the task that a call's POST makes, or that it waits for. */
  static String taskId(Call call) {
    return "" + (FIRST_TASK + call.number());
  }

  /** The POSTs of a call that came whole, in the order in which they came. */
  List<Entry> entries(Call call) {
    List<Entry> entries = ledger.getOrDefault(call.number(), List.of());
    synchronized (entries) {
      return List.copyOf(entries);
    }
  }

  int posts() {
    return posts.get();
  }

  /** How many connections the client has not closed. */
  int openConnections() {
    openSockets.removeIf(CountedSocket::isClosedByPeer);
    return openSockets.size();
  }

  @Override
  public void close() throws IOException {
    for (Socket socket : openSockets) {
      socket.close();
    }
    server.shutdown();
  }

  /** What happens before a request is read. */
  @Override
  public MockResponse peek() {
    MockResponse response = new MockResponse();
    if (!scenario.connectionFaults()) {
      return response;
    }
    int drawn;
    synchronized (random) {
      drawn = random.nextInt(40);
    }
    return switch (drawn) {
      case 0 -> response.setSocketPolicy(SocketPolicy.DISCONNECT_AT_START);
      case 1 -> response.setSocketPolicy(SocketPolicy.FAIL_HANDSHAKE);
      case 2 -> response.setSocketPolicy(SocketPolicy.DISCONNECT_DURING_REQUEST_BODY);
      case 3 -> response.setSocketPolicy(SocketPolicy.RESET_STREAM_AT_START).setHttp2ErrorCode(7);
      default -> response;
    };
  }

  @Override
  public MockResponse dispatch(RecordedRequest request) throws InterruptedException {
    server.takeRequest(0, TimeUnit.SECONDS); // Or they all stay in memory.
    if ("POST".equals(request.getMethod())) {
      return post(request);
    }
    Matcher task = TASK.matcher(String.valueOf(request.getPath()));
    return task.find()
        ? read(Integer.parseInt(task.group(1)) - FIRST_TASK)
        : new MockResponse().setResponseCode(404);
  }

  private MockResponse post(RecordedRequest request) {
    String body = request.getBody().readString(StandardCharsets.UTF_8);
    Matcher prompt = PROMPT.matcher(body);
    String length = request.getHeader("Content-Length");
    boolean whole =
        prompt.find()
            && body.endsWith("}")
            && (length == null || request.getBodySize() == Long.parseLong(length));
    if (!whole) {
      return new MockResponse().setSocketPolicy(SocketPolicy.DISCONNECT_AFTER_REQUEST);
    }
    Call call = scenario.calls().get(Integer.parseInt(prompt.group(1)));
    List<Entry> entries = ledger.computeIfAbsent(call.number(), number -> new ArrayList<>());
    Post post;
    synchronized (entries) {
      post = call.post(entries.size());
      entries.add(new Entry(System.nanoTime(), post));
    }
    onPost.accept(posts.incrementAndGet());
    return reply(post, taskId(call));
  }

  private MockResponse reply(Post post, String taskId) {
    String created = "{\"taskId\":\"" + taskId + "\"}";
    return switch (post) {
      case CREATED -> json(201, created);
      case CREATED_SLOWLY -> json(201, created).setHeadersDelay(delay(), TimeUnit.MILLISECONDS);
      case NUMERIC_ID -> json(201, "{\"taskId\":" + taskId + "}");
      case NESTED_ID -> json(201, "{\"data\":" + created + "}");
      case GARBAGE_AFTER_THE_ID -> json(201, created + "}, <html>");
      case TAIL_MISSING ->
          json(201, created + " ".repeat(created.length()))
              .setSocketPolicy(SocketPolicy.DISCONNECT_DURING_RESPONSE_BODY);
      case ID_CUT ->
          json(201, created).setSocketPolicy(SocketPolicy.DISCONNECT_DURING_RESPONSE_BODY);
      case NOT_JSON -> json(201, "<html>OK</html>");
      case NOT_HTTP ->
          new MockResponse()
              .setStatus("what is this?")
              .setSocketPolicy(SocketPolicy.DISCONNECT_AT_END);
      case DROPPED -> new MockResponse().setSocketPolicy(SocketPolicy.DISCONNECT_AFTER_REQUEST);
      case SILENT -> new MockResponse().setSocketPolicy(SocketPolicy.NO_RESPONSE);
      case ERROR_500 -> error(500);
      case UNAVAILABLE_RETRY_AFTER_0 -> error(503).setHeader("Retry-After", "0");
      case REDIRECT_307 -> error(307).setHeader("Location", "/elsewhere");
      case BAD_REQUEST -> error(400);
      case BAD_REQUEST_ODD_BODY -> json(400, "{\"message\":1e99999999999}");
      case UNAUTHORIZED_BODY_CUT ->
          error(401).setSocketPolicy(SocketPolicy.DISCONNECT_DURING_RESPONSE_BODY);
      case TIMEOUT_408 -> error(408);
      case RATE_LIMITED -> error(429);
      case RATE_LIMITED_RETRY_AFTER_0 -> error(429).setHeader("Retry-After", "0");
      case RATE_LIMITED_RETRY_AFTER_1 -> error(429).setHeader("Retry-After", "1");
      case RATE_LIMITED_RETRY_AFTER_3600 -> error(429).setHeader("Retry-After", "3600");
    };
  }

  private MockResponse read(int number) {
    Call call = scenario.calls().get(number);
    int index = reads.computeIfAbsent(number, n -> new AtomicInteger()).getAndIncrement();
    String task = "{\"taskId\":\"" + taskId(call) + "\",\"status\":";
    String images = ",\"result\":{\"imageUrls\":[\"https://example.com/cat.png\"]}";
    return switch (call.read(index)) {
      case PENDING -> json(200, task + "\"pending\"}");
      case PENDING_SLOWLY ->
          json(200, task + "\"pending\"}").setHeadersDelay(delay(), TimeUnit.MILLISECONDS);
      case COMPLETED -> json(200, task + "\"completed\"" + images + "}");
      case COMPLETED_ODD_FIELDS ->
          json(200, task + "\"completed\"" + images + ",\"traceId\":5,\"errorMessage\":{}}");
      case FAILED -> json(200, task + "\"failed\"}");
      case NOT_FOUND -> error(404);
      case ERROR_500 -> error(500);
      case ERROR_500_ODD_BODY -> json(500, "{\"message\":1e99999999999}");
      case UNAVAILABLE_RETRY_AFTER_0 -> error(503).setHeader("Retry-After", "0");
      case RATE_LIMITED_RETRY_AFTER_0 -> error(429).setHeader("Retry-After", "0");
      case NOT_JSON -> json(200, "<html>OK</html>");
      case DROPPED -> new MockResponse().setSocketPolicy(SocketPolicy.DISCONNECT_AFTER_REQUEST);
      case CUT ->
          json(200, task + "\"completed\"" + images + "}")
              .setSocketPolicy(SocketPolicy.DISCONNECT_DURING_RESPONSE_BODY);
      case SILENT -> new MockResponse().setSocketPolicy(SocketPolicy.NO_RESPONSE);
    };
  }

  /** An error that echoes the API key, as JSON has it. */
  private MockResponse error(int status) {
    String key = scenario.apiKey().replace("\\", "\\\\").replace("\"", "\\\"");
    return json(status, "{\"message\":\"The service says no to " + key + "\"}");
  }

  private static MockResponse json(int status, String body) {
    return new MockResponse()
        .setResponseCode(status)
        .setHeader("Content-Type", "application/json")
        .setBody(body);
  }

  private int delay() {
    synchronized (random) {
      return random.nextInt(250);
    }
  }

  private final class CountedSockets extends ServerSocketFactory {
    @Override
    public ServerSocket createServerSocket() throws IOException {
      return new ServerSocket() {
        @Override
        public Socket accept() throws IOException {
          CountedSocket socket = new CountedSocket();
          implAccept(socket);
          openSockets.add(socket);
          return socket;
        }
      };
    }

    @Override
    public ServerSocket createServerSocket(int port) {
      throw new UnsupportedOperationException();
    }

    @Override
    public ServerSocket createServerSocket(int port, int backlog) {
      throw new UnsupportedOperationException();
    }

    @Override
    public ServerSocket createServerSocket(int port, int backlog, InetAddress address) {
      throw new UnsupportedOperationException();
    }
  }

  /** Knows whether its peer has closed it, which MockWebServer now and then forgets to look for. */
  private static final class CountedSocket extends Socket {
    private final AtomicInteger readers = new AtomicInteger();
    private volatile boolean ended;

    boolean isClosedByPeer() {
      if (readers.get() > 0) {
        return false;
      }
      try {
        if (!ended && !isClosed()) {
          setSoTimeout(1);
          while (getInputStream().read() != -1) {}
        }
        return true;
      } catch (SocketTimeoutException e) {
        return false;
      } catch (IOException e) {
        return true;
      }
    }

    @Override
    public InputStream getInputStream() throws IOException {
      return new FilterInputStream(super.getInputStream()) {
        @Override
        public int read() throws IOException {
          byte[] one = new byte[1];
          return read(one, 0, 1) == -1 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] bytes, int offset, int length) throws IOException {
          readers.incrementAndGet();
          try {
            int read = super.read(bytes, offset, length);
            ended |= read == -1;
            return read;
          } finally {
            readers.decrementAndGet();
          }
        }
      };
    }
  }
}
