package ai.mountsea.nanobanana;

import static org.assertj.core.api.Assertions.assertThat;

import ai.mountsea.nanobanana.api.Action;
import ai.mountsea.nanobanana.api.GenerateImageRequest;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import okhttp3.mockwebserver.Dispatcher;
import okhttp3.mockwebserver.MockResponse;
import okhttp3.mockwebserver.MockWebServer;
import okhttp3.mockwebserver.RecordedRequest;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ConcurrencyTest {
  private static final GenerateImageRequest CAT =
      GenerateImageRequest.builder("A cat", Action.GENERATE).build();

  private final MockWebServer server = new MockWebServer();

  @BeforeEach
  void start() throws IOException {
    server.start();
  }

  @AfterEach
  void stop() throws IOException {
    server.shutdown();
  }

  @Test
  void asManyAsynchronousSubmitsGoOutAtOnceAsTheLimitSaysOnAsManyConnections() throws Exception {
    int limit = 50;
    CyclicBarrier allInFlight = new CyclicBarrier(limit);
    AtomicInteger connections = new AtomicInteger();
    server.setDispatcher(
        new Dispatcher() {
          @Override
          public MockResponse dispatch(RecordedRequest request) throws InterruptedException {
            if (request.getSequenceNumber() == 0) {
              connections.incrementAndGet();
            }
            try {
              allInFlight.await(10, TimeUnit.SECONDS);
            } catch (Exception e) {
              return new MockResponse().setResponseCode(500);
            }
            return created();
          }
        });

    try (NanoBanana nanoBanana = client(limit)) {
      for (int round = 0; round < 3; round++) {
        List<CompletableFuture<String>> taskIds = new ArrayList<>();
        for (int i = 0; i < limit; i++) {
          taskIds.add(nanoBanana.submitAsync(CAT));
        }
        for (CompletableFuture<String> taskId : taskIds) {
          assertThat(taskId.get(20, TimeUnit.SECONDS)).isEqualTo("t1");
        }
      }
    }

    assertThat(connections).hasValue(limit);
  }

  @Test
  void noMoreSubmitsGoOutAtOnceThanTheLimitSays() throws Exception {
    AtomicInteger inFlight = new AtomicInteger();
    AtomicInteger most = new AtomicInteger();
    server.setDispatcher(
        new Dispatcher() {
          @Override
          public MockResponse dispatch(RecordedRequest request) {
            most.accumulateAndGet(inFlight.incrementAndGet(), Math::max);
            inFlight.decrementAndGet();
            return created();
          }
        });

    try (NanoBanana nanoBanana = client(2)) {
      List<CompletableFuture<String>> taskIds = new ArrayList<>();
      for (int i = 0; i < 40; i++) {
        taskIds.add(nanoBanana.submitAsync(CAT));
      }
      for (CompletableFuture<String> taskId : taskIds) {
        taskId.get(20, TimeUnit.SECONDS);
      }
    }

    assertThat(most.get()).isBetween(1, 2);
  }

  @Test
  void oneClientServesManyThreads() throws Exception {
    AtomicInteger tasks = new AtomicInteger();
    server.setDispatcher(
        new Dispatcher() {
          @Override
          public MockResponse dispatch(RecordedRequest request) {
            return new MockResponse()
                .setResponseCode(201)
                .setBody("{\"taskId\": \"t" + tasks.incrementAndGet() + "\"}");
          }
        });
    ExecutorService threads = Executors.newFixedThreadPool(8);
    Set<String> taskIds = new HashSet<>();

    try (NanoBanana nanoBanana = client(24)) {
      List<Callable<String>> submits = new ArrayList<>();
      for (int i = 0; i < 80; i++) {
        submits.add(() -> nanoBanana.submit(CAT));
      }
      for (Future<String> taskId : threads.invokeAll(submits)) {
        taskIds.add(taskId.get());
      }
    } finally {
      threads.shutdown();
    }

    assertThat(taskIds).hasSize(80);
  }

  private NanoBanana client(int maxConcurrentCalls) {
    return NanoBanana.builder()
        .apiKey("sk-test")
        .baseUrl(server.url("/").toString())
        .maxConcurrentCalls(maxConcurrentCalls)
        .build();
  }

  private static MockResponse created() {
    return new MockResponse().setResponseCode(201).setBody("{\"taskId\": \"t1\"}");
  }
}
