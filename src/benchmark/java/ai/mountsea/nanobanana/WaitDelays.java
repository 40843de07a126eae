package ai.mountsea.nanobanana;

import java.io.IOException;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import okhttp3.Call;
import okhttp3.EventListener;
import okhttp3.Handshake;
import okhttp3.mockwebserver.Dispatcher;
import okhttp3.mockwebserver.MockResponse;
import okhttp3.mockwebserver.MockWebServer;
import okhttp3.mockwebserver.RecordedRequest;
import okhttp3.tls.HandshakeCertificates;
import okhttp3.tls.HeldCertificate;

/** How late a picture that is done is known, and what the reads of a wait cost. */
public final class WaitDelays {
  private static final int TASKS = 100_000;

  private WaitDelays() {}

  /**
   * Prints, for tasks of lognormal durations (sigma 0.35), how long after its end a task is known
   * to have ended, and in how many reads. On virtual time.
   */
  public static void seconds() {
    System.out.printf("%n%10s %10s %10s%n", "median, s", "late, s", "reads");
    for (double median : new double[] {8, 20, 45, 282}) {
      Random random = new Random(1);
      double late = 0;
      long reads = 0;
      for (int task = 0; task < TASKS; task++) {
        long duration = (long) (median * 1e9 * Math.exp(0.35 * random.nextGaussian()));
        long now = 0;
        for (reads++; now < duration; reads++) {
          now += WaitOptions.DEFAULT.pause(now, random.nextDouble());
        }
        late += (now - duration) / 1e9;
      }
      System.out.printf("%10.0f %10.1f %10.1f%n", median, late / TASKS, (double) reads / TASKS);
    }
  }

  /**
   * Prints how many TLS handshakes a wait of twelve reads takes, with pauses of five seconds.
   *
   * @throws IOException if the server can't be started
   */
  public static void handshakes() throws IOException {
    HeldCertificate certificate =
        new HeldCertificate.Builder().addSubjectAlternativeName("localhost").build();
    HandshakeCertificates both =
        new HandshakeCertificates.Builder()
            .heldCertificate(certificate)
            .addTrustedCertificate(certificate.certificate())
            .build();
    AtomicInteger reads = new AtomicInteger();
    AtomicInteger handshakes = new AtomicInteger();
    try (MockWebServer server = new MockWebServer()) {
      server.useHttps(both.sslSocketFactory(), false);
      server.setDispatcher(
          new Dispatcher() {
            @Override
            public MockResponse dispatch(RecordedRequest request) {
              return new MockResponse()
                  .setBody(
                      reads.incrementAndGet() < 12
                          ? "{\"taskId\":\"t\",\"status\":\"processing\"}"
                          : "{\"taskId\":\"t\",\"status\":\"completed\",\"result\":{\"imageUrls\":[\"https://e.com/a\"]}}");
            }
          });
      try (NanoBanana nanoBanana =
          NanoBanana.builder()
              .apiKey("sk-benchmark")
              .baseUrl(server.url("/").toString())
              .configureOkHttp(
                  builder ->
                      builder
                          .sslSocketFactory(both.sslSocketFactory(), both.trustManager())
                          .eventListener(
                              new EventListener() {
                                @Override
                                public void secureConnectEnd(Call call, Handshake handshake) {
                                  handshakes.incrementAndGet();
                                }
                              }))
              .build()) {
        Duration pause = Duration.ofSeconds(5);
        nanoBanana.await("t", WaitOptions.DEFAULT.withMinDelay(pause).withMaxDelay(pause));
      }
    }
    System.out.printf(
        "%n%d reads of a wait, 5 s apart: %d TLS handshakes%n", reads.get(), handshakes.get());
  }
}
