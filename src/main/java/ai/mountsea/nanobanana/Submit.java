package ai.mountsea.nanobanana;

import ai.mountsea.nanobanana.api.GenerateImageRequest;
import ai.mountsea.nanobanana.api.GenerateImageResponse;
import ai.mountsea.nanobanana.api.NanoBananaApi;
import com.squareup.moshi.JsonDataException;
import com.squareup.moshi.JsonReader;
import java.io.IOException;
import java.time.Clock;
import okio.Buffer;
import org.jspecify.annotations.Nullable;
import retrofit2.Call;

/** Submits a request. Its value is the task id; each failure says whether a task may exist. */
record Submit(NanoBananaApi api, GenerateImageRequest request, ApiKey apiKey, Clock clock)
    implements Operation<String> {
  private static final String CHECK_FIRST =
      " A task may exist and be billed, so look for it before you submit again.";

  @Override
  public Attempt<String> newAttempt() {
    return new SubmitAttempt(api.generateImage(request));
  }

  @Override
  public NanoBananaException notAttempted(String why, Throwable cause) {
    return new NotSentException(
        "The request was not sent, so no task was created: " + apiKey.redact(why),
        apiKey.redact(cause));
  }

  private final class SubmitAttempt extends ApiAttempt<GenerateImageResponse, String> {
    SubmitAttempt(Call<GenerateImageResponse> call) {
      super(call, apiKey);
    }

    @Override
    @Nullable String received(GenerateImageResponse body) {
      return body.taskId().isBlank() ? null : body.taskId();
    }

    @Override
    String receivedUnread(ServiceResponse response, @Nullable Throwable cause) {
      String taskId = taskIdIn(exchange.body(), exchange.isWhole());
      if (taskId == null) {
        throw new OutcomeUnknownException(
            "The service accepted the request (HTTP "
                + response.statusCode()
                + "), but its response has no task id: "
                + response.excerpt()
                + "."
                + CHECK_FIRST,
            exchange.sentAt(),
            response,
            redacted(cause));
      }
      return taskId;
    }

    @Override
    NanoBananaException refused(ServiceResponse response) {
      if (response.statusCode() >= 400 && response.statusCode() < 500) {
        return Refusals.of(response, calledUrl(), "no task was created", null, clock);
      }
      if (exchange.withhold()) { // an interceptor of the user's answered in place of the service
        return new NotSentException(
            "The request was not sent, so no task was created: an interceptor answered "
                + response.summary(),
            null);
      }
      return new OutcomeUnknownException(
          "The service answered " + calledUrl() + " with " + response.summary() + "." + CHECK_FIRST,
          exchange.sentAt(),
          response,
          null);
    }

    @Override
    public String settle(String why, Throwable cause) {
      if (exchange.withhold()) {
        throw notAttempted(why, cause);
      }
      if (exchange.hasResponse()) {
        return settleByResponse(cause);
      }
      throw new OutcomeUnknownException(
          "The request was sent, but no response was received: "
              + redacted(why)
              + "."
              + CHECK_FIRST,
          exchange.sentAt(),
          null,
          redacted(cause));
    }
  }

  /**
   * The task id in a response that has not the structure that the spec says: a number, nested, cut
   * off behind the id, or followed by something else. Null if there is none; in a response that is
   * cut off, a number may be cut off, too.
   */
  static @Nullable String taskIdIn(String body, boolean isWhole) {
    try (JsonReader reader = JsonReader.of(new Buffer().writeUtf8(body))) {
      while (true) {
        switch (reader.peek()) {
          case BEGIN_OBJECT -> reader.beginObject();
          case END_OBJECT -> reader.endObject();
          case BEGIN_ARRAY -> reader.beginArray();
          case END_ARRAY -> reader.endArray();
          case NAME -> {
            boolean isTaskId =
                reader.nextName().equals(GenerateImageResponse.JSON_PROPERTY_TASK_ID);
            JsonReader.Token token = reader.peek();
            if (isTaskId
                && (token == JsonReader.Token.STRING
                    || (token == JsonReader.Token.NUMBER && isWhole))) {
              String taskId = reader.nextString();
              if (!taskId.isBlank()) {
                return taskId;
              }
            }
          }
          case STRING, NUMBER, BOOLEAN, NULL -> reader.skipValue();
          case END_DOCUMENT -> {
            return null;
          }
        }
      }
    } catch (IOException | JsonDataException e) {
      return null; // It is no JSON from here on.
    }
  }
}
