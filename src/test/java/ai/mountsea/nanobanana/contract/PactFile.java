package ai.mountsea.nanobanana.contract;

import java.nio.file.Files;
import java.nio.file.Path;

/** The pact, as the tests of this run wrote it, or as it is committed if they wrote none. */
final class PactFile {
  static final String CONSUMER = "nano-banana-java";
  static final String PROVIDER = "mountsea";
  static final String NAME = CONSUMER + "-" + PROVIDER + ".json";
  static final Path COMMITTED = Path.of("pacts", NAME);

  private PactFile() {}

  static Path path() {
    Path written = Path.of(System.getProperty("pact.rootDir", "target/pacts"), NAME);
    return Files.exists(written) ? written : COMMITTED;
  }
}
