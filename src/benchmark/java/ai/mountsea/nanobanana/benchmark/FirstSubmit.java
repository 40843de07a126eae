package ai.mountsea.nanobanana.benchmark;

import ai.mountsea.nanobanana.NanoBanana;
import ai.mountsea.nanobanana.api.Action;
import ai.mountsea.nanobanana.api.ApiJsonAdapters;
import ai.mountsea.nanobanana.api.GenerateImageRequest;
import ai.mountsea.nanobanana.api.NanoBananaApi;
import com.squareup.moshi.Moshi;
import com.sun.management.OperatingSystemMXBean;
import java.io.File;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.stream.Stream;
import okhttp3.MediaType;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;
import retrofit2.Retrofit;
import retrofit2.converter.moshi.MoshiConverterFactory;

/**
 * The first submit in a fresh JVM, from before the first class of the client is loaded; processor
 * time is that of the whole process. Twenty processes of each client and of one that submits
 * nothing, interleaved. Called with a URL it is one of those processes.
 */
final class FirstSubmit {
  private static final int PROCESSES = 20;
  private static final List<String> CLIENTS =
      List.of("nothing", "OkHttp", "Retrofit", "NanoBanana");

  private FirstSubmit() {}

  public static void main(String[] args) throws IOException {
    long start = System.nanoTime();
    switch (args[0]) {
      case "nothing" -> {}
      case "OkHttp" -> okHttp(args[1]);
      case "Retrofit" -> retrofit(args[1]);
      default -> nanoBanana(args[1]);
    }
    long nanos = System.nanoTime() - start;
    System.out.printf(
        "%d %d %d%n",
        nanos,
        ManagementFactory.getClassLoadingMXBean().getLoadedClassCount(),
        ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class).getProcessCpuTime());
    System.exit(0);
  }

  private static void okHttp(String url) throws IOException {
    Request request =
        new Request.Builder()
            .url(url + "gemini/image/generate")
            .header("Authorization", "Bearer sk-benchmark")
            .post(
                RequestBody.create(
                    "{\"prompt\":\"A cat\",\"action\":\"generate\"}",
                    MediaType.get("application/json")))
            .build();
    try (Response response = new OkHttpClient().newCall(request).execute()) {
      response.body().string();
    }
  }

  private static void retrofit(String url) throws IOException {
    new Retrofit.Builder()
        .baseUrl(url)
        .addConverterFactory(
            MoshiConverterFactory.create(new Moshi.Builder().add(new ApiJsonAdapters()).build()))
        .build()
        .create(NanoBananaApi.class)
        .generateImage(GenerateImageRequest.builder("A cat", Action.GENERATE).build())
        .execute()
        .body()
        .taskId();
  }

  private static void nanoBanana(String url) {
    NanoBanana.builder()
        .apiKey("sk-benchmark")
        .baseUrl(url)
        .build()
        .submit(GenerateImageRequest.builder("A cat", Action.GENERATE).build());
  }

  /** Runs the processes, first as they are and then with class-data sharing. */
  static void measure() throws Exception {
    System.out.printf("%nFirst submit in a fresh JVM, median of %d processes%n", PROCESSES);
    System.out.printf(
        "%-12s %8s %10s %14s %16s%n", "", "ms", "classes", "ms of processor", "ms with AppCDS");
    Path folder = Files.createTempDirectory("first-submit");
    String classpath = jars(folder);
    try (LoopbackServer server = LoopbackServer.created()) {
      for (String client : CLIENTS) {
        run(classpath, server.url(), client, "-XX:ArchiveClassesAtExit=" + archive(folder, client));
      }
      List<List<long[]>> plain = new ArrayList<>();
      List<List<long[]>> shared = new ArrayList<>();
      CLIENTS.forEach(client -> plain.add(new ArrayList<>()));
      CLIENTS.forEach(client -> shared.add(new ArrayList<>()));
      for (int i = 0; i < PROCESSES; i++) {
        for (int client = 0; client < CLIENTS.size(); client++) {
          String name = CLIENTS.get(client);
          plain.get(client).add(run(classpath, server.url(), name, "-Xshare:auto"));
          shared
              .get(client)
              .add(
                  run(
                      classpath,
                      server.url(),
                      name,
                      "-XX:SharedArchiveFile=" + archive(folder, name)));
        }
      }
      for (int client = 0; client < CLIENTS.size(); client++) {
        System.out.printf(
            "%-12s %8.0f %,10d %14.0f %16.0f%n",
            CLIENTS.get(client),
            median(plain.get(client), 0) / 1e6,
            median(plain.get(client), 1),
            median(plain.get(client), 2) / 1e6,
            median(shared.get(client), 0) / 1e6);
      }
    }
  }

  /** The class path with its folders made into jars: class-data sharing takes no folders. */
  private static String jars(Path folder) throws IOException {
    List<String> jars = new ArrayList<>();
    for (String entry : System.getProperty("java.class.path").split(File.pathSeparator)) {
      Path classes = Path.of(entry);
      if (!Files.isDirectory(classes)) {
        jars.add(entry);
        continue;
      }
      Path jar = folder.resolve(jars.size() + ".jar");
      try (JarOutputStream out = new JarOutputStream(Files.newOutputStream(jar));
          Stream<Path> files = Files.walk(classes)) {
        for (Path file : files.filter(Files::isRegularFile).toList()) {
          out.putNextEntry(new JarEntry(classes.relativize(file).toString()));
          Files.copy(file, out);
        }
      }
      jars.add(jar.toString());
    }
    return String.join(File.pathSeparator, jars);
  }

  private static Path archive(Path folder, String client) {
    return folder.resolve(client + ".jsa");
  }

  private static long[] run(String classpath, String url, String client, String option)
      throws Exception {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                option,
                "-Xlog:disable",
                "-cp",
                classpath,
                FirstSubmit.class.getName(),
                client,
                url)
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    String output = new String(process.getInputStream().readAllBytes()).strip();
    process.waitFor();
    String[] figures = output.substring(output.lastIndexOf('\n') + 1).split(" ");
    return Stream.of(figures).mapToLong(Long::parseLong).toArray();
  }

  private static long median(List<long[]> runs, int figure) {
    return runs.stream()
        .mapToLong(run -> run[figure])
        .sorted()
        .skip(PROCESSES / 2)
        .findFirst()
        .orElseThrow();
  }
}
