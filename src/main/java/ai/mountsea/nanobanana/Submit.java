package ai.mountsea.nanobanana;

import ai.mountsea.nanobanana.api.GenerateImageResponse;
import com.squareup.moshi.JsonDataException;
import com.squareup.moshi.JsonReader;
import java.io.IOException;
import java.time.Clock;
import java.util.function.Function;
import java.util.function.Supplier;
import okio.Buffer;
import org.jspecify.annotations.Nullable;
import retrofit2.Call;

/**
 * Submits a request. Its value is the task id; each failure says whether a task may exist.
 *
 * @param newCall makes the call of the operation, not yet executed
 * @param taskIdOf reads the response that the spec has for it
 */
record Submit(
    Supplier<? extends Call<?>> newCall,
    Function<String, String> taskIdOf,
    ApiKey apiKey,
    Clock clock)
    implements Operation<String> {
  @Override
  public Attempt<String> newAttempt() {
    return new SubmitAttempt(newCall.get());
  }

  @Override
  public NanoBananaException notAttempted(String why, Throwable cause) {
    return new NotSentException(
        "The request was not sent, so no task was created: " + apiKey.redact(why),
        apiKey.redact(cause));
  }

  @Override
  public NanoBananaException broken(Throwable cause) {
    return new OutcomeUnknownException(
        "This library failed while a request was submitted: "
            + apiKey.redact(cause.toString())
            + ". A task may exist and be billed, so look for it before you submit again.",
        null,
        clock.instant(),
        null,
        apiKey.redact(cause));
  }

  private final class SubmitAttempt extends ApiAttempt<String> {
    SubmitAttempt(Call<?> call) {
      super(call, apiKey);
    }

    @Override
    @Nullable String received(String body) {
      String taskId = taskIdOf.apply(body);
      return taskId.isBlank() ? null : taskId;
    }

    @Override
    String receivedUnread(ServiceResponse response, @Nullable Throwable cause) {
      String taskId = taskIdIn(exchange.body(), exchange.isWhole());
      if (taskId == null) {
        throw unknown(
            "The service accepted the request (HTTP "
                + response.statusCode()
                + "), but its response has no task id: "
                + response.excerpt()
                + exchange.ending(),
            null,
            response,
            cause);
      }
      return taskId;
    }

    @Override
    NanoBananaException refused(ServiceResponse response) {
      int status = response.statusCode();
      boolean isFromService = exchange.isFromService(status);
      boolean isUnsent = !isFromService && exchange.withhold();
      String taskId = taskIdIn(response.body(), exchange.isWhole());
      if (isRefusal(status) && taskId == null && (isFromService || isUnsent)) {
        return Refusals.of(response, calledUrl(), "no task was created", null, clock);
      }
      if (isUnsent) {
        return new NotSentException(
            "The request was not sent, so no task was created: an interceptor answered "
                + response.summary(),
            null);
      }
      return unknown(
          (isFromService ? "The service" : "An interceptor")
              + " answered "
              + calledUrl()
              + " with "
              + response.summary()
              + (taskId == null ? "" : ", which names task " + taskId),
          taskId,
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
      throw unknown(
          (exchange.isSent()
                  ? "The request was sent, but how the service answered is not known: "
                  : "An interceptor read the request and didn't pass it on, so whether it was sent"
                      + " is not known: ")
              + why,
          null,
          null,
          cause);
    }

    private OutcomeUnknownException unknown(
        String what,
        @Nullable String taskId,
        @Nullable ServiceResponse response,
        @Nullable Throwable cause) {
      return new OutcomeUnknownException(
          redacted(what)
              + ". A task may exist and be billed, so look for it before you submit again.",
          taskId,
          exchange.sentAt(),
          response,
          redacted(cause));
    }
  }

  /** Whether a status says that no task was made. 408 and 499 are of proxies that gave up. */
  private static boolean isRefusal(int status) {
    return status >= 400 && status < 500 && status != 408 && status != 499;
  }

  /**
   * The task id in a response that has not the structure that the spec says: a number, nested,
   * spelled another way, cut off behind the id, or followed by something else. Null if there is
   * none; in a response that is cut off, a number may be cut off, too.
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
            boolean isTaskId = isTaskId(reader.nextName());
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

  private static boolean isTaskId(String name) {
    return name.replaceAll("[_-]", "")
        .equalsIgnoreCase(GenerateImageResponse.JSON_PROPERTY_TASK_ID);
  }
}
