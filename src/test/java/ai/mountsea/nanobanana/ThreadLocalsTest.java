package ai.mountsea.nanobanana;

import static org.assertj.core.api.Assertions.assertThat;

import ai.mountsea.nanobanana.api.Action;
import ai.mountsea.nanobanana.api.GenerateImageRequest;
import ai.mountsea.nanobanana.api.TaskResult;
import ai.mountsea.nanobanana.sandbox.Sandbox;
import ai.mountsea.nanobanana.sandbox.Script;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import okhttp3.Interceptor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What the Javadoc of {@link NanoBanana} says of thread-locals holds for each way to call it. */
@Timeout(60) // On the thread of the set-up, which is the caller.
class ThreadLocalsTest {
  private static final GenerateImageRequest CAT =
      GenerateImageRequest.builder("A cat", Action.GENERATE).build();
  private static final String SUBMIT_SEES_IT = "POST sees order-4711 on the caller's thread";
  private static final String SUBMIT_DOES_NOT = "POST sees null on another thread";
  private static final String READ_SEES_IT = "GET sees order-4711 on the caller's thread";
  private static final String READ_DOES_NOT = "GET sees null on another thread";

  @TempDir Path folder;
  private final ThreadLocal<String> correlationId = new ThreadLocal<>();
  private final List<String> calls = new CopyOnWriteArrayList<>();
  private final Sandbox sandbox = Sandbox.start().next(Script.completesAfter(0));
  private Thread caller;
  private NanoBanana nanoBanana;
  private TaskResult result;

  @BeforeEach
  void submitOneAndSetTheThreadLocal() {
    caller = Thread.currentThread();
    Interceptor interceptor =
        chain -> {
          calls.add(
              chain.request().method()
                  + " sees "
                  + correlationId.get()
                  + (Thread.currentThread() == caller
                      ? " on the caller's thread"
                      : " on another thread"));
          return chain.proceed(chain.request());
        };
    nanoBanana =
        NanoBanana.builder()
            .apiKey("any")
            .baseUrl(sandbox.url())
            .configureOkHttp(okHttp -> okHttp.addInterceptor(interceptor))
            .build();
    result = nanoBanana.generate(CAT);
    calls.clear();
    correlationId.set("order-4711");
    sandbox.next(Script.completesAfter(0));
  }

  @AfterEach
  void close() {
    nanoBanana.close();
    sandbox.close();
  }

  @Test
  void submitSeesThem() {
    nanoBanana.submit(CAT);
    assertThat(calls).containsExactly(SUBMIT_SEES_IT);
  }

  @Test
  void aRetryOfSubmitSeesThem() {
    sandbox.reset().next(Script.tooManyRequests(Duration.ZERO));
    nanoBanana.submit(CAT);
    assertThat(calls).containsExactly(SUBMIT_SEES_IT, SUBMIT_SEES_IT);
  }

  @Test
  void submitOnceSeesThem() {
    try (FileTaskStore store = FileTaskStore.open(folder.resolve("tasks"))) {
      nanoBanana.submitOnce("one", CAT, store);
    }
    assertThat(calls).containsExactly(SUBMIT_SEES_IT);
  }

  @Test
  void resultSeesThem() {
    nanoBanana.result(result.taskId());
    assertThat(calls).containsExactly(READ_SEES_IT);
  }

  @Test
  void downloadAndSaveSeeThem() {
    nanoBanana.download(result);
    nanoBanana.save(result, folder);
    assertThat(calls).containsExactly(READ_SEES_IT, READ_SEES_IT);
  }

  @Test
  void theApiSeesThem() throws Exception {
    nanoBanana.api().getTaskResult(result.taskId()).execute();
    assertThat(calls).containsExactly(READ_SEES_IT);
  }

  @Test
  void awaitDoesNotSeeThem() {
    nanoBanana.await(result.taskId());
    assertThat(calls).containsExactly(READ_DOES_NOT);
  }

  @Test
  void generateSeesThemOnlyWhileItSubmits() {
    nanoBanana.generate(CAT);
    assertThat(calls).containsExactly(SUBMIT_SEES_IT, READ_DOES_NOT);
  }

  @Test
  void generateOnceSeesThemOnlyWhileItSubmits() {
    try (FileTaskStore store = FileTaskStore.open(folder.resolve("tasks"))) {
      nanoBanana.generateOnce("one", CAT, store);
    }
    assertThat(calls).containsExactly(SUBMIT_SEES_IT, READ_DOES_NOT);
  }

  @Test
  void noAsynchronousCallSeesThem() {
    nanoBanana.submitAsync(CAT).join();
    nanoBanana.resultAsync(result.taskId()).join();
    nanoBanana.awaitAsync(result.taskId()).join();
    nanoBanana.downloadAsync(result, SaveOptions.DEFAULT).join();
    nanoBanana.saveAsync(result, folder, SaveOptions.DEFAULT).join();
    assertThat(calls)
        .containsExactly(
            SUBMIT_DOES_NOT, READ_DOES_NOT, READ_DOES_NOT, READ_DOES_NOT, READ_DOES_NOT);
  }

  @Test
  void generateAsyncDoesNotSeeThem() {
    nanoBanana.generateAsync(CAT).join();
    assertThat(calls).containsExactly(SUBMIT_DOES_NOT, READ_DOES_NOT);
  }
}
