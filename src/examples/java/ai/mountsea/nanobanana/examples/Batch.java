package ai.mountsea.nanobanana.examples;

import ai.mountsea.nanobanana.NanoBanana;
import ai.mountsea.nanobanana.NanoBananaException;
import ai.mountsea.nanobanana.SaveOptions;
import ai.mountsea.nanobanana.TaskFailedException;
import ai.mountsea.nanobanana.WaitOptions;
import ai.mountsea.nanobanana.api.Action;
import ai.mountsea.nanobanana.api.GenerateImageRequest;
import ai.mountsea.nanobanana.api.TaskResult;
import ai.mountsea.nanobanana.examples.BatchJournal.Entry;
import ai.mountsea.nanobanana.examples.BatchJournal.Step;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Makes an image of each line of a file, a few at once. A prompt is its text; the same line twice
 * is one image.
 *
 * <pre>{@code
 * mvn -q test-compile exec:java -Dexec.mainClass=ai.mountsea.nanobanana.examples.Batch \
 *     -Dexec.args="prompts.txt images 4"
 * }</pre>
 *
 * <p>Each step is in {@code images/journal.jsonl} before the next is taken, so after a crash the
 * same command goes on, and submits no prompt twice. A prompt whose submit was under way may have a
 * task or not: it is listed for a person, who finds out and adds to the journal either {@code
 * ["TASK", "the prompt", "its task id"]} or {@code ["NOT_SUBMITTED", "the prompt", ""]}.
 */
public final class Batch {
  private final NanoBanana nanoBanana;
  private final Path folder;
  private final int atOnce;
  private final WaitOptions waitOptions;
  private final PrintStream out;

  Batch(NanoBanana nanoBanana, Path folder, int atOnce, WaitOptions waitOptions, PrintStream out) {
    this.nanoBanana = nanoBanana;
    this.folder = folder;
    this.atOnce = atOnce;
    this.waitOptions = waitOptions;
    this.out = out;
  }

  /**
   * Runs or resumes a batch, with the key from {@code MOUNTSEA_API_KEY}.
   *
   * @param args a file of prompts, a folder for the images, and how many to make at once
   * @throws Exception if the batch can't go on
   */
  public static void main(String[] args) throws Exception {
    if (args.length != 3) {
      throw new IllegalArgumentException("Give a file of prompts, a folder, and how many at once");
    }
    List<String> prompts = Files.readAllLines(Path.of(args[0]));
    Path folder = Path.of(args[1]);
    int atOnce = Integer.parseInt(args[2]);
    try (NanoBanana nanoBanana = NanoBanana.fromEnv()) {
      new Batch(nanoBanana, folder, atOnce, WaitOptions.DEFAULT, System.out).run(prompts);
    }
  }

  void run(List<String> lines) throws IOException, InterruptedException, ExecutionException {
    List<String> prompts = lines.stream().filter(line -> !line.isBlank()).distinct().toList();
    Files.createDirectories(folder);
    ExecutorService threads = Executors.newFixedThreadPool(atOnce);
    try (BatchJournal journal = new BatchJournal(folder.resolve("journal.jsonl"))) {
      List<Callable<Object>> steps =
          prompts.stream().map(prompt -> Executors.callable(() -> make(prompt, journal))).toList();
      for (Future<?> made : threads.invokeAll(steps)) {
        made.get();
      }
      report(prompts, journal);
    } finally {
      threads.shutdownNow();
    }
  }

  private void make(String prompt, BatchJournal journal) {
    try {
      Entry last = journal.last(prompt);
      if (last == null || last.step() == Step.NOT_SUBMITTED) {
        save(prompt, submit(prompt, journal), journal);
      } else if (last.step() == Step.TASK) {
        save(prompt, last.detail(), journal);
      }
    } catch (NanoBananaException e) {
      out.println(prompt + ": " + e.getMessage());
    }
  }

  private String submit(String prompt, BatchJournal journal) {
    journal.write(Step.SUBMITTING, prompt, "");
    try {
      String taskId =
          nanoBanana.submit(GenerateImageRequest.builder(prompt, Action.GENERATE).build());
      journal.write(Step.TASK, prompt, taskId);
      out.println(prompt + ": task " + taskId);
      return taskId;
    } catch (NanoBananaException e) {
      if (!e.mayTaskExist()) {
        journal.write(Step.NOT_SUBMITTED, prompt, e.getMessage());
      }
      throw e;
    }
  }

  private void save(String prompt, String taskId, BatchJournal journal) {
    try {
      TaskResult result = nanoBanana.await(taskId, waitOptions);
      // A run that died here may have saved it already.
      Path file = nanoBanana.save(result, folder, SaveOptions.DEFAULT.withOverwrite(true)).get(0);
      journal.write(Step.SAVED, prompt, file.toString());
      out.println(prompt + ": saved as " + file);
    } catch (TaskFailedException e) {
      journal.write(Step.FAILED, prompt, e.getMessage());
      throw e;
    }
  }

  private void report(List<String> prompts, BatchJournal journal) {
    int saved = 0;
    for (String prompt : prompts) {
      switch (journal.last(prompt).step()) {
        case SUBMITTING -> out.println("For a person, it may have been submitted: " + prompt);
        case NOT_SUBMITTED -> out.println("For the next run, to submit: " + prompt);
        case TASK -> out.println("For the next run, to wait for: " + prompt);
        case FAILED -> out.println("Failed: " + prompt);
        case SAVED -> saved++;
      }
    }
    out.println(saved + " of " + prompts.size() + " saved");
  }
}
