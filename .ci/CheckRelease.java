import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.jar.JarFile;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import javax.xml.xpath.XPath;
import javax.xml.xpath.XPathConstants;
import javax.xml.xpath.XPathExpressionException;
import javax.xml.xpath.XPathFactory;
import org.w3c.dom.Document;
import org.w3c.dom.NodeList;
import org.xml.sax.SAXException;

/**
 * Checks that a release in a folder has all that Maven Central demands, and all that this project
 * publishes:
 *
 * <pre>{@code
 * java .ci/CheckRelease.java target/release
 * }</pre>
 *
 * <p>Signatures are verified by {@code gpg}, with the public keys that it knows.
 */
final class CheckRelease {
  /** What is published, by the end of its name; the value is what a jar must have an entry of. */
  private static final Map<String, String> PUBLISHED =
      Map.of(
          ".pom", "",
          ".jar", ".class",
          "-sources.jar", ".java",
          "-javadoc.jar", "index.html",
          "-sandbox.jar", ".class",
          "-sandbox-sources.jar", ".java",
          "-sandbox-javadoc.jar", "index.html",
          "-sandbox-standalone.jar", ".class",
          "-pact.json", "",
          "-cyclonedx.json", "");

  private static final List<String> POM =
      List.of(
          "name",
          "description",
          "url",
          "licenses/license/name",
          "licenses/license/url",
          "developers/developer/name",
          "scm/url",
          "scm/connection",
          "scm/developerConnection");

  private static final Map<String, String> CHECKSUMS = Map.of(".md5", "MD5", ".sha1", "SHA-1");

  /** Verifies a detached signature. */
  interface Signatures {
    /** Returns what is wrong, or nothing. */
    String verify(Path file, Path signature) throws IOException;
  }

  private final Path folder;
  private final String artifact;
  private final String version;
  private final List<String> problems = new ArrayList<>();

  private CheckRelease(Path folder) {
    this.folder = folder;
    this.version = String.valueOf(folder.getFileName());
    this.artifact = String.valueOf(folder.getParent().getFileName());
  }

  /** Ends with 1 if anything is missing or wrong. */
  public static void main(String[] repository) throws IOException {
    if (repository.length != 1) {
      System.err.println("Usage: java .ci/CheckRelease.java target/release");
      System.exit(2);
    }
    List<String> problems = problems(Path.of(repository[0]), CheckRelease::gpg);
    problems.forEach(System.err::println);
    if (!problems.isEmpty()) {
      System.exit(1);
    }
    System.out.println(
        repository[0] + " is complete: " + PUBLISHED.size() + " files, with checksums, signed.");
  }

  /** Returns a sentence for each thing that is missing or wrong in a repository. */
  static List<String> problems(Path repository, Signatures signatures) throws IOException {
    List<Path> poms;
    try (Stream<Path> all = Files.walk(repository)) {
      poms = all.filter(each -> each.toString().endsWith(".pom")).toList();
    }
    if (poms.size() != 1) {
      return List.of(
          "A release has one .pom, and %d are in %s."
              .formatted(poms.size(), repository.getFileName()));
    }
    CheckRelease release = new CheckRelease(poms.get(0).toAbsolutePath().getParent());
    release.check(signatures);
    return release.problems;
  }

  private void check(Signatures signatures) throws IOException {
    if (version.endsWith("-SNAPSHOT")) {
      problems.add(version + " is not a version that can be released.");
    }
    TreeSet<String> expected = new TreeSet<>();
    for (String end : new TreeSet<>(PUBLISHED.keySet())) {
      String name = artifact + "-" + version + end;
      expected.add(name);
      if (!Files.isRegularFile(folder.resolve(name))) {
        problems.add(name + " is missing.");
        continue;
      }
      checksums(name);
      signature(name, signatures);
      if (end.endsWith(".jar")) {
        jar(name, PUBLISHED.get(end));
      }
    }
    try (Stream<Path> files = Files.list(folder)) {
      files
          .map(each -> each.getFileName().toString())
          .filter(
              each -> !expected.contains(each.replaceFirst("(\\.asc)?(\\.(md5|sha\\d+))?$", "")))
          .sorted()
          .forEach(each -> problems.add(each + " is not known to .ci/CheckRelease.java."));
    }
    Path pom = folder.resolve(artifact + "-" + version + ".pom");
    if (Files.isRegularFile(pom)) {
      pom(pom);
    }
  }

  private void checksums(String name) throws IOException {
    for (String end : new TreeSet<>(CHECKSUMS.keySet())) {
      Path file = folder.resolve(name + end);
      if (!Files.isRegularFile(file)) {
        problems.add(name + end + " is missing.");
      } else if (!Files.readString(file).strip().equals(hash(folder.resolve(name), end))) {
        problems.add(name + end + " is not the checksum of " + name + ".");
      }
    }
  }

  private static String hash(Path file, String end) throws IOException {
    try {
      MessageDigest digest = MessageDigest.getInstance(CHECKSUMS.get(end));
      return HexFormat.of().formatHex(digest.digest(Files.readAllBytes(file)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  private void signature(String name, Signatures signatures) throws IOException {
    Path signature = folder.resolve(name + ".asc");
    if (!Files.isRegularFile(signature)) {
      problems.add(name + ".asc is missing.");
      return;
    }
    String wrong = signatures.verify(folder.resolve(name), signature);
    if (!wrong.isEmpty()) {
      problems.add(name + ".asc does not verify: " + wrong);
    }
  }

  private void jar(String name, String content) {
    try (JarFile jar = new JarFile(folder.resolve(name).toFile())) {
      if (jar.stream().noneMatch(each -> each.getName().endsWith(content))) {
        problems.add(name + " has no " + content + ".");
      }
    } catch (IOException e) {
      problems.add(name + " is not a jar: " + e.getMessage());
    }
  }

  private void pom(Path file) throws IOException {
    String name = file.getFileName().toString();
    Document pom;
    try {
      // Without namespaces, so that the paths above need no prefix.
      pom = DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(file.toFile());
    } catch (SAXException e) {
      problems.add(name + " is not XML: " + e.getMessage());
      return;
    } catch (ParserConfigurationException e) {
      throw new IllegalStateException(e);
    }
    for (String path : POM) {
      if (texts(pom, "/project/" + path).stream().allMatch(String::isEmpty)) {
        problems.add(name + " has no " + path + ".");
      }
    }
    if (!texts(pom, "/project/artifactId").equals(List.of(artifact))
        || !texts(pom, "/project/version").equals(List.of(version))) {
      problems.add(name + " is not the POM of " + artifact + " " + version + ".");
    }
    if (Files.readString(file).contains("${")) {
      problems.add(name + " has a ${property}, which nobody resolves.");
    }
    for (String dependency : texts(pom, "/project/dependencies/dependency")) {
      if (dependency.contains("-SNAPSHOT")) {
        problems.add(name + " depends on a SNAPSHOT: " + dependency.replaceAll("\\s+", " ") + ".");
      }
    }
  }

  private static List<String> texts(Document pom, String path) {
    XPath xpath = XPathFactory.newInstance().newXPath();
    try {
      NodeList found = (NodeList) xpath.evaluate(path, pom, XPathConstants.NODESET);
      return IntStream.range(0, found.getLength())
          .mapToObj(i -> found.item(i).getTextContent().strip())
          .toList();
    } catch (XPathExpressionException e) {
      throw new IllegalStateException(e);
    }
  }

  private static String gpg(Path file, Path signature) throws IOException {
    Process gpg =
        new ProcessBuilder("gpg", "--batch", "--verify", signature.toString(), file.toString())
            .redirectErrorStream(true)
            .start();
    String output = new String(gpg.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
    try {
      return gpg.waitFor() == 0 ? "" : output.substring(output.lastIndexOf('\n') + 1);
    } catch (InterruptedException e) {
      throw new UncheckedIOException(new IOException(e));
    }
  }
}
