package ai.mountsea.nanobanana.sandbox;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.mountsea.nanobanana.NanoBanana;
import ai.mountsea.nanobanana.api.Action;
import ai.mountsea.nanobanana.api.GenerateImageRequest;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Runs the sandbox as others do: in a JVM that has the library's own dependencies and no more. */
class SandboxProcessTest {
  private Process process;

  @AfterEach
  void stop() {
    if (process != null) {
      process.destroyForcibly();
    }
  }

  @Test
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

  @ParameterizedTest
  @ValueSource(strings = {"--port", "--port x", "--help", "8080"})
  void whatItDoesNotUnderstandItRefuses(String args) {
    assertThatThrownBy(() -> SandboxProcess.main(args.split(" ")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("Usage: [--port <number>] [--until-stdin-ends]");
  }

  private static String submit(String url) {
    try (NanoBanana nanoBanana = NanoBanana.builder().apiKey("any").baseUrl(url).build()) {
      return nanoBanana.submit(GenerateImageRequest.builder("A cat", Action.GENERATE).build());
    }
  }

  private BufferedReader start(String... args) throws IOException {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                runtimeClassPath(),
                SandboxProcess.class.getName()));
    command.addAll(List.of(args));
    process = new ProcessBuilder(command).redirectErrorStream(true).start();
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
