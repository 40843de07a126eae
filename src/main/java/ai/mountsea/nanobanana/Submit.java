package ai.mountsea.nanobanana;

import ai.mountsea.nanobanana.api.GenerateImageRequest;
import ai.mountsea.nanobanana.api.GenerateImageResponse;
import ai.mountsea.nanobanana.api.NanoBananaApi;
import retrofit2.Call;
import retrofit2.Response;

/** Submits a request. Its value is the task id; each failure says whether a task may exist. */
final class Submit extends Operation<GenerateImageResponse, String> {
  private static final String UNKNOWN =
      "A task may exist and be billed: look before you submit again.";

  private final NanoBananaApi api;
  private final GenerateImageRequest request;

  Submit(NanoBananaApi api, GenerateImageRequest request, ErrorReply.Reader errors) {
    super(errors);
    this.api = api;
    this.request = request;
  }

  @Override
  Call<GenerateImageResponse> newCall() {
    return api.generateImage(request);
  }

  @Override
  String succeeded(Response<GenerateImageResponse> response) {
    GenerateImageResponse body = response.body();
    if (body == null || body.taskId().isBlank()) {
      throw new OutcomeUnknownException(
          "The service accepted the request (HTTP "
              + response.code()
              + ") but sent no task id. "
              + UNKNOWN,
          response.code());
    }
    return body.taskId();
  }

  @Override
  NanoBananaException refused(ErrorReply reply) {
    if (reply.statusCode() >= 400 && reply.statusCode() < 500) {
      return RefusedException.of(reply, "no task was created", false);
    }
    return new OutcomeUnknownException(
        "The service answered the request with " + reply.summary() + ". " + UNKNOWN, reply);
  }

  @Override
  NanoBananaException failed(Call<GenerateImageResponse> call, Throwable failure) {
    return call.request().body() instanceof OneShotBody body && body.begun()
        ? new OutcomeUnknownException(
            "The request was sent, but no reply could be read: " + shown(failure) + ". " + UNKNOWN,
            failure)
        : new NotSentException(
            "The request was not sent, so no task was created: " + shown(failure), failure);
  }
}
