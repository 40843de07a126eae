package consumer;

import ai.mountsea.nanobanana.NanoBanana;
import ai.mountsea.nanobanana.api.Action;
import ai.mountsea.nanobanana.api.GenerateImageRequest;
import ai.mountsea.nanobanana.sandbox.Sandbox;
import ai.mountsea.nanobanana.sandbox.Script;
import java.nio.file.Files;
import java.nio.file.Path;

public final class Main {
  private Main() {}

  public static void main(String[] args) throws Exception {
    try (Sandbox sandbox = Sandbox.start().next(Script.completesAfter(0));
        NanoBanana nanoBanana = sandbox.client()) {
      String taskId =
          nanoBanana.submit(GenerateImageRequest.builder("A cat", Action.GENERATE).build());
      Path image =
          nanoBanana.save(nanoBanana.await(taskId), Files.createTempDirectory("modules")).get(0);
      System.out.println(
          Files.size(image) + " bytes from the module " + NanoBanana.class.getModule().getName());
    }
  }
}
