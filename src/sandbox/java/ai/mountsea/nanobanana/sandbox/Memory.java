package ai.mountsea.nanobanana.sandbox;

import ai.mountsea.nanobanana.api.GenerateImageRequest;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What the sandbox remembers: the scripts to come, the tasks, and what was submitted. Bounded: of
 * more tasks than {@link #MAX_TASKS}, or than fit into {@link #MAX_BYTES} of the heap, the oldest
 * are forgotten, and of submits likewise. Safe for use by several threads.
 */
final class Memory {
  static final int MAX_TASKS = 100_000;
  static final long MAX_BYTES = 96 * 1024 * 1024;
  static final int MAX_SUBMITS = 1_000;
  static final long MAX_SUBMIT_BYTES = 16 * 1024 * 1024;
  private static final int MAX_SHOWN_SCRIPTS = 20;
  static final int MAX_SCRIPTS = 10_000;
  static final long MAX_SCRIPT_BYTES = 8 * 1024 * 1024;

  private static final String ID = "sandbox-";

  /** A script, and for how many more submits it is. */
  record Pending(Script script, int left) {}

  /**
   * What becomes of a submit.
   *
   * @param duplicated the id of the first task that was made of this very request, if there is one
   */
  record Outcome(
      Behavior behavior,
      @Nullable String script,
      @Nullable Task task,
      @Nullable String duplicated) {}

  private final List<Pending> scripts = new ArrayList<>();
  private final Map<String, Task> tasks = new LinkedHashMap<>();
  private final Map<GenerateImageRequest, String> firstIds = new HashMap<>();
  private final Deque<Submit> submits = new ArrayDeque<>();
  private final Map<String, Submit> submitsByTask = new HashMap<>();

  /** How many tasks have a behavior, which is kept and counted once. */
  private final IdentityHashMap<Behavior, Integer> behaviors = new IdentityHashMap<>();

  private long bytes;
  private long scriptBytes;
  private long submitBytes;
  private int ids;
  private int made;
  private int repeats;
  private long submitNumbers;
  private long changes;

  synchronized void add(List<Script> more) {
    if (scripts.size() + more.size() > MAX_SCRIPTS) {
      throw new IllegalArgumentException(
          "More than " + MAX_SCRIPTS + " scripts are pending; use times for one that repeats");
    }
    long moreBytes = more.stream().mapToLong(Script::size).sum();
    if (scriptBytes + moreBytes > MAX_SCRIPT_BYTES) {
      throw new IllegalArgumentException(
          "The pending scripts would take more than "
              + MAX_SCRIPT_BYTES / (1024 * 1024)
              + " MB; use times for one that repeats");
    }
    scriptBytes += moreBytes;
    more.forEach(script -> scripts.add(new Pending(script, script.times())));
    changes++;
  }

  synchronized List<Pending> pending() {
    return List.copyOf(scripts);
  }

  synchronized void forgetScripts() {
    scripts.clear();
    scriptBytes = 0;
    changes++;
  }

  synchronized void reset() {
    forgetScripts();
    tasks.clear();
    behaviors.clear();
    firstIds.clear();
    submits.clear();
    submitsByTask.clear();
    bytes = 0;
    submitBytes = 0;
    ids = 0;
    made = 0;
    repeats = 0;
  }

  /** Decides what becomes of a submit: takes its script, and makes the task if there is one. */
  synchronized Outcome submit(
      GenerateImageRequest request, List<Painter.Source> sources, long size) {
    Script script = takeScript(request.prompt());
    Behavior behavior = script == null ? Behavior.USUAL : script.behavior();
    Task task = null;
    String duplicated = null;
    if (behavior.makesTask()) {
      made++;
      duplicated = firstIds.get(request);
      repeats += duplicated == null ? 0 : 1;
      task = newTask(request, behavior, sources, size);
    }
    return new Outcome(behavior, script == null ? null : script.name(), task, duplicated);
  }

  /** Makes a task that nobody submitted. */
  synchronized Task state(GenerateImageRequest request, Behavior behavior) {
    return newTask(request, behavior, List.of(), 0);
  }

  private Task newTask(
      GenerateImageRequest request, Behavior behavior, List<Painter.Source> sources, long size) {
    Task task = new Task(ID + ++ids, request, behavior, sources, now(), size);
    tasks.put(task.id, task);
    firstIds.putIfAbsent(request, task.id);
    bytes += size + (behaviors.merge(behavior, 1, Integer::sum) == 1 ? behavior.size() : 0);
    Iterator<Task> oldest = tasks.values().iterator();
    while (tasks.size() > MAX_TASKS || (bytes > MAX_BYTES && tasks.size() > 1)) {
      Task forgotten = oldest.next();
      oldest.remove();
      bytes -= forgotten.size;
      if (behaviors.merge(forgotten.behavior, -1, Integer::sum) == 0) {
        behaviors.remove(forgotten.behavior);
        bytes -= forgotten.behavior.size();
      }
      firstIds.remove(forgotten.request, forgotten.id);
    }
    return task;
  }

  /** A script for this very prompt goes before one for any. */
  private @Nullable Script takeScript(String prompt) {
    int at = -1;
    for (int i = 0; i < scripts.size(); i++) {
      String word = scripts.get(i).script().word();
      if (word != null && prompt.contains(word)) {
        at = i;
        break;
      }
      if (word == null && at < 0) {
        at = i;
      }
    }
    if (at < 0) {
      return null;
    }
    Pending taken = scripts.get(at);
    if (taken.left() == 1) {
      scripts.remove(at);
      scriptBytes -= taken.script().size();
    } else if (taken.left() < Integer.MAX_VALUE) {
      scripts.set(at, new Pending(taken.script(), taken.left() - 1));
    }
    return taken.script();
  }

  synchronized @Nullable Task task(String id) {
    return tasks.get(id);
  }

  synchronized boolean wasForgotten(String id) {
    return id.matches(ID + "[1-9][0-9]{0,8}")
        && Integer.parseInt(id.substring(ID.length())) <= ids
        && !tasks.containsKey(id);
  }

  /** Counts a read of a task, and returns its number, from 0. */
  synchronized int read(Task task) {
    int read = task.reads++;
    if (task.finishedAt == null && task.reads > task.behavior.reads()) {
      task.finishedAt = now();
    }
    return read;
  }

  synchronized List<GenerateImageRequest> requests() {
    List<GenerateImageRequest> requests = new ArrayList<>(tasks.size());
    tasks.values().stream()
        .filter(task -> task.size > 0)
        .forEach(task -> requests.add(task.request));
    return List.copyOf(requests);
  }

  /** The ids of the tasks that were submitted, in their order. */
  synchronized List<String> taskIds() {
    return tasks.values().stream().filter(task -> task.size > 0).map(task -> task.id).toList();
  }

  synchronized int made() {
    return made;
  }

  /** Records a submit for the page, whatever became of it. */
  synchronized void record(Submit submit) {
    submit.number = ++submitNumbers;
    submit.changed = ++changes;
    submits.addFirst(submit);
    submitBytes += submit.size;
    if (submit.taskId != null) {
      submitsByTask.put(submit.taskId, submit);
    }
    while (submits.size() > MAX_SUBMITS || submitBytes > MAX_SUBMIT_BYTES) {
      Submit forgotten = submits.removeLast();
      submitBytes -= forgotten.size;
      if (forgotten.taskId != null) {
        submitsByTask.remove(forgotten.taskId, forgotten);
      }
    }
  }

  /** Records for the page what a read of a task was answered. */
  synchronized void recordRead(String taskId, String status, String response) {
    Submit submit = submitsByTask.get(taskId);
    if (submit != null) {
      if (!status.equals(submit.taskStatus)) {
        submit.taskStatus = status;
        submit.changed = ++changes;
      }
      submitBytes -= submit.size;
      submit.readAs(response);
      submitBytes += submit.size;
    }
  }

  /** The newest submits that have changed since a change, newest first, and that of now. */
  synchronized Map<String, Object> changesSince(long change) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("change", changes);
    json.put("made", made);
    json.put("repeats", repeats);
    json.put("oldest", submits.isEmpty() ? submitNumbers + 1 : submits.getLast().number);
    json.put("pending", scripts.stream().limit(MAX_SHOWN_SCRIPTS).map(Memory::toJson).toList());
    json.put("pendingCount", scripts.size());
    json.put(
        "submits",
        submits.stream()
            .filter(submit -> submit.changed > change || change > changes)
            .map(Submit::summary)
            .toList());
    return json;
  }

  synchronized @Nullable Map<String, Object> submit(long number) {
    return submits.stream()
        .filter(submit -> submit.number == number)
        .map(Submit::details)
        .findFirst()
        .orElse(null);
  }

  static Map<String, Object> toJson(Pending pending) {
    Map<String, Object> json = new LinkedHashMap<>(pending.script().toJson());
    json.put(ScriptKind.TIMES, pending.left());
    return json;
  }

  private static OffsetDateTime now() {
    return OffsetDateTime.now(ZoneOffset.UTC);
  }
}
