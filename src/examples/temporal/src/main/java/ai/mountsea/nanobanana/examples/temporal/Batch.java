package ai.mountsea.nanobanana.examples.temporal;

import ai.mountsea.nanobanana.InvalidRequestException;
import ai.mountsea.nanobanana.NanoBananaException;
import ai.mountsea.nanobanana.RequestRules;
import ai.mountsea.nanobanana.Violation;
import ai.mountsea.nanobanana.api.ApiJsonAdapters;
import ai.mountsea.nanobanana.api.GenerateImageRequest;
import ai.mountsea.nanobanana.examples.temporal.Lane.Limits;
import ai.mountsea.nanobanana.examples.temporal.Lane.Prompt;
import ai.mountsea.nanobanana.examples.temporal.Lane.Summary;
import com.squareup.moshi.JsonAdapter;
import com.squareup.moshi.JsonDataException;
import com.squareup.moshi.Moshi;
import io.temporal.client.WorkflowClient;
import io.temporal.client.WorkflowExecutionAlreadyStarted;
import io.temporal.client.WorkflowOptions;
import io.temporal.client.WorkflowStub;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import okio.ByteString;

/**
 * Orders an image of each line of a file, and waits: {@code Batch 127.0.0.1:7233 prompts.txt 8}.
 * The last argument is how many images may be unfinished at once. A line is a prompt, or a request
 * as JSON, perhaps with a {@code name}; the same line is the same image in any file. For two images
 * of one request, give names.
 *
 * <p>No crash needs it: the workers go on by themselves. The same command waits for a batch that is
 * running, and otherwise goes on with what is not saved yet. What was paid for is in the task
 * store, and is not paid for again, however long ago that was.
 *
 * <p>If it says that some prompts may have been submitted, a person looks for their tasks, and
 * records them in the table as {@link JdbcTaskStore} says:
 *
 * <pre>{@code
 * select task_key, since, request from nano_banana_task where state in ('SUBMITTING', 'UNKNOWN');
 * }</pre>
 */
public final class Batch {
  static final String QUEUE = "images";

  private static final Moshi MOSHI = new Moshi.Builder().add(new ApiJsonAdapters()).build();
  private static final JsonAdapter<Object> JSON = MOSHI.adapter(Object.class);
  private static final JsonAdapter<GenerateImageRequest> REQUEST =
      MOSHI.adapter(GenerateImageRequest.class);

  /** Half of what Temporal allows. */
  private static final int MAX_LANE_CHARS = 1_000_000;

  private Batch() {}

  /**
   * Orders, waits, and prints a summary. Exit codes: 0 all are saved; 1 some are not; 2 the
   * arguments are invalid; 3 a person has to look for a task.
   *
   * @param args where Temporal is, a file of prompts, and how many images may be unfinished at once
   */
  public static void main(String[] args) {
    System.exit(run(System.out, args));
  }

  static int run(PrintStream out, String... args) {
    if (args.length != 3) {
      System.err.println("Usage: Batch <Temporal's host:port> <prompts> <at once>");
      return 2;
    }
    List<List<Prompt>> lanes;
    try {
      lanes = lanes(read(Path.of(args[1])), Integer.parseInt(args[2]));
    } catch (IOException | IllegalArgumentException e) {
      System.err.println(e.getMessage());
      return 2;
    }
    WorkflowClient temporal = BatchWorker.connect(args[0]);
    Summary summary = result(start(temporal, lanes, Limits.DEFAULT));
    temporal.getWorkflowServiceStubs().shutdown();
    out.printf(
        "%d saved, %d failed, %d unknown, %d left%n",
        summary.saved(), summary.failed(), summary.unknown(), summary.left());
    return summary.unknown() > 0 ? 3 : summary.failed() + summary.left() > 0 ? 1 : 0;
  }

  static List<Prompt> read(Path file) throws IOException {
    Map<String, Prompt> prompts = new LinkedHashMap<>();
    int number = 0;
    for (String raw : Files.readAllLines(file)) {
      number++;
      String line = raw.replace("\ufeff", "").strip();
      if (line.isEmpty()) {
        continue;
      }
      try {
        Prompt prompt = prompt(line);
        prompts.putIfAbsent(prompt.key(), prompt);
      } catch (IOException | JsonDataException | IllegalArgumentException | NanoBananaException e) {
        throw new IllegalArgumentException(file + ", line " + number + ": " + e.getMessage(), e);
      }
    }
    return List.copyOf(prompts.values());
  }

  static Prompt prompt(String line) throws IOException {
    Map<Object, Object> fields = new LinkedHashMap<>();
    if (line.startsWith("{")) {
      fields.putAll((Map<?, ?>) JSON.fromJson(line));
    } else {
      fields.put("prompt", line);
    }
    Object name = fields.remove("name");
    fields.putIfAbsent("action", "generate");
    GenerateImageRequest request =
        REQUEST.fromJsonValue(fields); // Text would hide half a character.
    if (!request.additionalProperties().isEmpty()) {
      throw new IllegalArgumentException(
          "unknown fields: " + request.additionalProperties().keySet());
    }
    List<Violation> violations = RequestRules.check(request);
    if (!violations.isEmpty()) {
      throw new InvalidRequestException(violations);
    }
    String json = request.toJson();
    return new Prompt("image-" + hash(name == null ? json : name + "\n" + json), json);
  }

  /** Deals the prompts out to as many lanes. */
  static List<List<Prompt>> lanes(List<Prompt> prompts, int count) {
    if (prompts.isEmpty() || count < 1) {
      throw new IllegalArgumentException("There must be a prompt, and at least 1 image at once");
    }
    List<List<Prompt>> lanes = new ArrayList<>();
    for (int lane = 0; lane < Math.min(count, prompts.size()); lane++) {
      List<Prompt> itsPrompts = new ArrayList<>();
      int chars = 0;
      for (int i = lane; i < prompts.size(); i += count) {
        itsPrompts.add(prompts.get(i));
        chars += prompts.get(i).request().length() + 50;
      }
      if (chars > MAX_LANE_CHARS) {
        throw new IllegalArgumentException(
            "Temporal does not accept so many prompts for one image at a time. Allow more images"
                + " at once, or split the file.");
      }
      lanes.add(itsPrompts);
    }
    return lanes;
  }

  /** Starts those lanes that are not running, and returns all. */
  static List<WorkflowStub> start(
      WorkflowClient temporal, List<List<Prompt>> lanes, Limits limits) {
    List<WorkflowStub> started = new ArrayList<>();
    for (List<Prompt> prompts : lanes) {
      String id = "lane-" + hash(prompts.toString());
      WorkflowOptions options =
          WorkflowOptions.newBuilder().setTaskQueue(QUEUE).setWorkflowId(id).build();
      try {
        WorkflowClient.start(
            temporal.newWorkflowStub(Lane.class, options)::make, prompts, Summary.NONE, limits);
      } catch (WorkflowExecutionAlreadyStarted e) {
        // The workers go on with it.
      }
      started.add(temporal.newUntypedWorkflowStub(id));
    }
    return started;
  }

  static Summary result(List<WorkflowStub> lanes) {
    return lanes.stream()
        .map(lane -> lane.getResult(Summary.class))
        .reduce(Summary.NONE, Summary::plus);
  }

  private static String hash(String text) {
    return ByteString.encodeUtf8(text).sha256().hex().substring(0, 32);
  }
}
