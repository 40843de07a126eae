package ai.mountsea.nanobanana.spec;

import static org.assertj.core.api.Assertions.assertThat;

import ai.mountsea.nanobanana.CommittedFile;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import retrofit2.http.GET;
import retrofit2.http.Query;

class PublicApiTest {
  @Test
  void theCommittedApiDumpIsUpToDate() throws IOException {
    CommittedFile.assertUpToDate(Path.of("api/nano-banana.txt"), PublicApi.published());
  }

  @Test
  void nullnessAndWhatGoesOverTheWireAreShown() {
    assertThat(PublicApi.lines(Shape.class))
        .containsExactly(
            "abstract sealed class PublicApiTest.Shape<T extends @Nullable Object>",
            "  implements Closeable",
            "  permits PublicApiTest.Square",
            "  field static final String NAME = \"a shape\"",
            "  field static final PublicApiTest.Colour RED = \"red\"",
            "  constructor protected PublicApiTest.Shape(T)",
            "  method @GET(\"a/b\") Map<String, @Nullable List<? extends T>>"
                + " all(@Query(\"x\") @Nullable String, String @Nullable [], int...) throws IOException");
    assertThat(PublicApi.lines(Colour.class))
        .containsExactly(
            "enum PublicApiTest.Colour",
            "  constant RED = \"red\"",
            "  constant BLUE = \"blue\"",
            "  method String value()");
    assertThat(PublicApi.lines(Point.class))
        .containsExactly(
            "@Deprecated record PublicApiTest.Point",
            "  component int y",
            "  component @Nullable String x",
            "  constructor PublicApiTest.Point(int)");
  }

  /** What a type may have. */
  public abstract static sealed class Shape<T extends @Nullable Object> implements Closeable
      permits Square {
    public static final String NAME = "a shape";
    public static final Colour RED = Colour.RED;

    protected Shape(T first) {}

    Shape() {}

    @GET("a/b")
    public Map<String, @Nullable List<? extends T>> all(
        @Query("x") @Nullable String x, String @Nullable [] y, int... z) throws IOException {
      throw new IOException();
    }
  }

  /** What may be permitted. */
  public static final class Square extends Shape<String> {
    @Override
    public void close() {}
  }

  /** An enum with values. */
  public enum Colour {
    RED("red"),
    BLUE("blue");

    private final String value;

    Colour(String value) {
      this.value = value;
    }

    public String value() {
      return value;
    }
  }

  /** A record with one constructor more. */
  @Deprecated
  public record Point(int y, @Nullable String x) {
    public Point(int y) {
      this(y, null);
    }
  }
}
