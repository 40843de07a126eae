package consumer;

import ai.mountsea.nanobanana.NanoBanana;
import ai.mountsea.nanobanana.api.Action;
import ai.mountsea.nanobanana.api.GenerateImageRequest;
import java.nio.file.Files;
import java.nio.file.Path;

public final class Main {
  private Main() {}

  public static void main(String[] args) throws Exception {
    try (NanoBanana nanoBanana = NanoBanana.fromEnv()) {
      String taskId =
          nanoBanana.submit(GenerateImageRequest.builder("A cat", Action.GENERATE).build());
      Path image =
          nanoBanana.save(nanoBanana.await(taskId), Files.createTempDirectory("java")).get(0);
      System.out.println(Files.size(image) + " bytes on Java " + Runtime.version().feature());
    }
  }
}
