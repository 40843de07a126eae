package ai.mountsea.nanobanana.benchmark;

import ai.mountsea.nanobanana.NanoBanana;
import ai.mountsea.nanobanana.WaitOptions;
import ai.mountsea.nanobanana.api.Action;
import ai.mountsea.nanobanana.api.GenerateImageRequest;
import ai.mountsea.nanobanana.api.TaskResult;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import okhttp3.Call;
import okhttp3.Callback;
import okhttp3.ConnectionPool;
import okhttp3.Dispatcher;
import okhttp3.HttpUrl;
import okhttp3.MediaType;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;

/** Many calls in flight, and many tasks awaited: what JMH is not made for. */
final class Concurrency {
  private static final int IN_FLIGHT = 200;
  private static final GenerateImageRequest CAT =
      GenerateImageRequest.builder("A cat", Action.GENERATE).build();

  private Concurrency() {}

  /** Submits with 200 in flight against a server that takes 50 ms: at most 4,000 a second. */
  static void submits(int calls) throws Exception {
    System.out.printf("%n%,d submits, 200 in flight, 50 ms a reply%n", calls);
    System.out.printf("%-42s %10s %12s %14s%n", "", "a second", "connections", "heap after, MB");
    okHttp("OkHttp, its defaults", new OkHttpClient(), calls / 20);
    Dispatcher dispatcher = new Dispatcher();
    dispatcher.setMaxRequests(IN_FLIGHT);
    dispatcher.setMaxRequestsPerHost(IN_FLIGHT);
    okHttp(
        "OkHttp, limit and pool raised",
        new OkHttpClient.Builder()
            .dispatcher(dispatcher)
            .connectionPool(new ConnectionPool(IN_FLIGHT, 5, java.util.concurrent.TimeUnit.MINUTES))
            .build(),
        calls);
    try (LoopbackServer server = slow();
        NanoBanana nanoBanana =
            NanoBanana.builder()
                .apiKey("sk-benchmark")
                .baseUrl(server.url())
                .maxConcurrentCalls(IN_FLIGHT)
                .build()) {
      Semaphore free = new Semaphore(IN_FLIGHT);
      AtomicInteger failed = new AtomicInteger();
      long start = System.nanoTime();
      for (int i = 0; i < calls; i++) {
        free.acquire();
        nanoBanana
            .submitAsync(CAT)
            .whenComplete(
                (taskId, failure) -> {
                  if (failure != null) {
                    failed.incrementAndGet();
                  }
                  free.release();
                });
      }
      free.acquire(IN_FLIGHT);
      print("NanoBanana, maxConcurrentCalls(200)", calls, start, server, failed.get());
    }
  }

  private static void okHttp(String name, OkHttpClient okHttpClient, int calls) throws Exception {
    try (LoopbackServer server = slow()) {
      Request request =
          new Request.Builder()
              .url(HttpUrl.get(server.url() + "gemini/image/generate"))
              .post(RequestBody.create("{}", MediaType.get("application/json")))
              .build();
      Semaphore free = new Semaphore(IN_FLIGHT);
      AtomicInteger failed = new AtomicInteger();
      long start = System.nanoTime();
      for (int i = 0; i < calls; i++) {
        free.acquire();
        okHttpClient
            .newCall(request)
            .enqueue(
                new Callback() {
                  @Override
                  public void onResponse(Call call, Response response) {
                    response.close();
                    free.release();
                  }

                  @Override
                  public void onFailure(Call call, java.io.IOException e) {
                    failed.incrementAndGet();
                    free.release();
                  }
                });
      }
      free.acquire(IN_FLIGHT);
      print(name, calls, start, server, failed.get());
      okHttpClient.dispatcher().executorService().shutdown();
      okHttpClient.connectionPool().evictAll();
    }
  }

  private static LoopbackServer slow() {
    return new LoopbackServer("201 Created", "{\"taskId\":\"7f1c2a90\"}", 50);
  }

  private static void print(String name, int calls, long start, LoopbackServer server, int failed) {
    double seconds = (System.nanoTime() - start) / 1e9;
    System.out.printf(
        "%-42s %,10.0f %,12d %14.1f%s%n",
        name,
        calls / seconds,
        server.connections(),
        usedHeap() / 1e6,
        failed == 0 ? "" : "  " + failed + " failed");
  }

  /** Awaits 100, 1,000 and 10,000 tasks at once, for a few reads of each. */
  static void waits() throws Exception {
    System.out.printf("%nTasks awaited at once, asked for every 2 s for 8 s%n");
    System.out.printf(
        "%10s %10s %14s %16s%n", "tasks", "threads", "heap a task, B", "reads a second");
    for (int tasks : List.of(100, 100, 1_000, 10_000)) { // The first 100 warm up.
      LongAdder reads = new LongAdder();
      try (LoopbackServer server =
              new LoopbackServer("200 OK", "{\"taskId\":\"t\",\"status\":\"processing\"}", 0);
          NanoBanana nanoBanana =
              NanoBanana.builder().apiKey("sk-benchmark").baseUrl(server.url()).build()) {
        WaitOptions waitOptions =
            WaitOptions.DEFAULT
                .withTimeout(Duration.ofSeconds(8))
                .withMinDelay(Duration.ofSeconds(2))
                .withMaxDelay(Duration.ofSeconds(2))
                .withStatusListener(task -> reads.increment());
        long before = usedHeap();
        List<CompletableFuture<TaskResult>> waits = new ArrayList<>();
        long start = System.nanoTime();
        for (int i = 0; i < tasks; i++) {
          waits.add(nanoBanana.awaitAsync("t" + i, waitOptions));
        }
        while (reads.sum() < tasks) {
          Thread.onSpinWait();
        }
        double readsASecond = tasks / ((System.nanoTime() - start) / 1e9);
        long heap = usedHeap() - before;
        long threads =
            Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().matches("nano-banana.*|OkHttp Task.*|Okio.*"))
                .count();
        for (CompletableFuture<TaskResult> wait : waits) {
          wait.handle((task, failure) -> task).join();
        }
        System.out.printf("%,10d %10d %,14d %,16.0f%n", tasks, threads, heap / tasks, readsASecond);
      }
    }
  }

  static long usedHeap() {
    System.gc();
    return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
  }
}
