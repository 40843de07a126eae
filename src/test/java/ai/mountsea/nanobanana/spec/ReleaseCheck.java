package ai.mountsea.nanobanana.spec;

import ai.mountsea.nanobanana.spec.SpecChanges.Change;
import ai.mountsea.nanobanana.spec.SpecChanges.State;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * Says what has changed since the last release, and whether the version may break what it breaks.
 * It needs nothing that is generated or compiled:
 *
 * <pre>{@code
 * ReleaseCheck 0.2.0-SNAPSHOT
 * }</pre>
 *
 * <p>With the folders of the compiled library and sandbox as further arguments, the hand-written
 * public API is compared as well.
 */
final class ReleaseCheck {
  private static final Path SPEC = Path.of("openapi", "nano-banana.yaml");
  private static final Path RELEASED = Path.of("openapi", "released");

  private final String release;
  private final String version;
  private final List<Change> changes;

  private ReleaseCheck(String release, String version, List<Change> changes) {
    this.release = release;
    this.version = version;
    this.changes = changes;
  }

  /** Ends with 1 if the version doesn't allow what breaks. */
  public static void main(String[] versionAndClasses) throws IOException {
    ReleaseCheck check =
        of(
            versionAndClasses[0],
            Stream.of(versionAndClasses).skip(1).map(Path::of).toArray(Path[]::new));
    System.out.print(check.text());
    if (!check.isAllowed()) {
      System.err.println(check.refusal());
      System.exit(1);
    }
  }

  /** Compares the working copy with the release in {@code openapi/released}. */
  static ReleaseCheck of(String version, Path... classes) throws IOException {
    Path release = release();
    String api = classes.length == 0 ? null : PublicApi.of(classes);
    return new ReleaseCheck(
        release.getFileName().toString(),
        version,
        SpecChanges.between(state(release), new State(Files.readString(SPEC), api)));
  }

  static State state(Path folder) throws IOException {
    return new State(
        Files.readString(folder.resolve("nano-banana.yaml")),
        Files.readString(folder.resolve("nano-banana.txt")));
  }

  /** The folder of the last release is named for its version; there is one. */
  private static Path release() throws IOException {
    try (Stream<Path> releases = Files.list(RELEASED)) {
      List<Path> all = releases.toList();
      if (all.size() != 1) {
        throw new IllegalStateException(
            RELEASED + " must have one folder, that of the last release, and has " + all);
      }
      return all.get(0);
    }
  }

  /** Returns the changes, ready for CHANGELOG.md. */
  String text() {
    return "Since "
        + release
        + ":\n"
        + (changes.isEmpty() ? "Nothing.\n" : SpecChanges.text(changes));
  }

  boolean isAllowed() {
    return !SpecChanges.isBreaking(changes) || SpecChanges.mayBreak(release, version);
  }

  String refusal() {
    return "Version %s does not allow what breaks since %s. Change the spec so that it breaks nobody, or raise the version in pom.xml; see CONTRIBUTING.md."
        .formatted(version, release);
  }
}
