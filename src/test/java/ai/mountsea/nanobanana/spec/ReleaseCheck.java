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
 * The build runs it before it compiles, with the version and the file to write:
 *
 * <pre>{@code
 * ReleaseCheck 0.2.0-SNAPSHOT target/changes.md
 * }</pre>
 *
 * <p>Of the public API, it then knows the generated part, which it derives from the spec. {@code
 * SpecChangesTest} runs it with the compiled classes.
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
  public static void main(String[] versionAndFile) throws IOException {
    ReleaseCheck check = of(versionAndFile[0]);
    System.out.print(check.text());
    check.write(Path.of(versionAndFile[1]));
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

  /** Writes the changes, ready for CHANGELOG.md. */
  void write(Path file) throws IOException {
    Files.writeString(file, text());
  }

  String text() {
    return changes.isEmpty()
        ? "Since " + release + ", nothing has changed.\n"
        : "Since " + release + ":\n" + SpecChanges.text(changes);
  }

  boolean isAllowed() {
    return !SpecChanges.isBreaking(changes) || SpecChanges.mayBreak(release, version);
  }

  String refusal() {
    return "Version %s does not allow what breaks since %s. Change the spec so that it breaks nobody, or raise the version in pom.xml; see CONTRIBUTING.md."
        .formatted(version, release);
  }
}
