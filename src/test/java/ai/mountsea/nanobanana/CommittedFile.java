package ai.mountsea.nanobanana;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A file that the build produces and that is committed, so that a review shows what changed. */
public final class CommittedFile {
  private CommittedFile() {}

  /** With {@code -Dupdate} writes the file, without it fails if the file differs. */
  public static void assertUpToDate(Path committed, String content) throws IOException {
    if (System.getProperty("update") != null) {
      Files.createDirectories(committed.getParent());
      Files.writeString(committed, content);
    }

    assertThat(committed)
        .as(
            "%s is not up to date. If the change is intended, run `mvn verify -Dupdate` and commit the file.",
            committed)
        .usingCharset(UTF_8)
        .hasContent(content);
  }
}
