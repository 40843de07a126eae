package ai.mountsea.nanobanana.benchmark;

import ai.mountsea.nanobanana.RequestRules;
import ai.mountsea.nanobanana.Violation;
import ai.mountsea.nanobanana.api.Action;
import ai.mountsea.nanobanana.api.AspectRatio;
import ai.mountsea.nanobanana.api.GenerateImageRequest;
import ai.mountsea.nanobanana.api.Model;
import ai.mountsea.nanobanana.api.Resolution;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** The rules on a request that breaks none of them, and on one that breaks every one it can. */
@State(Scope.Benchmark)
@Fork(2)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 3, time = 1)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class RulesBenchmark {
  private final GenerateImageRequest valid =
      GenerateImageRequest.builder(
              "A fluffy orange cat running through a sunny meadow", Action.GENERATE)
          .numImages(1)
          .aspectRatio(AspectRatio.RATIO_16_9)
          .model(Model.NANO_BANANA_PRO)
          .resolution(Resolution.FOUR_K)
          .build();
  private final GenerateImageRequest validEdit =
      valid.toBuilder()
          .action(Action.EDIT)
          .imageUrls(List.of("https://example.com/image1.jpg", "https://example.com/image2.jpg"))
          .build();
  private final GenerateImageRequest invalid =
      GenerateImageRequest.builder(" ", Action.EDIT)
          .numImages(2)
          .aspectRatio(AspectRatio.RATIO_1_8)
          .resolution(Resolution.FOUR_K)
          .build();

  /**
   * A request that is sent.
   *
   * @return no violation
   */
  @Benchmark
  public List<Violation> valid() {
    return RequestRules.check(valid);
  }

  /**
   * An edit that is sent, whose two URLs are looked at character by character.
   *
   * @return no violation
   */
  @Benchmark
  public List<Violation> validEdit() {
    return RequestRules.check(validEdit);
  }

  /**
   * A request with five things wrong.
   *
   * @return five violations with their messages
   */
  @Benchmark
  public List<Violation> invalid() {
    return RequestRules.check(invalid);
  }
}
