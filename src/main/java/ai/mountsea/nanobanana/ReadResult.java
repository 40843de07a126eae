package ai.mountsea.nanobanana;

import ai.mountsea.nanobanana.api.NanoBananaApi;
import ai.mountsea.nanobanana.api.TaskResult;
import com.squareup.moshi.JsonDataException;
import java.time.Clock;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import retrofit2.Call;

/** Reads a task's result, which can be repeated at no risk. */
final class ReadResult implements Operation<TaskResult> {
  private final NanoBananaApi api;
  private final String taskId;
  private final ApiKey apiKey;
  private final Clock clock;
  private volatile @Nullable ReadAttempt lastRead;

  ReadResult(NanoBananaApi api, String taskId, ApiKey apiKey, Clock clock) {
    this.api = api;
    this.taskId = taskId;
    this.apiKey = apiKey;
    this.clock = clock;
  }

  String taskId() {
    return taskId;
  }

  ApiKey apiKey() {
    return apiKey;
  }

  /** The body that the last result was read from. */
  String body() {
    ReadAttempt last = lastRead;
    return last == null ? "" : apiKey.redact(last.body);
  }

  /** The response that the last result was read from; null if an interceptor made it up. */
  @Nullable ServiceResponse response() {
    ReadAttempt last = lastRead;
    return last != null && last.exchange.hasResponse() ? last.response() : null;
  }

  @Override
  public Attempt<TaskResult> newAttempt() {
    return new ReadAttempt(api.getTaskResult(taskId));
  }

  @Override
  public NanoBananaException notAttempted(String why, Throwable cause) {
    return unavailable(why, null, null, cause);
  }

  @Override
  public NanoBananaException broken(Throwable cause) {
    return unavailable("this library failed: " + cause, null, null, cause);
  }

  private ResultUnavailableException unavailable(
      String why,
      @Nullable ServiceResponse response,
      @Nullable Duration retryAfter,
      @Nullable Throwable cause) {
    return new ResultUnavailableException(
        "The result of task "
            + taskId
            + " could not be read: "
            + apiKey.redact(why)
            + ". The task is not affected; read its result again later.",
        taskId,
        response,
        retryAfter,
        apiKey.redact(cause));
  }

  private final class ReadAttempt extends ApiAttempt<TaskResult> {
    private String body = ""; // once it was read

    ReadAttempt(Call<TaskResult> call) {
      super(call, apiKey);
    }

    @Override
    TaskResult received(String body) {
      TaskResult result = TaskResult.fromJson(body);
      this.body = body;
      lastRead = this;
      return result;
    }

    @Override
    TaskResult receivedUnread(ServiceResponse response, @Nullable Throwable cause) {
      if (exchange.brokenBy() != null) {
        throw unavailable(
            "the response broke off: " + exchange.brokenBy(), response, null, exchange.brokenBy());
      }
      try {
        return received(exchange.body());
      } catch (JsonDataException e) {
        throw new ResultNotUnderstoodException(
            "The result of task "
                + taskId
                + " can't be understood: "
                + calledUrl()
                + " was answered with HTTP "
                + response.statusCode()
                + " "
                + response.excerpt()
                + ". "
                + redacted(String.valueOf(e.getMessage())),
            taskId,
            response.body(),
            null,
            response,
            redacted(e));
      }
    }

    @Override
    NanoBananaException refused(ServiceResponse response) {
      int status = response.statusCode();
      if (status == 408 || status >= 500) {
        return unavailable(response.summary(), response, response.retryAfter(clock), null);
      }
      if (status >= 400) {
        return Refusals.of(
            response, calledUrl(), "the result of task " + taskId + " was not read", taskId, clock);
      }
      return new ResultNotUnderstoodException(
          "The result of task "
              + taskId
              + " was not read: "
              + calledUrl()
              + " was answered with "
              + response.summary()
              + ". Check the base URL.",
          taskId,
          response.body(),
          null,
          response,
          null);
    }

    @Override
    public TaskResult settle(String why, Throwable cause) {
      if (exchange.hasResponse()) {
        return settleByResponse(cause);
      }
      throw unavailable(why, null, null, cause);
    }
  }
}
