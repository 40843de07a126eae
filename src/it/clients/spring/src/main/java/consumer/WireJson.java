package consumer;

import ai.mountsea.nanobanana.api.GenerateImageRequest;
import ai.mountsea.nanobanana.api.TaskResult;
import com.squareup.moshi.JsonDataException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.springframework.http.HttpInputMessage;
import org.springframework.http.HttpOutputMessage;
import org.springframework.http.MediaType;
import org.springframework.http.converter.AbstractHttpMessageConverter;
import org.springframework.http.converter.HttpMessageNotReadableException;
import org.springframework.stereotype.Component;

/** Reads requests and writes results as the API does; Jackson doesn't know its names. */
@Component
class WireJson extends AbstractHttpMessageConverter<Record> {
  WireJson() {
    super(MediaType.APPLICATION_JSON);
  }

  @Override
  protected boolean supports(Class<?> type) {
    return type == GenerateImageRequest.class || type == TaskResult.class;
  }

  @Override
  protected Record readInternal(Class<? extends Record> type, HttpInputMessage input)
      throws IOException {
    String json = new String(input.getBody().readAllBytes(), StandardCharsets.UTF_8);
    try {
      return type == TaskResult.class
          ? TaskResult.fromJson(json)
          : GenerateImageRequest.fromJson(json);
    } catch (JsonDataException e) {
      throw new HttpMessageNotReadableException(e.getMessage(), e, input);
    }
  }

  @Override
  protected void writeInternal(Record value, HttpOutputMessage output) throws IOException {
    String json =
        value instanceof TaskResult result
            ? result.toJson()
            : ((GenerateImageRequest) value).toJson();
    output.getBody().write(json.getBytes(StandardCharsets.UTF_8));
  }
}
