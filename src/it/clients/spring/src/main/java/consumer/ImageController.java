package consumer;

import ai.mountsea.nanobanana.Image;
import ai.mountsea.nanobanana.InvalidRequestException;
import ai.mountsea.nanobanana.NanoBanana;
import ai.mountsea.nanobanana.NanoBananaException;
import ai.mountsea.nanobanana.api.GenerateImageRequest;
import ai.mountsea.nanobanana.api.TaskResult;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.ProblemDetail;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RestController;

@RestController
class ImageController {
  private final NanoBanana nanoBanana;

  ImageController(NanoBanana nanoBanana) {
    this.nanoBanana = nanoBanana;
  }

  /** Answers the image itself. */
  @PostMapping("/image")
  ResponseEntity<byte[]> image(@RequestBody GenerateImageRequest request) {
    Image image = nanoBanana.download(nanoBanana.generate(request)).get(0);
    return ResponseEntity.ok()
        .contentType(MediaType.parseMediaType(image.mediaType()))
        .body(image.bytes());
  }

  /** Answers the result as JSON, as {@link WireJson} writes it. */
  @PostMapping("/task")
  TaskResult task(@RequestBody GenerateImageRequest request) {
    return nanoBanana.generate(request);
  }

  /** Goes on with a task whose request was answered before it was finished. */
  @GetMapping("/task/{id}")
  TaskResult task(@PathVariable String id) {
    return nanoBanana.await(id);
  }

  /** Says whether a task may exist, and its id: with that, it can be awaited later. */
  @ExceptionHandler
  ProblemDetail failed(NanoBananaException e) {
    ProblemDetail problem =
        ProblemDetail.forStatusAndDetail(
            e instanceof InvalidRequestException ? HttpStatus.BAD_REQUEST : HttpStatus.BAD_GATEWAY,
            e.getMessage());
    problem.setProperty("mayTaskExist", e.mayTaskExist());
    problem.setProperty("taskId", e.taskId());
    return problem;
  }
}
