package ai.mountsea.nanobanana.examples;

import ai.mountsea.nanobanana.FileTaskStore;
import ai.mountsea.nanobanana.NanoBanana;
import ai.mountsea.nanobanana.NanoBananaException;
import ai.mountsea.nanobanana.NotSentException;
import ai.mountsea.nanobanana.OutcomeUnknownException;
import ai.mountsea.nanobanana.TaskFailedException;
import ai.mountsea.nanobanana.TaskNotFinishedException;
import ai.mountsea.nanobanana.TaskRecord;
import ai.mountsea.nanobanana.TaskRecord.State;
import ai.mountsea.nanobanana.TaskStore;
import ai.mountsea.nanobanana.api.TaskResult;
import ai.mountsea.nanobanana.examples.BatchProgress.Outcome;
import ai.mountsea.nanobanana.examples.BatchPrompts.Prompt;
import java.io.Console;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;

/**
 * Makes an image of each line of a file, a few at once; {@link BatchPrompts} says what a line is.
 *
 * <pre>{@code
 * mvn -q test-compile exec:java -Dexec.mainClass=ai.mountsea.nanobanana.examples.Batch \
 *     -Dexec.args="prompts.txt images 4"
 * }</pre>
 *
 * <p>What was submitted is in {@code images/tasks.jsonl}, so after a crash the same command goes
 * on, and submits no prompt twice. A prompt that may have been submitted is listed for a person,
 * who looks for its task and adds a line to that file, as {@link FileTaskStore} describes. So can a
 * failed prompt be ordered anew. Ctrl-C waits for the submits in flight, and for nothing else.
 *
 * <p>Exit codes: 0 all are saved; 1 some are not, see the summary and run it again; 2 the arguments
 * or the prompts are invalid, and nothing was sent; 3 a person has to look for a task.
 */
public final class Batch {
  private static final String STORE = "tasks.jsonl";

  private final NanoBanana nanoBanana;
  private final Path folder;
  private final int atOnce;
  private final int maxFailures;
  private final PrintStream out;
  private final boolean isTerminal;

  /** Held for reading during a submit; whoever has it for writing knows that there are none. */
  private final ReadWriteLock submits = new ReentrantReadWriteLock(true);

  private final List<String> forAPerson = Collections.synchronizedList(new ArrayList<>());
  private volatile boolean isStopped;
  private int failuresInARow;

  Batch(
      NanoBanana nanoBanana,
      Path folder,
      int atOnce,
      int maxFailures,
      PrintStream out,
      boolean isTerminal) {
    this.nanoBanana = nanoBanana;
    this.folder = folder;
    this.atOnce = atOnce;
    this.maxFailures = maxFailures;
    this.out = out;
    this.isTerminal = isTerminal;
  }

  /**
   * Runs or resumes a batch, with the key from {@code MOUNTSEA_API_KEY}.
   *
   * @param args a file of prompts, a folder for the images, how many to make at once (4 unless
   *     given), and after how many failures in a row to stop (5 unless given)
   */
  public static void main(String[] args) {
    System.exit(run(args));
  }

  private static int run(String[] args) {
    if (args.length < 2 || args.length > 4) {
      System.err.println("Usage: Batch <prompts> <folder> [at once] [failures in a row]");
      return 2;
    }
    try (NanoBanana nanoBanana = NanoBanana.fromEnv()) {
      List<Prompt> prompts = BatchPrompts.read(Path.of(args[0]));
      int atOnce = args.length > 2 ? positive(args[2]) : 4;
      int maxFailures = args.length > 3 ? positive(args[3]) : 5;
      Batch batch =
          new Batch(nanoBanana, Path.of(args[1]), atOnce, maxFailures, System.out, isTerminal());
      Runtime.getRuntime().addShutdownHook(new Thread(batch::stop));
      return batch.run(prompts);
    } catch (IllegalArgumentException | IllegalStateException | UncheckedIOException e) {
      System.err.println(e.getMessage());
      return 2;
    } catch (FileAlreadyExistsException e) {
      System.err.println(e.getFile() + " is a file, not a folder");
      return 2;
    } catch (NoSuchFileException e) {
      System.err.println(e.getFile() + " does not exist");
      return 2;
    } catch (AccessDeniedException e) {
      System.err.println(e.getFile() + " may not be read or written");
      return 2;
    } catch (IOException e) {
      System.err.println(e);
      return 2;
    } catch (InterruptedException e) {
      return 1;
    }
  }

  private static int positive(String arg) {
    if (!arg.matches("0*[1-9]\\d{0,5}")) {
      throw new IllegalArgumentException(arg + " is not a number of at least 1");
    }
    return Integer.parseInt(arg);
  }

  /** Before JDK 22, there is a console only on a terminal; since then, the console says so. */
  private static boolean isTerminal() {
    Console console = System.console();
    if (console == null || System.getenv("TERM") == null) {
      return false;
    }
    try {
      return (boolean) Console.class.getMethod("isTerminal").invoke(console);
    } catch (NoSuchMethodException e) {
      return true;
    } catch (ReflectiveOperationException e) {
      return false;
    }
  }

  /** Submits nothing more, and waits until each submit in flight is recorded. */
  private void stop() {
    if (!isStopped) {
      out.println("Stopping; the submits in flight are recorded first");
    }
    isStopped = true;
    submits.writeLock().lock();
  }

  int run(List<Prompt> prompts) throws IOException, InterruptedException {
    try {
      Files.createDirectories(folder);
      return runIn(prompts);
    } finally {
      isStopped = true;
    }
  }

  private int runIn(List<Prompt> prompts) throws IOException, InterruptedException {
    try (FileTaskStore store = FileTaskStore.open(folder.resolve(STORE))) {
      deletePartFiles();
      for (String line : store.tornLines()) {
        out.println("Cut off in tasks.jsonl, delete it when you have seen to it: " + line);
      }
      BatchProgress progress = new BatchProgress(out, isTerminal, System::nanoTime, prompts.size());
      makeAll(toDo(prompts, store, progress), store, progress);
      isStopped = true; // A stop from here on has nothing to wait for.
      return report(progress);
    }
  }

  /** The rest, those with a task first: the URLs of images expire. */
  private List<Prompt> toDo(List<Prompt> prompts, TaskStore store, BatchProgress progress)
      throws IOException {
    Map<String, List<String>> images = images();
    List<Prompt> begun = new ArrayList<>();
    List<Prompt> others = new ArrayList<>();
    for (Prompt prompt : prompts) {
      TaskRecord known = store.find(prompt.name());
      String obstacle = obstacle(prompt, known, images);
      if (obstacle != null) {
        progress.alreadyDone(Outcome.FAILED);
        forAPerson.add(prompt.name() + " " + obstacle);
        continue;
      }
      if (known == null) {
        others.add(prompt);
        continue;
      }
      switch (known.state()) {
        case SUBMITTING, UNKNOWN -> {
          progress.alreadyDone(Outcome.UNKNOWN);
          askAPerson(prompt);
        }
        case FAILED -> {
          progress.alreadyDone(Outcome.FAILED);
          out.println(prompt.name() + " failed: " + known.detail());
        }
        case DONE, SUBMITTED -> {
          if (known.detail() != null && Files.exists(folder.resolve(known.detail()))) {
            progress.alreadyDone(Outcome.SAVED);
          } else {
            begun.add(prompt);
          }
        }
        case NOT_SUBMITTED -> others.add(prompt);
      }
    }
    begun.addAll(others);
    return begun;
  }

  /** Why a prompt must not be ordered under its name, to follow the name; null if it may be. */
  private String obstacle(Prompt prompt, TaskRecord known, Map<String, List<String>> images) {
    try {
      folder.resolve(prompt.name());
    } catch (InvalidPathException e) {
      return "can't be the name of a file here; set a locale with UTF-8, or give it another name";
    }
    if (known != null && !known.request().equals(prompt.request())) {
      return "stands for another prompt in tasks.jsonl; give the new one a name of its own";
    }
    boolean isOrdered = known != null && known.taskId() != null;
    for (String image : images.getOrDefault(prompt.name().toLowerCase(Locale.ROOT), List.of())) {
      boolean isOwn = image.startsWith(prompt.name());
      if (isOwn && isOrdered) {
        return null;
      }
      return "would replace "
          + image
          + (isOwn ? "; " : " where file names ignore case; ")
          + (isOrdered
              ? "move that file to another folder first"
              : "move that file away, or give the prompt a name of its own");
    }
    return null;
  }

  /** The images of the folder, by their names without an extension, in lower case. */
  private Map<String, List<String>> images() throws IOException {
    Map<String, List<String>> images = new HashMap<>();
    try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, "*.*")) {
      for (Path file : files) {
        String name = file.getFileName().toString();
        if (!name.equals(STORE)) {
          String id = name.substring(0, name.lastIndexOf('.')).toLowerCase(Locale.ROOT);
          images.computeIfAbsent(id, unused -> new ArrayList<>()).add(name);
        }
      }
    }
    return images;
  }

  private void makeAll(List<Prompt> prompts, TaskStore store, BatchProgress progress)
      throws InterruptedException {
    ExecutorService threads = Executors.newFixedThreadPool(atOnce);
    try {
      for (Prompt prompt : prompts) {
        threads.execute(() -> make(prompt, store, progress));
      }
      threads.shutdown();
      threads.awaitTermination(Long.MAX_VALUE, TimeUnit.NANOSECONDS);
    } finally {
      threads.shutdownNow();
    }
  }

  private void make(Prompt prompt, TaskStore store, BatchProgress progress) {
    boolean isPaidFor = hasTask(prompt, store);
    if (isStopped) {
      progress.alreadyDone(Outcome.LATER);
      return;
    }
    progress.started();
    Outcome outcome = Outcome.LATER;
    String what;
    try {
      String taskId = submit(prompt, store);
      progress.detail(prompt.name() + ": task " + taskId);
      what = "saved as " + save(prompt, store);
      outcome = Outcome.SAVED;
    } catch (TaskFailedException e) {
      outcome = Outcome.FAILED;
      what = e.getMessage();
    } catch (OutcomeUnknownException e) {
      outcome = Outcome.UNKNOWN;
      askAPerson(prompt);
      what = e.getMessage();
    } catch (NanoBananaException | IllegalArgumentException e) {
      what = e.getMessage();
    } catch (IOException | RuntimeException e) {
      what = e.toString();
    }
    progress.ended(outcome, prompt.name() + ": " + what);
    if (!isPaidFor) { // What was ordered before costs nothing more, so it stops nothing.
      countFailures(outcome, progress);
    }
  }

  private static boolean hasTask(Prompt prompt, TaskStore store) {
    try {
      TaskRecord known = store.find(prompt.name());
      return known != null && known.taskId() != null;
    } catch (IllegalStateException e) { // It was closed, and the submit will say so.
      return false;
    }
  }

  private String submit(Prompt prompt, TaskStore store) {
    submits.readLock().lock();
    try {
      if (isStopped) {
        throw new NotSentException("Stopped before it was submitted", null);
      }
      return nanoBanana.submitOnce(prompt.name(), prompt.request(), store);
    } catch (TaskNotFinishedException e) { // The store can't be written.
      isStopped = true;
      forAPerson.add(e.getMessage());
      throw e;
    } finally {
      submits.readLock().unlock();
    }
  }

  /** Waits for the task, saves its image under its task id, and then gives it the prompt's name. */
  private Path save(Prompt prompt, TaskStore store) throws IOException {
    TaskResult result = nanoBanana.generateOnce(prompt.name(), prompt.request(), store);
    Path saved = nanoBanana.save(result, folder).get(0);
    String savedName = saved.getFileName().toString();
    Path file = folder.resolve(prompt.name() + savedName.substring(savedName.lastIndexOf('.')));
    Files.move(saved, file, StandardCopyOption.ATOMIC_MOVE);
    force(folder);
    TaskRecord known = store.find(prompt.name());
    String name = file.getFileName().toString();
    store.replace(prompt.name(), known, known.to(State.DONE, known.taskId(), name));
    return file;
  }

  /** The file's name is on the disk, too, where the operating system can force a folder. */
  private static void force(Path folder) {
    try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
      channel.force(true);
    } catch (IOException e) { // Windows can't open a folder.
    }
  }

  private synchronized void countFailures(Outcome outcome, BatchProgress progress) {
    failuresInARow = outcome == Outcome.SAVED ? 0 : failuresInARow + 1;
    if (failuresInARow == maxFailures && !isStopped) {
      isStopped = true;
      progress.important("Stopped after " + maxFailures + " failures in a row");
    }
  }

  private void askAPerson(Prompt prompt) {
    forAPerson.add(
        prompt.name()
            + " may have been submitted. Look for its task, then add to tasks.jsonl either"
            + "\n    {\"state\":\"SUBMITTED\",\"key\":\""
            + prompt.name()
            + "\",\"taskId\":\"...\"}"
            + "\n    {\"state\":\"NOT_SUBMITTED\",\"key\":\""
            + prompt.name()
            + "\"}");
  }

  private int report(BatchProgress progress) {
    progress.end();
    for (String line : forAPerson) {
      out.println("For a person: " + line);
    }
    if (!forAPerson.isEmpty()) {
      return 3;
    }
    return progress.count(Outcome.FAILED) + progress.count(Outcome.LATER) == 0 ? 0 : 1;
  }

  /** Of downloads that a crash ended. Nobody else has any in the folder, whose store is ours. */
  private void deletePartFiles() throws IOException {
    try (DirectoryStream<Path> parts = Files.newDirectoryStream(folder, ".*.part")) {
      for (Path part : parts) {
        Files.delete(part);
      }
    }
  }
}
