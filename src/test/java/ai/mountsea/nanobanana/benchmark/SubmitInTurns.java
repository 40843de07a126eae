package ai.mountsea.nanobanana.benchmark;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;

/**
 * The time of a submit and its processor time, client and server together, in turns with its
 * floors. Two threads that hand a call to and fro settle into a fast or a slow rhythm, by chance
 * for a whole process, so forks of one client each can't be compared; turns in one process can.
 */
final class SubmitInTurns {
  private static final List<String> CLIENTS = List.of("okHttp", "retrofit", "nanoBanana");
  private static final int WARM_UP = 5;
  private static final int ROUNDS = 21;
  private static final int CALLS = 10_000;

  private SubmitInTurns() {}

  static void measure() throws Exception {
    SubmitBenchmark benchmark = new SubmitBenchmark();
    benchmark.start();
    List<Callable<String>> clients =
        List.of(benchmark::okHttp, benchmark::retrofit, benchmark::nanoBanana);
    List<List<double[]>> rounds = List.of(new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
    for (int round = 0; round < WARM_UP + ROUNDS; round++) {
      for (int client = 0; client < clients.size(); client++) {
        double[] micros = round(clients.get(client));
        if (round >= WARM_UP) {
          rounds.get(client).add(micros);
        }
      }
    }
    benchmark.stop();
    System.out.printf(
        "%nA submit, median of %d rounds of %,d in turns%n%-12s %8s %6s %16s %6s%n",
        ROUNDS, CALLS, "", "time, us", "", "processor, us", "");
    for (int client = 0; client < clients.size(); client++) {
      double time = median(rounds.get(client), 0);
      double processor = median(rounds.get(client), 1);
      System.out.printf(
          "%-12s %8.1f %6.2f %16.1f %6.2f%n",
          CLIENTS.get(client),
          time,
          time / median(rounds.get(0), 0),
          processor,
          processor / median(rounds.get(0), 1));
    }
  }

  private static double[] round(Callable<String> client) throws Exception {
    OperatingSystemMXBean system =
        (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
    long start = System.nanoTime();
    long processorStart = system.getProcessCpuTime();
    for (int i = 0; i < CALLS; i++) {
      client.call();
    }
    return new double[] {
      (System.nanoTime() - start) / 1e3 / CALLS,
      (system.getProcessCpuTime() - processorStart) / 1e3 / CALLS
    };
  }

  private static double median(List<double[]> rounds, int figure) {
    return rounds.stream().map(round -> round[figure]).sorted().skip(ROUNDS / 2).findFirst().get();
  }
}
