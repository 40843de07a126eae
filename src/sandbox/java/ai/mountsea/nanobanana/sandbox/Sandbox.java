package ai.mountsea.nanobanana.sandbox;

import ai.mountsea.nanobanana.NanoBanana;
import ai.mountsea.nanobanana.WaitOptions;
import ai.mountsea.nanobanana.api.GenerateImageRequest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.System.Logger.Level;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import okhttp3.HttpUrl;
import org.jspecify.annotations.Nullable;

/**
 * A server that behaves as the service is documented to, in this process.
 *
 * <pre>{@code
 * try (Sandbox sandbox = Sandbox.start(); NanoBanana nanoBanana = sandbox.client()) {
 *   TaskResult result = nanoBanana.await(nanoBanana.submit(request));
 * }
 * }</pre>
 *
 * <p>It accepts any bearer token, refuses what the spec refuses, and takes each task from pending
 * over processing to completed, one step a read, unless {@link #next} says otherwise. It listens on
 * loopback, sets no system property, and remembers at most the newest 100,000 tasks. Safe for use
 * by several threads; the order of {@link #requests} is that of the task ids.
 */
public final class Sandbox implements AutoCloseable {
  private static final System.Logger LOGGER = System.getLogger(Sandbox.class.getPackageName());

  private final Memory memory = new Memory();
  private final Pictures pictures = new Pictures();
  private final Service service = new Service(memory, pictures);
  private final Control control = new Control(memory);
  private final Builder settings;
  private final WebServer server;
  private final String authority;

  private Sandbox(Builder settings) throws IOException {
    this.settings = settings;
    InetAddress address = InetAddress.getByName(settings.host);
    server =
        new WebServer(
            new InetSocketAddress(address, settings.port),
            settings.requestTimeout,
            new WebServer.Handler() {
              @Override
              public void handle(Request request, WebServer.Answer answer) {
                Sandbox.this.handle(request, answer);
              }

              @Override
              public Reply refuse(BadRequestException why) {
                settings.log.log(Level.DEBUG, why.status() + " " + why.sentence());
                return service.error(why);
              }
            });
    String host = address.isAnyLocalAddress() ? "127.0.0.1" : settings.host;
    authority = (host.contains(":") ? "[" + host + "]" : host) + ":" + server.port();
    server.start();
    if (!address.isLoopbackAddress()) {
      settings.log.log(
          Level.WARNING,
          "The sandbox listens beyond loopback: anyone who reaches "
              + settings.host
              + " port "
              + server.port()
              + " can use it, and read the prompts that are sent to it");
    }
  }

  /**
   * Starts a sandbox on any free port of loopback.
   *
   * @return a running sandbox
   */
  public static Sandbox start() {
    return builder().start();
  }

  /**
   * Starts a sandbox on a port of loopback.
   *
   * @param port the port, or 0 for any that is free
   * @return a running sandbox
   * @throws UncheckedIOException if the port is taken
   */
  public static Sandbox start(int port) {
    return builder().port(port).start();
  }

  /**
   * Returns the settings of a sandbox, at their defaults.
   *
   * @return a new builder
   */
  public static Builder builder() {
    return new Builder();
  }

  /**
   * Returns where the sandbox is.
   *
   * @return the base URL for clients
   */
  public String url() {
    return "http://" + authority;
  }

  /**
   * Returns a client of this sandbox, which waits for a task without pausing between its reads.
   *
   * @return a new client, to be closed by the caller
   */
  public NanoBanana client() {
    Duration noDelay = Duration.ofMillis(1);
    return NanoBanana.builder()
        .apiKey("sk-any-key-will-do")
        .baseUrl(url())
        .waitOptions(WaitOptions.DEFAULT.withMinDelay(noDelay).withMaxDelay(noDelay))
        .build();
  }

  /**
   * Says what becomes of the next submits, the first of them first. Each script is taken by one
   * submit that the sandbox would have accepted; a script for a word goes before one for any
   * prompt. Further submits go as usual.
   *
   * @param scripts one for each submit, unless a script says for how many
   * @return this
   */
  public Sandbox next(Script... scripts) {
    memory.add(List.of(scripts));
    return this;
  }

  /**
   * Returns what tasks were made of, also those whose response was lost.
   *
   * @return the requests since the start or the last reset, in the order of their task ids; at most
   *     the newest 100,000, or as many as fit into 96 MB of the heap
   */
  public List<GenerateImageRequest> requests() {
    return memory.requests();
  }

  /**
   * Returns how many tasks were made.
   *
   * @return the number since the start or the last reset
   */
  public int submitted() {
    return memory.made();
  }

  /**
   * Forgets every script, task and request. Task ids begin anew.
   *
   * @return this
   */
  public Sandbox reset() {
    memory.reset();
    return this;
  }

  /** Stops the sandbox at once; its tasks are gone. */
  @Override
  public void close() {
    server.close();
    pictures.close();
  }

  int connections() {
    return server.connections();
  }

  private void handle(Request request, WebServer.Answer answer) {
    String allowed = settings.allowedOrigin;
    Call call = new Call(request, authority, allowed, answer, settings.log);
    try {
      if (!call.authority().matches("[0-9A-Za-z._:\\[\\]-]+")
          || HttpUrl.parse(call.address()) == null) {
        throw new BadRequestException(400, "Invalid Host header");
      }
      if (allowed != null && request.method().equals("OPTIONS")) {
        call.reply(
            new Reply(
                204,
                Map.of(
                    "Access-Control-Allow-Headers", "authorization, content-type",
                    "Access-Control-Allow-Methods", "GET, POST, DELETE"),
                new byte[0],
                0,
                null,
                Reply.Delivery.WHOLE));
      } else if (!service.handle(call) && !(settings.hasControl && control.handle(call))) {
        throw new BadRequestException(404, "No such path: " + request.path());
      }
    } catch (BadRequestException e) {
      call.reply(service.error(e));
    } catch (RuntimeException | OutOfMemoryError e) {
      settings.log.log(Level.ERROR, "A bug of the sandbox: " + e);
      call.reply(service.error(500, "A bug of the sandbox: " + e));
    }
  }

  /** The settings of a sandbox. */
  public static final class Builder {
    private String host = "127.0.0.1";
    private int port;
    private boolean hasControl = true;
    private @Nullable String allowedOrigin;
    private Duration requestTimeout = WebServer.REQUEST_TIMEOUT;
    private Call.Log log = LOGGER::log;

    private Builder() {}

    /**
     * Sets the address to listen on. Beyond loopback, anyone who reaches it may use the sandbox.
     *
     * @param host a name or an address of this machine; {@code 0.0.0.0} for all of them; the
     *     default is {@code 127.0.0.1}
     * @return this
     * @throws IllegalArgumentException if it is blank
     */
    public Builder host(String host) {
      if (host.isBlank()) {
        throw new IllegalArgumentException("The host is blank");
      }
      this.host = host;
      return this;
    }

    /**
     * Sets the port.
     *
     * @param port the port, or 0, the default, for any that is free
     * @return this
     */
    public Builder port(int port) {
      if (port < 0 || port > 65535) {
        throw new IllegalArgumentException("The port must be 0 to 65535: " + port);
      }
      this.port = port;
      return this;
    }

    /**
     * Switches off what the sandbox has beside the service: the page, and the paths {@code
     * /_sandbox/} and {@code /_pact/}.
     *
     * @return this
     */
    public Builder withoutControl() {
      hasControl = false;
      return this;
    }

    /**
     * Allows pages of another origin to use the sandbox. By default none may.
     *
     * @param origin an origin such as {@code http://localhost:3000}, or {@code *} for any
     * @return this
     */
    public Builder allowOrigin(String origin) {
      if (!origin.matches("\\*|https?://[^/\\s]+")) {
        throw new IllegalArgumentException(
            "An origin is *, or http:// or https:// and a host: " + origin);
      }
      allowedOrigin = origin;
      return this;
    }

    Builder log(Call.Log log) {
      this.log = log;
      return this;
    }

    Builder requestTimeout(Duration requestTimeout) {
      this.requestTimeout = requestTimeout;
      return this;
    }

    /**
     * Starts a sandbox.
     *
     * @return a running sandbox
     * @throws UncheckedIOException if the host is unknown or the port is taken
     */
    public Sandbox start() {
      try {
        return new Sandbox(this);
      } catch (BindException e) {
        if (String.valueOf(e.getMessage()).contains("assign")) {
          throw new UncheckedIOException(host + " is not an address of this machine", e);
        }
        throw new UncheckedIOException(
            "Port "
                + port
                + " of "
                + host
                + " is taken, or may not be used. Choose another, or 0 for any that is free.",
            e);
      } catch (IOException e) {
        throw new UncheckedIOException(
            "The sandbox can't listen on " + host + " port " + port + ": " + e.getMessage(), e);
      }
    }
  }
}
