package ai.mountsea.nanobanana.benchmark;

import ai.mountsea.nanobanana.WaitDelays;
import java.util.Collection;
import java.util.List;
import java.util.function.ToDoubleFunction;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.BenchmarkResult;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.options.OptionsBuilder;

/** Runs everything here, one after the other, and prints each figure beside its floor. */
final class Benchmarks {
  private Benchmarks() {}

  public static void main(String[] args) throws Exception {
    Collection<RunResult> results =
        new Runner(
                new OptionsBuilder()
                    .include(Benchmarks.class.getPackageName())
                    .addProfiler(GCProfiler.class)
                    .addProfiler(ProcessorTime.class)
                    .shouldFailOnError(true)
                    .build())
            .run();
    System.out.printf("%nMedians of the forks%n%-34s %15s %15s %9s%n", "", "time", "cpu", "bytes");
    for (RunResult result : results) {
      String unit = result.getPrimaryResult().getScoreUnit();
      System.out.printf(
          "%-34s %9.2f %s %9.2f %s %,9.0f%n",
          result.getParams().getBenchmark().replaceAll(".*\\.(?=\\w+\\.\\w+$)", ""),
          median(result, fork -> fork.getPrimaryResult().getScore()),
          unit,
          median(result, fork -> fork.getSecondaryResults().get(ProcessorTime.LABEL).getScore()),
          unit,
          median(result, fork -> fork.getSecondaryResults().get("gc.alloc.rate.norm").getScore()));
    }
    Concurrency.submits(100_000);
    Concurrency.waits();
    WaitDelays.seconds();
    WaitDelays.handshakes();
    FirstSubmit.measure();
  }

  private static double median(RunResult result, ToDoubleFunction<BenchmarkResult> figure) {
    List<Double> forks =
        result.getBenchmarkResults().stream().mapToDouble(figure).sorted().boxed().toList();
    int half = forks.size() / 2;
    return (forks.get(half) + forks.get((forks.size() - 1) / 2)) / 2;
  }
}
