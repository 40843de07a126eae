package ai.mountsea.nanobanana.examples.temporal;

import ai.mountsea.nanobanana.TaskRecord.State;
import ai.mountsea.nanobanana.api.GenerateImageRequest;
import ai.mountsea.nanobanana.examples.temporal.Lane.Limits;
import ai.mountsea.nanobanana.examples.temporal.Lane.Prompt;
import ai.mountsea.nanobanana.examples.temporal.Lane.Summary;
import ai.mountsea.nanobanana.sandbox.Sandbox;
import io.temporal.client.WorkflowClient;
import io.temporal.client.WorkflowNotFoundException;
import io.temporal.client.WorkflowStub;
import io.temporal.testserver.TestServer;
import io.temporal.testserver.TestServer.PortBoundTestServer;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.h2.jdbcx.JdbcDataSource;
import org.h2.tools.Server;

/**
 * Temporal, the database and the service are in this JVM; the workers are processes, and die as
 * processes do.
 */
final class Machines implements AutoCloseable {
  static final Limits LIMITS = new Limits(3, 1000);

  final Sandbox sandbox = Sandbox.start();
  final Proxy proxy = new Proxy(sandbox.url());
  final JdbcDataSource database = new JdbcDataSource();
  private final Server databaseServer;
  private final Path folder;
  private final List<Worker> workers = new ArrayList<>();
  private final List<WorkflowStub> lanes = new ArrayList<>();
  private int port;
  private PortBoundTestServer server;
  private WorkflowClient temporal;

  Machines(Path folder) throws Exception {
    this.folder = folder;
    System.setProperty("h2.bindAddress", "127.0.0.1");
    databaseServer = Server.createTcpServer("-tcpPort", "0", "-ifNotExists").start();
    database.setUrl(
        "jdbc:h2:tcp://127.0.0.1:"
            + databaseServer.getPort()
            + "/mem:"
            + folder.getFileName()
            + ";DB_CLOSE_DELAY=-1");
    sql(Files.readString(Path.of("tasks.sql")));
    startTemporal();
  }

  /** Finds a free port, unless another process is given it in between. */
  private void startTemporal() {
    for (int attempt = 1; ; attempt++) {
      port = freePort();
      try {
        server = TestServer.createPortBoundServer(port);
        temporal = BatchWorker.connect(address());
        return;
      } catch (RuntimeException e) {
        if (attempt == 10) {
          throw e;
        }
      }
    }
  }

  /** Starts a Temporal that knows of no workflow, in place of the other one. */
  void restartTemporal() {
    server.close();
    server = TestServer.createPortBoundServer(port);
  }

  /** Forgets what a test has left: the next one may order the same prompts. */
  void reset() throws Exception {
    for (WorkflowStub lane : lanes) {
      try {
        lane.terminate("The test is over");
      } catch (WorkflowNotFoundException e) { // It has ended.
      }
    }
    lanes.clear();
    proxy.setRule(kind -> 0);
    sql("delete from nano_banana_task");
    for (Path image : imageFiles()) {
      Files.delete(image);
    }
    sandbox.reset();
    workers.forEach(Worker::forgetWhatItSaid);
  }

  String address() {
    return "127.0.0.1:" + port;
  }

  WorkflowClient temporal() {
    return temporal;
  }

  /** Starts a worker that calls the service through the proxy. */
  Worker startWorker() throws IOException {
    ProcessBuilder builder =
        new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-XX:TieredStopAtLevel=1", // Starts sooner.
            "-Xmx128m",
            "-cp",
            System.getProperty("java.class.path"),
            BatchWorker.class.getName(),
            address(),
            database.getUrl(),
            folder.toString());
    builder.environment().put("MOUNTSEA_API_KEY", "any");
    builder.environment().put("MOUNTSEA_BASE_URL", proxy.url());
    Worker worker = new Worker(builder.redirectErrorStream(true).start());
    workers.add(worker);
    return worker;
  }

  /** The command {@link Batch}, up to where it waits. */
  List<WorkflowStub> order(int atOnce, Limits limits, String... lines) throws IOException {
    List<Prompt> prompts = new ArrayList<>();
    for (String line : lines) {
      prompts.add(Batch.prompt(line));
    }
    List<WorkflowStub> started = Batch.start(temporal, Batch.lanes(prompts, atOnce), limits);
    lanes.addAll(started);
    return started;
  }

  /** The command {@link Batch} for one image at a time. */
  Summary run(String... lines) throws IOException {
    return Batch.result(order(1, LIMITS, lines));
  }

  List<String> submitted() {
    return sandbox.requests().stream().map(GenerateImageRequest::prompt).toList();
  }

  State state(String line) throws IOException {
    return new JdbcTaskStore(database).find(Batch.prompt(line).key()).state();
  }

  /** The prompts of which a person has to find out whether they have a task. */
  List<String> forAPerson() throws SQLException {
    return promptsThatAre("'SUBMITTING', 'UNKNOWN'");
  }

  /** The prompts that were submitted, or are about to be, and have no image yet. */
  List<String> unfinished() throws SQLException {
    return promptsThatAre("'SUBMITTING', 'SUBMITTED'");
  }

  private List<String> promptsThatAre(String states) throws SQLException {
    List<String> prompts = new ArrayList<>();
    try (Connection connection = database.getConnection();
        Statement statement = connection.createStatement();
        ResultSet rows =
            statement.executeQuery(
                "select request from nano_banana_task where state in (" + states + ")")) {
      while (rows.next()) {
        prompts.add(GenerateImageRequest.fromJson(rows.getString(1)).prompt());
      }
    }
    return prompts;
  }

  void sql(String sql) throws SQLException {
    try (Connection connection = database.getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  /** How many images there are; each is whole, or not there at all. */
  int images() throws IOException {
    return imageFiles().size();
  }

  private List<Path> imageFiles() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.filter(file -> file.toString().endsWith(".png")).toList();
    }
  }

  @Override
  public void close() throws Exception {
    for (Worker worker : workers) {
      worker.kill();
    }
    temporal.getWorkflowServiceStubs().shutdownNow();
    server.close();
    databaseServer.stop();
    proxy.close();
    sandbox.close();
  }

  /** The server does not say which port it was given. */
  private static int freePort() {
    try (ServerSocket socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A process, and what it has said. */
  static final class Worker {
    final Process process;
    private final List<String> lines = new ArrayList<>();
    private boolean hasEnded;

    private Worker(Process process) {
      this.process = process;
      Thread reader = new Thread(() -> read(process.inputReader()));
      reader.setDaemon(true);
      reader.start();
    }

    private void read(BufferedReader output) {
      try (output) {
        for (String line = output.readLine(); line != null; line = output.readLine()) {
          synchronized (this) {
            lines.add(line);
            System.out.println(process.pid() + " " + line);
            notifyAll();
          }
        }
      } catch (IOException e) {
        // It was killed.
      }
      synchronized (this) {
        hasEnded = true;
        notifyAll();
      }
    }

    /** Waits until it has said what matches. */
    synchronized String says(String regex) throws InterruptedException {
      Pattern pattern = Pattern.compile(regex);
      for (int i = 0; ; i++) {
        while (i == lines.size()) {
          if (hasEnded) {
            throw new AssertionError("It ended without saying " + regex + ": " + lines);
          }
          wait();
        }
        Matcher matcher = pattern.matcher(lines.get(i));
        if (matcher.find()) {
          return matcher.group();
        }
      }
    }

    private synchronized void forgetWhatItSaid() {
      lines.clear();
    }

    void kill() throws InterruptedException {
      process.destroyForcibly().waitFor();
    }

    /** Sends it SIGTERM, as {@code Process.destroy} would, but leaves its output open. */
    void stop() {
      process.toHandle().destroy();
    }

    void pause() throws Exception {
      signal("-STOP");
    }

    void resume() throws Exception {
      signal("-CONT");
    }

    private void signal(String signal) throws Exception {
      new ProcessBuilder("kill", signal, Long.toString(process.pid())).start().waitFor();
    }
  }
}
