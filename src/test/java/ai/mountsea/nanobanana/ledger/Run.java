package ai.mountsea.nanobanana.ledger;

import ai.mountsea.nanobanana.RefusedException;
import ai.mountsea.nanobanana.TaskFailedException;
import ai.mountsea.nanobanana.api.TaskResult;
import ai.mountsea.nanobanana.api.TaskStatus;
import ai.mountsea.nanobanana.ledger.LedgerServer.Entry;
import ai.mountsea.nanobanana.ledger.Scenario.Call;
import ai.mountsea.nanobanana.ledger.Scenario.Event;
import ai.mountsea.nanobanana.ledger.Scenario.Kind;
import ai.mountsea.nanobanana.ledger.Scenario.Listener;
import ai.mountsea.nanobanana.ledger.Scenario.Moment;
import ai.mountsea.nanobanana.ledger.Scenario.Post;
import ai.mountsea.nanobanana.ledger.Scenario.Read;
import java.lang.reflect.Method;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Runs a scenario, then holds what the client said against what the server knows. */
final class Run {
  private static final @Nullable Method START_VIRTUAL_THREAD = startVirtualThread();

  private final Scenario scenario;
  private final Duration patience;
  private final List<Running> all = new ArrayList<>();
  private final Map<Integer, List<Runnable>> onPosts = new ConcurrentHashMap<>();
  private final ScheduledExecutorService clock = Executors.newScheduledThreadPool(1);
  private final ExecutorService callers = Executors.newCachedThreadPool();
  private final Map<Thread, Running> onThreads = new ConcurrentHashMap<>();
  private final AtomicBoolean closeBegun = new AtomicBoolean();
  private volatile long closedNanos;
  private final List<Violation> violations = new ArrayList<>();

  /** In which way the promise was broken. */
  enum Breach {
    HANGS,
    DENIES_A_TASK,
    ACCEPTED_TWICE,
    SENT_AGAIN,
    SENT_AFTER_CLOSE,
    FOREIGN_EXCEPTION,
    LOST_ID,
    WRONG_END,
    LOST_INTERRUPT,
    SHOWS_KEY,
    LEAK
  }

  record Violation(Breach breach, String text) {}

  Run(Scenario scenario, Duration patience) {
    this.scenario = scenario;
    this.patience = patience;
  }

  /** Returns the violations of the promise; none if all is well. */
  List<Violation> run(Map<String, Integer> outcomes) throws Exception {
    Set<Thread> before = new HashSet<>(Thread.getAllStackTraces().keySet());
    LedgerServer server = new LedgerServer(scenario, this::posted);
    try {
      Client client = new Client(scenario, server.url(), this::happened);
      for (Call call : scenario.calls()) {
        all.add(new Running(call, client));
      }
      all.forEach(Running::schedule);
      if (scenario.close() != null) {
        at(scenario.close(), () -> callers.execute(() -> close(client)));
      }
      long deadline = System.nanoTime() + patience.toNanos();
      for (Running running : all) {
        if (!running.ended.await(deadline - System.nanoTime(), TimeUnit.NANOSECONDS)) {
          running.hangs = true;
          violate(Breach.HANGS, running, "hangs" + running.stack());
        }
      }
      close(client);
      all.forEach(Running::giveUp);
      String inUse = client.shutDown(patience.toMillis());
      if (inUse != null) {
        violations.add(new Violation(Breach.LEAK, inUse));
      }
      if (!eventually(() -> server.openConnections() == 0)) {
        violations.add(
            new Violation(Breach.LEAK, server.openConnections() + " connections are still open"));
      }
      for (Thread thread : Thread.getAllStackTraces().keySet()) {
        if (!before.contains(thread) && thread.getName().startsWith("nano-banana")) {
          thread.join(patience.toMillis());
          if (thread.isAlive()) {
            violations.add(
                new Violation(Breach.LEAK, "The thread " + thread.getName() + " still runs"));
          }
        }
      }
      // A POST may be read after its caller was told: everything is judged when nothing moves.
      all.forEach(running -> judge(running, server));
      all.forEach(running -> outcomes.merge(running.outcome(), 1, Integer::sum));
    } finally {
      clock.shutdownNow();
      callers.shutdownNow();
      server.close();
    }
    return violations;
  }

  private void judge(Running running, LedgerServer server) {
    Call call = running.call;
    List<Entry> entries = server.entries(call);
    Throwable failure = running.failure;
    long accepted = entries.stream().filter(entry -> !entry.reply().refuses()).count();

    if (accepted > 1) {
      violate(
          Breach.ACCEPTED_TWICE,
          running,
          "was accepted " + accepted + " times: " + replies(entries));
    }
    for (int i = 0; i + 1 < entries.size(); i++) {
      Entry entry = entries.get(i);
      if (!entry.reply().isRateLimit()) {
        violate(
            Breach.SENT_AGAIN,
            running,
            "was sent again after " + entry.reply() + ": " + replies(entries));
      }
      if (entry.reply() == Post.RATE_LIMITED_RETRY_AFTER_1 && !scenario.okHttp().mayFail()) {
        long next = entry.nanos() + TimeUnit.SECONDS.toNanos(1);
        if (entries.get(i + 1).nanos() < next) {
          violate(
              Breach.SENT_AGAIN, running, "was sent again before the Retry-After delay was over");
        }
        if (closedNanos != 0 && closedNanos < next) {
          violate(Breach.SENT_AFTER_CLOSE, running, "was sent again after the client was closed");
        }
      }
    }
    if (failure != null
        && !Client.isOfTheLibrary(failure)
        && !(failure instanceof CancellationException
            && running.stopped
            && call.kind().isAsync())) {
      violate(Breach.FOREIGN_EXCEPTION, running, "ended with " + failure);
    }
    if (failure != null && call.kind().submits() && Client.deniesTask(failure) && accepted > 0) {
      violate(
          Breach.DENIES_A_TASK,
          running,
          "denies that a task exists: " + failure + "; POSTs: " + replies(entries));
    }
    if (failure != null
        && call.kind().submits()
        && Client.deniesTask(failure)
        && running.taskId != null) {
      violate(
          Breach.DENIES_A_TASK,
          running,
          "denies that task " + running.taskId + " exists: " + failure);
    }
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause.toString().contains(scenario.apiKey())) {
        violate(Breach.SHOWS_KEY, running, "shows the API key in a " + cause.getClass());
      }
    }
    if (running.flagLost) {
      violate(Breach.LOST_INTERRUPT, running, "lost the interrupt flag");
    }
    if (call.stop() == null && scenario.isPredictable() && !running.hangs) {
      judgeReply(running, entries);
    }
  }

  /** The call was left alone, so that its end follows from the server's last reply. */
  private void judgeReply(Running running, List<Entry> entries) {
    Call call = running.call;
    Throwable failure = running.failure;
    String expectedId = LedgerServer.taskId(call);
    if (call.kind().submits()) {
      if (entries.isEmpty()) {
        violate(Breach.WRONG_END, running, "was never sent: " + failure);
        return;
      }
      Post last = entries.get(entries.size() - 1).reply();
      String told =
          running.taskId != null ? running.taskId : failure == null ? "" : Client.reply(failure);
      if (last.carriesId() && !told.contains(expectedId)) {
        violate(
            Breach.LOST_ID, running, "lost the task id that came with " + last + ": " + failure);
      }
      if ((last == Post.CREATED || last == Post.CREATED_SLOWLY)
          && !expectedId.equals(running.taskId)) {
        violate(Breach.WRONG_END, running, "was accepted and ended with " + failure);
      }
      if (last.refuses() && !(failure instanceof RefusedException)) {
        violate(
            Breach.WRONG_END, running, "was refused with " + last + " and ended with " + failure);
      }
      if (running.taskId == null) {
        return;
      }
    }
    if (call.kind().waits() && call.listener() == Listener.SILENT) {
      boolean steady =
          call.reads().stream()
              .allMatch(
                  read ->
                      switch (read) {
                        case PENDING, PENDING_SLOWLY, COMPLETED, COMPLETED_ODD_FIELDS -> true;
                        default -> false;
                      });
      TaskResult result = running.result;
      if (steady
          && (result == null
              || !result.status().equals(TaskStatus.COMPLETED)
              || !result.taskId().equals(expectedId))) {
        violate(Breach.WRONG_END, running, "waited for a completed task and ended with " + failure);
      }
      boolean fails =
          call.reads().stream().allMatch(read -> read == Read.PENDING || read == Read.FAILED);
      if (fails && !steady && !(failure instanceof TaskFailedException)) {
        violate(Breach.WRONG_END, running, "waited for a failed task and ended with " + failure);
      }
    }
  }

  private static List<Post> replies(List<Entry> entries) {
    return entries.stream().map(Entry::reply).toList();
  }

  private void violate(Breach breach, Running running, String what) {
    Call call = running.call;
    violations.add(
        new Violation(
            breach,
            "%s %d%s %s"
                .formatted(
                    call.kind(), call.number(), call.stop() == null ? "" : " (stopped)", what)));
  }

  private void close(Client client) {
    if (closeBegun.compareAndSet(false, true)) {
      client.nanoBanana.close();
      closedNanos = System.nanoTime();
    }
  }

  private void at(Moment moment, Runnable action) {
    if (moment.event() != null) {
      return; // It happens on the thread of the call.
    }
    if (moment.posts() == 0) {
      clock.schedule(action, moment.micros(), TimeUnit.MICROSECONDS);
    } else {
      onPosts.computeIfAbsent(moment.posts(), n -> new ArrayList<>()).add(action);
    }
  }

  private void posted(int posts) {
    onPosts.getOrDefault(posts, List.of()).forEach(clock::execute);
  }

  private void happened(Event event) {
    Running running = onThreads.get(Thread.currentThread());
    if (running != null && running.call.stop() != null && running.call.stop().event() == event) {
      running.stop();
    }
  }

  private boolean eventually(BooleanSupplier condition) throws InterruptedException {
    long deadline = System.nanoTime() + patience.toNanos();
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() > deadline) {
        return false;
      }
      TimeUnit.MILLISECONDS.sleep(1);
    }
    return true;
  }

  private static @Nullable Method startVirtualThread() {
    try {
      return Thread.class.getMethod("startVirtualThread", Runnable.class);
    } catch (NoSuchMethodException e) {
      return null;
    }
  }

  /** A call on its way. */
  private final class Running {
    final Call call;
    final Client client;
    final CountDownLatch ended = new CountDownLatch(1);
    volatile boolean hangs;
    volatile boolean stopped;
    volatile @Nullable String taskId;
    volatile @Nullable TaskResult result;
    volatile @Nullable Throwable failure;
    volatile boolean flagLost;
    private @Nullable Thread thread;
    private boolean interrupted;
    private volatile @Nullable CompletableFuture<?> future;

    Running(Call call, Client client) {
      this.call = call;
      this.client = client;
    }

    void schedule() {
      if (call.startMicros() == 0) {
        start();
      } else {
        clock.schedule(
            () -> {
              if (call.onVirtualThread() && START_VIRTUAL_THREAD != null) {
                return START_VIRTUAL_THREAD.invoke(null, (Runnable) this::start);
              }
              callers.execute(this::start);
              return null;
            },
            call.startMicros(),
            TimeUnit.MICROSECONDS);
      }
      if (call.stop() != null) {
        Moment moment = call.stop();
        at(
            new Moment(moment.event(), moment.posts(), moment.micros() + call.startMicros()),
            () -> callers.execute(this::stop));
      }
    }

    void start() {
      try {
        if (call.kind().isAsync()) {
          startAsync();
        } else {
          runSync();
        }
      } catch (Throwable e) {
        end(null, e);
      }
    }

    private void startAsync() {
      CompletableFuture<?> whole;
      if (call.kind() == Kind.AWAIT_ASYNC) {
        whole = client.awaitAsync(call, LedgerServer.taskId(call));
        future = whole;
      } else {
        CompletableFuture<String> submit = client.submitAsync(call);
        future = submit;
        whole =
            call.kind() == Kind.SUBMIT_ASYNC
                ? submit
                : submit.thenApply(
                    id -> {
                      taskId = id;
                      return client.await(call, id);
                    });
      }
      whole.whenComplete(this::end);
      if (stopped) {
        stop(); // It came before the future was there.
      }
    }

    private void runSync() {
      synchronized (this) {
        thread = Thread.currentThread();
        onThreads.put(thread, this);
        if (stopped) {
          interrupted = true;
          thread.interrupt();
        }
      }
      Object value = null;
      Throwable thrown = null;
      try {
        value =
            call.kind() == Kind.SUBMIT
                ? client.submit(call)
                : client.await(call, LedgerServer.taskId(call));
      } catch (Throwable e) {
        thrown = e;
      }
      synchronized (this) {
        onThreads.remove(thread);
        thread = null;
        flagLost = interrupted && !Thread.interrupted();
      }
      end(value, thrown);
    }

    private void end(@Nullable Object value, @Nullable Throwable thrown) {
      if (value instanceof String id) {
        taskId = id;
      } else if (value instanceof TaskResult task) {
        result = task;
      }
      failure =
          thrown instanceof CompletionException && thrown.getCause() != null
              ? thrown.getCause()
              : thrown;
      ended.countDown();
    }

    void stop() {
      stopped = true;
      CompletableFuture<?> future = this.future;
      if (future != null) {
        future.cancel(true);
      }
      synchronized (this) {
        if (thread != null) {
          interrupted = true;
          thread.interrupt();
        }
      }
    }

    /** Frees the threads of a call that hangs. */
    void giveUp() {
      if (hangs) {
        stop();
      }
    }

    String stack() {
      Thread thread;
      synchronized (this) {
        thread = this.thread;
      }
      return thread == null
          ? ""
          : Stream.of(thread.getStackTrace())
              .map(StackTraceElement::toString)
              .filter(frame -> frame.contains("nanobanana"))
              .findFirst()
              .map(frame -> " at " + frame)
              .orElse("");
    }

    String outcome() {
      if (hangs) {
        return "hangs";
      }
      Throwable failure = this.failure;
      return failure == null
          ? call.kind().waits() ? "TaskResult" : "task id"
          : failure.getClass().getSimpleName();
    }
  }

  static Map<String, Integer> newOutcomes() {
    return new TreeMap<>();
  }
}
