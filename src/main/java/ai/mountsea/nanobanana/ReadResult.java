package ai.mountsea.nanobanana;

import ai.mountsea.nanobanana.api.NanoBananaApi;
import ai.mountsea.nanobanana.api.TaskResult;
import com.squareup.moshi.JsonDataException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import retrofit2.Call;
import retrofit2.Response;

/** Reads a task's result. Nothing is at stake, so whatever may pass may be tried again. */
final class ReadResult extends Operation<TaskResult, TaskResult> {
  private final NanoBananaApi api;
  private final String taskId;

  ReadResult(NanoBananaApi api, String taskId, ErrorReply.Reader errors) {
    super(errors);
    this.api = api;
    this.taskId = taskId;
  }

  @Override
  Call<TaskResult> newCall() {
    return api.getTaskResult(taskId);
  }

  @Override
  TaskResult succeeded(Response<TaskResult> response) {
    TaskResult result = response.body();
    if (result == null) {
      throw unavailable("HTTP " + response.code() + " without a result", true, null, null);
    }
    return result;
  }

  @Override
  NanoBananaException refused(ErrorReply reply) {
    int status = reply.statusCode();
    if (status >= 400 && status < 500 && status != 408) {
      return RefusedException.of(reply, "the result of task " + taskId + " was not read", true);
    }
    return unavailable(reply.summary(), status == 408 || status >= 500, reply.retryAfter(), null);
  }

  @Override
  NanoBananaException failed(Call<TaskResult> call, Throwable failure) {
    return unavailable(shown(failure), !(failure instanceof JsonDataException), null, failure);
  }

  private ResultUnavailableException unavailable(
      String why, boolean isTransient, @Nullable Duration retryAfter, @Nullable Throwable cause) {
    return new ResultUnavailableException(
        "The result of task " + taskId + " could not be read, the task goes on: " + why,
        taskId,
        isTransient,
        retryAfter,
        cause);
  }
}
