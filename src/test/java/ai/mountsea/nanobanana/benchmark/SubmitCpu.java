package ai.mountsea.nanobanana.benchmark;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;

/** The processor time of a submit, client and server together, in turns with its floors. */
final class SubmitCpu {
  private static final int ROUNDS = 31;
  private static final int CALLS = 5_000;

  private SubmitCpu() {}

  static void measure() throws Exception {
    SubmitBenchmark benchmark = new SubmitBenchmark();
    benchmark.start();
    List<String> names = List.of("okHttp", "retrofit", "nanoBanana");
    List<Callable<String>> clients =
        List.of(benchmark::okHttp, benchmark::retrofit, benchmark::nanoBanana);
    List<List<Double>> micros = List.of(new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
    for (int round = 0; round < ROUNDS + 5; round++) {
      for (int client = 0; client < clients.size(); client++) {
        double cpu = cpu(clients.get(client));
        if (round >= 5) { // The first rounds warm up.
          micros.get(client).add(cpu);
        }
      }
    }
    benchmark.stop();
    System.out.printf("%nProcessor time of a submit, median of %d rounds in turns%n", ROUNDS);
    double floor = median(micros.get(0));
    for (int client = 0; client < names.size(); client++) {
      double median = median(micros.get(client));
      System.out.printf("%-12s %6.1f us  %.2f%n", names.get(client), median, median / floor);
    }
  }

  private static double cpu(Callable<String> client) throws Exception {
    OperatingSystemMXBean system =
        (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
    long start = system.getProcessCpuTime();
    for (int i = 0; i < CALLS; i++) {
      client.call();
    }
    return (system.getProcessCpuTime() - start) / 1e3 / CALLS;
  }

  private static double median(List<Double> values) {
    return values.stream().sorted().skip(values.size() / 2).findFirst().orElseThrow();
  }
}
