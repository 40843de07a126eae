import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CheckReleaseTest {
  private static final String POM =
      """
      <project xmlns="http://maven.apache.org/POM/4.0.0">
        <groupId>ai.mountsea</groupId>
        <artifactId>nano-banana</artifactId>
        <version>0.1.0</version>
        <name>Nano Banana</name>
        <description>A client.</description>
        <url>https://example.com</url>
        <licenses>
          <license><name>Apache-2.0</name><url>https://example.com/license</url></license>
        </licenses>
        <developers>
          <developer><name>The maintainers</name></developer>
        </developers>
        <scm>
          <url>https://example.com</url>
          <connection>scm:git:https://example.com</connection>
          <developerConnection>scm:git:https://example.com</developerConnection>
        </scm>
        <dependencies>
          <dependency><groupId>org.jspecify</groupId> <artifactId>jspecify</artifactId> <version>1.0.0</version></dependency>
        </dependencies>
      </project>
      """;

  @TempDir Path repository;

  @BeforeEach
  void aReleaseIsComplete() throws IOException {
    write(".pom", POM.getBytes(StandardCharsets.UTF_8));
    write("-pact.json", "{}".getBytes(StandardCharsets.UTF_8));
    write("-cyclonedx.json", "{}".getBytes(StandardCharsets.UTF_8));
    for (String classifier : List.of("", "-sandbox", "-sandbox-standalone")) {
      writeJar(classifier + ".jar", "ai/mountsea/A.class");
    }
    for (String classifier : List.of("", "-sandbox")) {
      writeJar(classifier + "-sources.jar", "ai/mountsea/A.java");
      writeJar(classifier + "-javadoc.jar", "index.html");
    }
  }

  @Test
  void aCompleteReleasePasses() throws IOException {
    assertThat(problems()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        ".jar",
        "-sources.jar",
        "-javadoc.jar",
        "-sandbox.jar",
        "-sandbox-sources.jar",
        "-sandbox-javadoc.jar",
        "-sandbox-standalone.jar",
        "-pact.json",
        "-cyclonedx.json"
      })
  void aMissingFileIsFound(String end) throws IOException {
    for (String with : List.of("", ".asc", ".md5", ".sha1")) {
      Files.delete(file(end + with));
    }

    assertThat(problems()).containsExactly("nano-banana-0.1.0" + end + " is missing.");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        ".pom.asc",
        ".jar.asc",
        ".jar.md5",
        ".jar.sha1",
        "-sandbox-javadoc.jar.asc",
        "-sandbox-javadoc.jar.md5",
        "-sandbox-javadoc.jar.sha1",
        "-pact.json.asc"
      })
  void aMissingSignatureOrChecksumIsFound(String end) throws IOException {
    Files.delete(file(end));

    assertThat(problems()).containsExactly("nano-banana-0.1.0" + end + " is missing.");
  }

  @Test
  void aFileThatIsNotTheSignedOneIsFound() throws IOException {
    Files.writeString(file("-pact.json"), "{ }");

    assertThat(problems())
        .containsExactly(
            "nano-banana-0.1.0-pact.json.md5 is not the checksum of nano-banana-0.1.0-pact.json.",
            "nano-banana-0.1.0-pact.json.sha1 is not the checksum of nano-banana-0.1.0-pact.json.",
            "nano-banana-0.1.0-pact.json.asc does not verify: BAD signature");
  }

  @ParameterizedTest
  @CsvSource({
    ".jar, .class",
    "-sources.jar, .java",
    "-javadoc.jar, index.html",
    "-sandbox-sources.jar, .java"
  })
  void anEmptyJarIsFound(String end, String content) throws IOException {
    writeJar(end, "META-INF/MANIFEST.MF");

    assertThat(problems()).containsExactly("nano-banana-0.1.0" + end + " has no " + content + ".");
  }

  @Test
  void aJarThatIsNoneIsFound() throws IOException {
    write("-sources.jar", new byte[0]);

    assertThat(problems())
        .containsExactly("nano-banana-0.1.0-sources.jar is not a jar: zip file is empty");
  }

  @Test
  void aFileThatNobodyExpectsIsFound() throws IOException {
    write("-tests.jar", new byte[0]);

    assertThat(problems())
        .contains("nano-banana-0.1.0-tests.jar is not known to .ci/CheckRelease.java.")
        .hasSize(4);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          <name>Nano Banana</name>                   |                              | has no name.
          <description>A client.</description>       | <description/>               | has no description.
          ><url>https://example.com/license</url></  | ></                          | has no licenses/license/url.
          <name>Apache-2.0</name>                    |                              | has no licenses/license/name.
          <developer><name>The maintainers</name></developer> |                     | has no developers/developer/name.
          <connection>scm:git:https://example.com</connection> |                    | has no scm/connection.
          <developerConnection>scm:git:https://example.com</developerConnection> |  | has no scm/developerConnection.
          <version>0.1.0</version>                   | <version>0.2.0</version>     | is not the POM of nano-banana 0.1.0.
          <artifactId>nano-banana</artifactId>       | <artifactId>nano</artifactId> | is not the POM of nano-banana 0.1.0.
          <description>A client.                     | <description>${text}         | has a ${property}, which nobody resolves.
          <version>1.0.0</version>                   | <version>1.0.1-SNAPSHOT</version> | depends on a SNAPSHOT: org.jspecify jspecify 1.0.1-SNAPSHOT.
          """)
  void anIncompletePomIsFound(String from, String to, String problem) throws IOException {
    assertThat(POM).contains(from);
    String pom = POM.replace(from, to == null ? "" : to);
    write(".pom", pom.getBytes(StandardCharsets.UTF_8));

    assertThat(problems()).containsExactly("nano-banana-0.1.0.pom " + problem);
  }

  @ParameterizedTest
  @ValueSource(strings = {"url", "scm/url"})
  void aPomWithoutItsUrlIsFound(String path) throws IOException {
    String url = "  <url>https://example.com</url>\n";
    String pom =
        path.equals("url") ? POM.replaceFirst(url, "") : POM.replace("<scm>\n  " + url, "<scm>\n");
    write(".pom", pom.getBytes(StandardCharsets.UTF_8));

    assertThat(problems()).containsExactly("nano-banana-0.1.0.pom has no " + path + ".");
  }

  @Test
  void aFolderWithoutAReleaseIsFound(@TempDir Path empty) throws IOException {
    assertThat(CheckRelease.problems(empty, CheckReleaseTest::verify))
        .containsExactly("A release has one .pom, and 0 are in " + empty.getFileName() + ".");
  }

  @Test
  void aSnapshotIsFound() throws IOException {
    Path snapshot = repository.resolve("ai/mountsea/nano-banana/0.1.0-SNAPSHOT");
    Files.move(file("").getParent(), snapshot);

    assertThat(problems()).contains("0.1.0-SNAPSHOT is not a version that can be released.");
  }

  private List<String> problems() throws IOException {
    return CheckRelease.problems(repository, CheckReleaseTest::verify);
  }

  /** In place of a real signature: the hash of what is signed. */
  private static String verify(Path file, Path signature) throws IOException {
    return Files.readString(signature).equals(hash("SHA-256", Files.readAllBytes(file)))
        ? ""
        : "BAD signature";
  }

  private Path file(String end) {
    return repository.resolve("ai/mountsea/nano-banana/0.1.0/nano-banana-0.1.0" + end);
  }

  private void write(String end, byte[] bytes) throws IOException {
    Files.createDirectories(file(end).getParent());
    Files.write(file(end), bytes);
    Files.writeString(file(end + ".asc"), hash("SHA-256", bytes));
    Files.writeString(file(end + ".md5"), hash("MD5", bytes));
    Files.writeString(file(end + ".sha1"), hash("SHA-1", bytes));
  }

  private void writeJar(String end, String entry) throws IOException {
    Files.createDirectories(file(end).getParent());
    try (OutputStream out = Files.newOutputStream(file(end));
        JarOutputStream jar = new JarOutputStream(out)) {
      jar.putNextEntry(new JarEntry(entry));
    }
    write(end, Files.readAllBytes(file(end)));
  }

  private static String hash(String algorithm, byte[] bytes) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance(algorithm).digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError(e);
    }
  }
}
