import ai.mountsea.nanobanana.NanoBanana;
import ai.mountsea.nanobanana.api.Action;
import ai.mountsea.nanobanana.api.ApiJsonAdapters;
import ai.mountsea.nanobanana.api.GenerateImageRequest;
import ai.mountsea.nanobanana.api.NanoBananaApi;
import com.google.genai.Client;
import com.google.genai.types.HttpOptions;
import com.openai.client.okhttp.OpenAIOkHttpClient;
import com.openai.models.images.ImageGenerateParams;
import com.squareup.moshi.Moshi;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import retrofit2.Retrofit;
import retrofit2.converter.moshi.MoshiConverterFactory;

/** How many POSTs a service receives for one call, by each client's defaults. Loopback only. */
public final class LostResponse {
  private static final String LOST = "";
  private static final String ERROR =
      "HTTP/1.1 500 Internal Server Error\r\nContent-Length: 0\r\n\r\n";
  private static final String UNAVAILABLE =
      "HTTP/1.1 503 Service Unavailable\r\nRetry-After: 0\r\nContent-Length: 0\r\n\r\n";

  private interface Call {
    void to(String url) throws Exception;
  }

  public static void main(String[] args) throws Exception {
    Map<String, Call> clients = new LinkedHashMap<>();
    clients.put("NanoBanana", LostResponse::nanoBanana);
    clients.put("bare Retrofit", LostResponse::retrofit);
    clients.put("OpenAI's SDK", LostResponse::openAi);
    clients.put("Google's Gen AI SDK", LostResponse::google);
    System.out.printf("%-22s %14s %14s %14s%n", "POSTs a call", "response lost", "500", "503");
    for (Map.Entry<String, Call> client : clients.entrySet()) {
      System.out.printf(
          "%-22s %14d %14d %14d%n",
          client.getKey(),
          posts(client.getValue(), LOST),
          posts(client.getValue(), ERROR),
          posts(client.getValue(), UNAVAILABLE));
    }
    System.exit(0);
  }

  private static void nanoBanana(String url) {
    try (NanoBanana client = NanoBanana.builder().apiKey("sk-any").baseUrl(url).build()) {
      client.submit(GenerateImageRequest.builder("A cat", Action.GENERATE).build());
    }
  }

  private static void retrofit(String url) throws IOException {
    new Retrofit.Builder()
        .baseUrl(url)
        .addConverterFactory(
            MoshiConverterFactory.create(new Moshi.Builder().add(new ApiJsonAdapters()).build()))
        .build()
        .create(NanoBananaApi.class)
        .generateImage(GenerateImageRequest.builder("A cat", Action.GENERATE).build())
        .execute();
  }

  private static void openAi(String url) {
    OpenAIOkHttpClient.builder()
        .apiKey("sk-any")
        .baseUrl(url)
        .build()
        .images()
        .generate(ImageGenerateParams.builder().prompt("A cat").build());
  }

  private static void google(String url) {
    Client.builder()
        .apiKey("any")
        .httpOptions(HttpOptions.builder().baseUrl(url).build())
        .build()
        .models
        .generateContent("gemini-2.5-flash-image", "A cat", null);
  }

  /** Calls a server that reads each request whole and answers as said, or hangs up. */
  private static int posts(Call call, String answer) throws IOException {
    AtomicInteger posts = new AtomicInteger();
    try (ServerSocket server = new ServerSocket(0, 50, InetAddress.getByName("127.0.0.1"))) {
      Thread accepting =
          new Thread(
              () -> {
                try {
                  while (true) {
                    Socket socket = server.accept();
                    new Thread(() -> serve(socket, answer, posts)).start();
                  }
                } catch (IOException closed) {
                  // The call has ended.
                }
              });
      accepting.start();
      call.to("http://127.0.0.1:" + server.getLocalPort() + "/");
    } catch (Exception e) {
      // Every client reports the failure; what counts is what it sent before.
    }
    return posts.get();
  }

  private static void serve(Socket socket, String answer, AtomicInteger posts) {
    try (socket) {
      InputStream in = new BufferedInputStream(socket.getInputStream());
      do {
        readRequest(in);
        posts.incrementAndGet();
        socket.getOutputStream().write(answer.getBytes(StandardCharsets.US_ASCII));
      } while (!answer.equals(LOST));
    } catch (IOException clientHungUp) {
      // It was counted.
    }
  }

  private static void readRequest(InputStream in) throws IOException {
    String head = readTo(in, "\r\n\r\n").toLowerCase(Locale.ROOT);
    if (head.contains("transfer-encoding: chunked")) {
      readTo(in, "0\r\n\r\n");
      return;
    }
    int length = head.indexOf("content-length: ") + "content-length: ".length();
    in.readNBytes(Integer.parseInt(head.substring(length, head.indexOf('\r', length))));
  }

  private static String readTo(InputStream in, String end) throws IOException {
    StringBuilder read = new StringBuilder();
    while (!read.toString().endsWith(end)) {
      int b = in.read();
      if (b < 0) {
        throw new IOException("The client hung up");
      }
      read.append((char) b);
    }
    return read.toString();
  }
}
