package ai.mountsea.nanobanana.examples;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import ai.mountsea.nanobanana.examples.BatchProgress.Outcome;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class BatchProgressTest {
  private static final String CLEAR = "\r\033[K";

  private final ByteArrayOutputStream output = new ByteArrayOutputStream();
  private final AtomicLong nanoTime = new AtomicLong(-1);

  @Test
  void onATerminalOneLineIsDrawnAgainAndFailuresStayAboveIt() {
    BatchProgress progress = progress(true, 6);
    progress.alreadyDone(Outcome.SAVED);
    assertThat(printed(progress::started)).isEqualTo(bar(5) + " 1 of 6 saved, 1 running");
    assertThat(printed(progress::started)).isEqualTo(bar(5) + " 1 of 6 saved, 2 running");
    assertThat(printed(() -> progress.detail("cat: task 1")))
        .isEqualTo(bar(5) + " 1 of 6 saved, 2 running");
    nanoTime.addAndGet(TimeUnit.SECONDS.toNanos(30));
    assertThat(printed(() -> progress.ended(Outcome.SAVED, "cat: saved as cat.png")))
        .isEqualTo(bar(10) + " 2 of 6 saved, 1 running, 2.0 a minute, 2 min left");
    assertThat(printed(() -> progress.ended(Outcome.FAILED, "dog: No dogs today")))
        .isEqualTo(
            CLEAR
                + "dog: No dogs today\n"
                + bar(10)
                + " 2 of 6 saved, 1 failed, 4.0 a minute, 1 min left");
    assertThat(printed(progress::end))
        .isEqualTo(CLEAR + "2 of 6 saved, 1 failed" + System.lineSeparator());
  }

  @Test
  void elsewhereEachEventIsAPlainLine() {
    BatchProgress progress = progress(false, 2);
    assertThat(printed(progress::started)).isEmpty();
    assertThat(printed(() -> progress.detail("cat: task 1")))
        .isEqualTo("cat: task 1 [0 of 2 saved, 1 running]" + System.lineSeparator());
    nanoTime.addAndGet(TimeUnit.MINUTES.toNanos(2));
    assertThat(printed(() -> progress.ended(Outcome.UNKNOWN, "cat: The reply was lost")))
        .isEqualTo(
            "cat: The reply was lost [0 of 2 saved, 1 unknown, 0.5 a minute, 2 min left]"
                + System.lineSeparator());
    assertThat(printed(progress::end))
        .isEqualTo("0 of 2 saved, 1 unknown" + System.lineSeparator());
  }

  private BatchProgress progress(boolean isTerminal, int total) {
    return new BatchProgress(
        new PrintStream(output, true, UTF_8), isTerminal, nanoTime::get, total);
  }

  private String printed(Runnable action) {
    output.reset();
    action.run();
    return output.toString(UTF_8);
  }

  private static String bar(int filled) {
    return CLEAR + "█".repeat(filled) + "░".repeat(30 - filled);
  }
}
