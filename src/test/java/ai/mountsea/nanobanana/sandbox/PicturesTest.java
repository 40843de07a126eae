package ai.mountsea.nanobanana.sandbox;

import static org.assertj.core.api.Assertions.assertThat;

import ai.mountsea.nanobanana.sandbox.Painter.Subject;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class PicturesTest {
  private final Pictures pictures = new Pictures();

  @AfterEach
  void stop() {
    pictures.close();
  }

  @Test
  void aPictureIsPaintedOnceHoweverOftenItIsAskedFor() {
    CompletableFuture<byte[]> first = pictures.paint(subject("A cat"));
    CompletableFuture<byte[]> atTheSameTime = pictures.paint(subject("A cat"));

    assertThat(atTheSameTime.join()).isSameAs(first.join());
    assertThat(pictures.paint(subject("A cat")).join()).isSameAs(first.join());
  }

  @Test
  void theLeastRecentlyUsedPicturesAreForgotten() {
    byte[] cat = new Painter().paint(subject("A cat"));
    try (Pictures few = new Pictures(cat.length * 5 / 2)) {
      byte[] first = few.paint(subject("A cat")).join();
      byte[] second = few.paint(subject("A dog")).join();
      few.paint(subject("A cat")).join();
      few.paint(subject("A cow")).join();

      assertThat(few.paint(subject("A cat")).join()).isSameAs(first);
      assertThat(few.paint(subject("A dog")).join()).isNotSameAs(second).isEqualTo(second);
    }
  }

  private static Subject subject(String prompt) {
    return new Subject(prompt, "sandbox", 512, 512, List.of());
  }
}
