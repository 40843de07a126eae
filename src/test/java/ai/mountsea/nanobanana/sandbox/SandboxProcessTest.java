package ai.mountsea.nanobanana.sandbox;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import ai.mountsea.nanobanana.NanoBanana;
import ai.mountsea.nanobanana.api.Action;
import ai.mountsea.nanobanana.api.GenerateImageRequest;
import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.io.PrintStream;
import java.net.HttpURLConnection;
import java.net.URL;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Runs the sandbox as others do: in a JVM that has the library's own dependencies and no more. */
class SandboxProcessTest {
  private final List<Process> processes = new ArrayList<>();
  private Process process;

  @AfterEach
  void stop() {
    processes.forEach(Process::destroyForcibly);
  }

  @Test
  @DisabledOnOs(value = OS.WINDOWS, disabledReason = "It has no SIGTERM")
  void theSandboxServesWithoutAnyTestLibraryAndStopsCleanlyWhenItIsTold() throws Exception {
    BufferedReader output = start();

    String url = output.readLine();
    assertThat(url).matches("http://127\\.0\\.0\\.1:\\d+");
    assertThat(submit(url)).isEqualTo("sandbox-1");

    process.toHandle().destroy(); // SIGTERM
    assertThat(process.waitFor(10, SECONDS)).isTrue();
    assertThat(process.exitValue()).isEqualTo(128 + 15);
    assertThat(output.lines()).isEmpty();
  }

  @Test
  void theSandboxStopsWithItsStandardInputOnlyIfAsked() throws Exception {
    start("--until-stdin-ends").readLine();

    process.getOutputStream().close();

    assertThat(process.waitFor(10, SECONDS)).isTrue();
    assertThat(process.exitValue()).isZero();
  }

  @Test
  void eachCallIsALineOnStandardError() throws Exception {
    String url = start("--quiet", "--until-stdin-ends").readLine();
    submit(url);
    process.getOutputStream().close();
    assertThat(process.errorReader().lines()).isEmpty();

    url = start("--until-stdin-ends").readLine();
    submit(url);
    process.getOutputStream().close();
    assertThat(process.errorReader().lines())
        .singleElement()
        .asString()
        .matches(
            "\\d\\d:\\d\\d:\\d\\d\\.\\d{3} POST /gemini/image/generate 201 \\d+ ms sandbox-1"
                + " \"A cat\"");
  }

  @Test
  void aProgramThatNeverReadsStandardErrorKeepsTheSandboxFromNothing() throws Exception {
    String url = start().readLine();
    String longPath = url + "/" + "x".repeat(16_000);

    for (int i = 0; i < 100; i++) { // More lines than a pipe holds.
      HttpURLConnection call = (HttpURLConnection) new URL(longPath).openConnection();
      call.setReadTimeout(30_000);
      assertThat(call.getResponseCode()).isEqualTo(404);
      call.getErrorStream().readAllBytes();
    }

    process.toHandle().destroy();
    assertThat(process.waitFor(10, SECONDS)).isTrue();
  }

  @Test
  void aJavaThatCannotPaintSaysSo() throws Exception {
    String url =
        start(Map.of("JDK_JAVA_OPTIONS", "--limit-modules java.logging,jdk.unsupported"))
            .readLine();
    submit(url);

    HttpURLConnection call =
        (HttpURLConnection) new URL(url + "/images/sandbox-1.png").openConnection();

    assertThat(call.getResponseCode()).isEqualTo(500);
    assertThat(new String(call.getErrorStream().readAllBytes(), UTF_8))
        .isEqualTo(
            "{\"message\":\"The picture can't be painted: java.lang.NoClassDefFoundError:"
                + " java/awt/Color\"}");
  }

  @Test
  void aPortThatIsTakenIsSaidInOneSentence() throws Exception {
    String url = start().readLine();
    String port = url.substring(url.lastIndexOf(':') + 1);

    assertThat(run("--port", port))
        .containsExactly(
            "1",
            "",
            "Port "
                + port
                + " of 127.0.0.1 is taken, or may not be used. Choose another, or 0 for any that"
                + " is free.");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          --port       | --port needs a value. See --help.
          --port x     | --port needs a number, not x. See --help.
          --port 65536 | The port must be 0 to 65535: 65536. See --help.
          --host       | --host needs a value. See --help.
          8080         | Unknown option: 8080. See --help.
          --allow-origin app.test | An origin is *, or http:// or https:// and a host: app.test. See --help.
          """)
  void whatItDoesNotUnderstandItRefusesInOneSentence(String args, String sentence) {
    assertThat(run(args.split(" "))).containsExactly("2", "", sentence);
  }

  @Test
  void aHostThatIsNoneIsSaidInOneSentence() {
    assertThat(run("--host", "no.such.host.invalid"))
        .satisfies(
            said -> assertThat(said.get(0)).isEqualTo("1"),
            said ->
                assertThat(said.get(2))
                    .startsWith("The sandbox can't listen on no.such.host.invalid port 0: "));
  }

  @Test
  void helpNamesEachOption() {
    List<String> said = run("--help");

    assertThat(said.get(0)).isEqualTo("0");
    assertThat(said.get(1))
        .contains("--port ", "--host ", "--allow-origin ", "--no-control ", "--quiet ")
        .contains("--until-stdin-ends ", "--version ", "/_sandbox/openapi.yaml");
    assertThat(said.get(2)).isEmpty();
  }

  /** The exit status, and what was printed on standard output and standard error. */
  private static List<String> run(String... args) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    int status = SandboxProcess.run(args, new PrintStream(out), new PrintStream(err));
    return List.of(
        String.valueOf(status), out.toString(UTF_8).strip(), err.toString(UTF_8).strip());
  }

  private static String submit(String url) {
    try (NanoBanana nanoBanana = NanoBanana.builder().apiKey("any").baseUrl(url).build()) {
      return nanoBanana.submit(GenerateImageRequest.builder("A cat", Action.GENERATE).build());
    }
  }

  private BufferedReader start(String... args) throws IOException {
    return start(Map.of(), args);
  }

  private BufferedReader start(Map<String, String> environment, String... args) throws IOException {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                runtimeClassPath(),
                SandboxProcess.class.getName()));
    command.addAll(List.of(args));
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().putAll(environment);
    process = builder.start();
    processes.add(process);
    return process.inputReader();
  }

  /** The class path of this JVM, less the libraries that only tests have. */
  private static String runtimeClassPath() {
    return Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
        .filter(
            entry ->
                Path.of(entry)
                    .getFileName()
                    .toString()
                    .matches(
                        "(test-)?classes|(retrofit|converter-moshi|moshi|okhttp|okio|okio-jvm"
                            + "|kotlin-stdlib|jspecify)-[0-9].*"))
        .collect(Collectors.joining(File.pathSeparator));
  }
}
