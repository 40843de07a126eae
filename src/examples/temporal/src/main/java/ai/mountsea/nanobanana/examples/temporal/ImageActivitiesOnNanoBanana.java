package ai.mountsea.nanobanana.examples.temporal;

import ai.mountsea.nanobanana.ImageDownloadException;
import ai.mountsea.nanobanana.InvalidRequestException;
import ai.mountsea.nanobanana.NanoBanana;
import ai.mountsea.nanobanana.NanoBananaException;
import ai.mountsea.nanobanana.NotSentException;
import ai.mountsea.nanobanana.OutcomeUnknownException;
import ai.mountsea.nanobanana.RateLimitedException;
import ai.mountsea.nanobanana.RefusedException;
import ai.mountsea.nanobanana.ResultNotUnderstoodException;
import ai.mountsea.nanobanana.TaskFailedException;
import ai.mountsea.nanobanana.TaskRecord;
import ai.mountsea.nanobanana.TaskRecord.State;
import ai.mountsea.nanobanana.TaskStore;
import ai.mountsea.nanobanana.UnauthorizedException;
import ai.mountsea.nanobanana.api.GenerateImageRequest;
import io.temporal.activity.Activity;
import io.temporal.activity.ActivityExecutionContext;
import io.temporal.client.ActivityCompletionException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Submits once, waits, and saves. While it lasts, Temporal is told each second that this worker
 * lives. After five silent seconds another worker starts the same activity; what it must not do
 * again is in the task store.
 */
public final class ImageActivitiesOnNanoBanana implements ImageActivities {
  private static final Logger LOG = LoggerFactory.getLogger(ImageActivitiesOnNanoBanana.class);

  private final ScheduledExecutorService heart =
      Executors.newSingleThreadScheduledExecutor(
          beat -> {
            Thread thread = new Thread(beat, "heartbeat");
            thread.setDaemon(true);
            return thread;
          });

  /** Held for reading during a submit; whoever has it for writing knows that there are none. */
  private final ReadWriteLock submits = new ReentrantReadWriteLock(true);

  private final NanoBanana nanoBanana;
  private final TaskStore store;
  private final Path folder;
  private volatile boolean isDraining;

  ImageActivitiesOnNanoBanana(NanoBanana nanoBanana, TaskStore store, Path folder) {
    this.nanoBanana = nanoBanana;
    this.store = new PatientTaskStore(store);
    this.folder = folder;
  }

  /** Submits nothing more, and returns when each submit in flight is recorded. */
  void drain() {
    isDraining = true;
    submits.writeLock().lock();
    submits.writeLock().unlock();
  }

  @Override
  public Made make(Lane.Prompt prompt) {
    ActivityExecutionContext activity = Activity.getExecutionContext();
    Future<?> beats = heart.scheduleAtFixedRate(() -> beat(activity), 0, 1, TimeUnit.SECONDS);
    try {
      TaskRecord known = store.find(prompt.key());
      boolean isNew = known == null || known.state() == State.NOT_SUBMITTED;
      return new Made(
          isSaved(known)
              ? Outcome.SAVED
              : submitAndSave(prompt.key(), GenerateImageRequest.fromJson(prompt.request())),
          isNew);
    } finally {
      beats.cancel(false);
    }
  }

  /** Goes on when Temporal has given the activity to another worker: a submit can't be undone. */
  private static void beat(ActivityExecutionContext activity) {
    try {
      activity.heartbeat(null);
    } catch (ActivityCompletionException e) {
      LOG.debug("Another worker has it by now", e);
    }
  }

  /** What it throws, Temporal tries again: the next attempt finds the task in the store. */
  private Outcome submitAndSave(String key, GenerateImageRequest request) {
    try {
      String taskId = submit(key, request);
      save(key, taskId);
      return Outcome.SAVED;
    } catch (OutcomeUnknownException e) {
      TaskRecord known = store.find(key);
      if (known == null || known.state() == State.SUBMITTING) {
        LOG.info("{}: {}", key, e.getMessage());
        return Outcome.IN_FLIGHT;
      }
      LOG.error("For a person: {}: {}", key, e.getMessage());
      return Outcome.UNKNOWN;
    } catch (RefusedException e) {
      boolean needsAKey = e instanceof UnauthorizedException && e.taskId() == null;
      LOG.error("{}: {}", key, e.getMessage());
      if (needsAKey || e instanceof RateLimitedException) {
        throw e; // The lane stands still until the key is valid, or it is its turn.
      }
      return Outcome.FAILED;
    } catch (InvalidRequestException
        | TaskFailedException
        | ResultNotUnderstoodException
        | ImageDownloadException e) {
      LOG.error("{}: {}", key, e.getMessage());
      return Outcome.FAILED;
    } catch (NanoBananaException e) {
      LOG.warn("{}: {}", key, e.getMessage());
      throw e;
    }
  }

  private boolean isSaved(@Nullable TaskRecord known) {
    return known != null
        && known.state() == State.DONE
        && known.detail() != null
        && Files.exists(folder.resolve(known.detail()));
  }

  private String submit(String key, GenerateImageRequest request) {
    submits.readLock().lock();
    try {
      if (isDraining) {
        throw new NotSentException("This worker is stopping", null);
      }
      return nanoBanana.submitOnce(key, request, store);
    } finally {
      submits.readLock().unlock();
    }
  }

  private void save(String key, String taskId) {
    try {
      Path saved = saveOnce(taskId);
      record(key, taskId, State.DONE, saved.getFileName().toString());
      LOG.info("{}: saved {}", key, saved);
    } catch (TaskFailedException e) {
      record(key, taskId, State.FAILED, e.getMessage());
      throw e;
    }
  }

  private Path saveOnce(String taskId) {
    try {
      return nanoBanana.save(nanoBanana.await(taskId), folder).get(0);
    } catch (ImageDownloadException e) {
      LOG.info("Reading the result again: {}", e.getMessage()); // URLs of images expire.
      return nanoBanana.save(nanoBanana.await(taskId), folder).get(0);
    }
  }

  /** Unless another attempt did so first. */
  private void record(String key, String taskId, State state, String detail) {
    TaskRecord known = store.find(key);
    if (known != null && taskId.equals(known.taskId())) {
      store.replace(key, known, known.to(state, taskId, detail));
    }
  }

  /**
   * Logs the id of a task before it is recorded: a log is there when the database is not. Tries for
   * half a minute to record it, because after that only a person can.
   */
  private record PatientTaskStore(TaskStore store) implements TaskStore {
    @Override
    public @Nullable TaskRecord find(String key) {
      return store.find(key);
    }

    @Override
    public boolean replace(String key, @Nullable TaskRecord expected, TaskRecord next) {
      if (next.state() != State.SUBMITTED) {
        return store.replace(key, expected, next);
      }
      LOG.info("{}: task {}", key, next.taskId());
      for (int attempt = 1; ; attempt++) {
        try {
          return store.replace(key, expected, next);
        } catch (RuntimeException e) {
          LOG.warn("{}: {}", key, e.getMessage());
          if (attempt == 30 || !sleepASecond()) {
            throw e;
          }
        }
      }
    }

    private static boolean sleepASecond() {
      try {
        Thread.sleep(1000);
        return true;
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return false;
      }
    }
  }
}
