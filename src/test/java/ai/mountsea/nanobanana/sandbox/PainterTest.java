package ai.mountsea.nanobanana.sandbox;

import static org.assertj.core.api.Assertions.assertThat;

import ai.mountsea.nanobanana.sandbox.Painter.Source;
import ai.mountsea.nanobanana.sandbox.Painter.Subject;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PainterTest {
  private final Painter painter = new Painter();

  @ParameterizedTest
  @CsvSource({"1024, 1024", "1, 1", "1, 2896", "2896, 1", "363, 97", "4096, 4096"})
  void aPictureIsAValidPngOfItsSize(int width, int height) throws IOException {
    BufferedImage image = read(subject("A cat", width, height));

    assertThat(image.getWidth()).isEqualTo(width);
    assertThat(image.getHeight()).isEqualTo(height);
  }

  @Test
  void theSameSubjectGivesTheSameBytes() {
    Subject cat = subject("A cat", 512, 512);

    assertThat(new Painter().paint(cat))
        .isEqualTo(painter.paint(cat))
        .isEqualTo(painter.paint(cat));
  }

  @Test
  void promptsOfTheSameShapeDifferInColor() throws IOException {
    BufferedImage one = read(subject("a", 64, 64));
    BufferedImage other = read(subject("q", 64, 64));

    assertThat("a".hashCode() % 16).isEqualTo("q".hashCode() % 16);
    assertThat(one.getRGB(0, 0)).isNotEqualTo(other.getRGB(0, 0));
  }

  @Test
  void anyTextCanBeACaption() {
    for (String prompt :
        List.of("x".repeat(100_000), "\uD83D\uDC31".repeat(400), "\n\t", "\uD83D", "猫")) {
      assertThat(painter.paint(subject(prompt, 1024, 1024))).isNotEmpty();
    }
  }

  @Test
  void theImagesOfAnEditAreShown() throws IOException {
    Subject edit =
        new Subject("Bluer", "sandbox", 800, 800, List.of(new Source("A cat", 1024, 1024)));

    BufferedImage with = read(edit);
    BufferedImage without = read(subject("Bluer", 800, 800));

    assertThat(with.getRGB(400, 301)).isNotEqualTo(without.getRGB(400, 301));
    assertThat(with.getRGB(0, 0)).isEqualTo(without.getRGB(0, 0));
  }

  private BufferedImage read(Subject subject) throws IOException {
    return ImageIO.read(new ByteArrayInputStream(painter.paint(subject)));
  }

  private static Subject subject(String prompt, int width, int height) {
    return new Subject(prompt, "sandbox", width, height, List.of());
  }
}
