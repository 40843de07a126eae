package ai.mountsea.nanobanana.benchmark;

import java.util.Collection;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;

/** Runs everything here, one after the other, and prints each figure beside its floor. */
final class Benchmarks {
  private Benchmarks() {}

  public static void main(String[] args) throws Exception {
    Collection<RunResult> results =
        new Runner(
                new OptionsBuilder()
                    .include(Benchmarks.class.getPackageName())
                    .warmupIterations(2)
                    .warmupTime(TimeValue.seconds(1))
                    .measurementIterations(3)
                    .measurementTime(TimeValue.seconds(1))
                    .addProfiler(GCProfiler.class)
                    .shouldFailOnError(true)
                    .build())
            .run();
    System.out.printf("%n%-42s %12s %12s%n", "", "time", "bytes");
    for (RunResult result : results) {
      System.out.printf(
          "%-42s %9.1f %s %,10.0f%n",
          result.getParams().getBenchmark().replaceAll(".*\\.(?=\\w+\\.\\w+$)", ""),
          result.getPrimaryResult().getStatistics().getPercentile(50),
          result.getPrimaryResult().getScoreUnit().replace("/op", ""),
          result.getSecondaryResults().get("gc.alloc.rate.norm").getScore());
    }
    SubmitInTurns.measure();
    Concurrency.submits(100_000);
    Concurrency.waits();
    FirstSubmit.measure();
  }
}
