package consumer;

import static org.junit.jupiter.api.Assertions.assertEquals;

import ai.mountsea.nanobanana.NanoBanana;
import ai.mountsea.nanobanana.api.Action;
import ai.mountsea.nanobanana.api.GenerateImageRequest;
import ai.mountsea.nanobanana.sandbox.Sandbox;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import okhttp3.Interceptor;
import okhttp3.Response;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class VirtualThreadsTest {
  private static final int SUBMITS = 1_000;
  private static final GenerateImageRequest CAT =
      GenerateImageRequest.builder("A cat", Action.GENERATE).build();

  private final Sandbox sandbox = Sandbox.start();
  @TempDir Path folder;

  @Test
  void aThousandSubmitsAtOncePinNoThread() throws Exception {
    try (sandbox) {
      int pinned = pinnedBySubmits().size();
      System.out.println("Pinned while classes are loaded: " + pinned);

      assertEquals(List.of(), pinnedBySubmits());

      assertEquals(2 * SUBMITS, sandbox.submitted());
    }
  }

  /** Makes the submits, each on a virtual thread, and returns what pinned one. */
  private List<RecordedEvent> pinnedBySubmits() throws Exception {
    CountDownLatch allAtOnce = new CountDownLatch(SUBMITS);
    Set<String> taskIds = new HashSet<>();
    Path file = folder.resolve("pinned.jfr");
    try (Recording recording = new Recording();
        NanoBanana nanoBanana =
            NanoBanana.builder()
                .apiKey("any")
                .baseUrl(sandbox.url())
                .configureOkHttp(
                    okHttp -> okHttp.addInterceptor(chain -> proceed(chain, allAtOnce)))
                .build();
        ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      recording.enable("jdk.VirtualThreadPinned").withoutThreshold().withStackTrace();
      recording.start();
      List<Future<String>> submits = new ArrayList<>();
      for (int i = 0; i < SUBMITS; i++) {
        submits.add(threads.submit(() -> nanoBanana.submit(CAT)));
      }
      for (Future<String> submit : submits) {
        taskIds.add(submit.get());
      }
      recording.dump(file);
    }
    assertEquals(SUBMITS, taskIds.size());
    return RecordingFile.readAllEvents(file);
  }

  private static Response proceed(Interceptor.Chain chain, CountDownLatch allAtOnce)
      throws IOException {
    allAtOnce.countDown();
    try {
      allAtOnce.await();
    } catch (InterruptedException e) {
      throw new InterruptedIOException();
    }
    return chain.proceed(chain.request());
  }
}
