package ai.mountsea.nanobanana.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.mountsea.nanobanana.NanoBanana;
import ai.mountsea.nanobanana.api.Action;
import ai.mountsea.nanobanana.api.GenerateImageRequest;
import ai.mountsea.nanobanana.sandbox.Sandbox;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.core.env.MapPropertySource;

class RecipesTest {
  private final Sandbox sandbox = Sandbox.start();

  @AfterEach
  void stop() {
    sandbox.close();
  }

  @Test
  void theLogHasTheHeadersButNotTheKey() {
    List<String> log = new ArrayList<>();
    try (NanoBanana nanoBanana = Recipes.logging(to(sandbox.url()), log::add)) {
      submit(nanoBanana);
    }
    assertThat(log)
        .contains("Authorization: ██")
        .anyMatch(line -> line.startsWith("User-Agent: nano-banana-java/"))
        .noneMatch(line -> line.contains("secret"));
  }

  @Test
  void eachCallIsTimed() {
    List<String> calls = new ArrayList<>();
    try (NanoBanana nanoBanana =
        Recipes.metrics(
            to(sandbox.url()),
            (path, time) -> calls.add(path + (time.isZero() ? " at once" : " took a while")))) {
      submit(nanoBanana);
    }
    assertThat(calls).containsExactly("/gemini/image/generate took a while");
  }

  @Test
  void theCallGoesThroughTheProxy() {
    URI url = URI.create(sandbox.url());
    Proxy proxy = new Proxy(Proxy.Type.HTTP, new InetSocketAddress(url.getHost(), url.getPort()));
    // Nobody can resolve this host, and nobody has to: the proxy is asked for it.
    try (NanoBanana nanoBanana = Recipes.proxy(to("http://mountsea.invalid"), proxy)) {
      assertThat(submit(nanoBanana)).isEqualTo("sandbox-1");
    }
  }

  @Test
  void springMakesOneClientAndClosesIt() {
    NanoBanana nanoBanana;
    try (AnnotationConfigApplicationContext spring = new AnnotationConfigApplicationContext()) {
      Map<String, Object> properties =
          Map.of("mountsea.api-key", "secret", "mountsea.base-url", sandbox.url());
      spring
          .getEnvironment()
          .getPropertySources()
          .addFirst(new MapPropertySource("application.properties", properties));
      spring.register(Recipes.SpringConfiguration.class);
      spring.refresh();

      nanoBanana = spring.getBean(NanoBanana.class);
      assertThat(submit(nanoBanana)).isEqualTo("sandbox-1");
    }
    assertThatThrownBy(() -> submit(nanoBanana)).hasMessageEndingWith("The client was closed");
  }

  private static NanoBanana.Builder to(String baseUrl) {
    return NanoBanana.builder().apiKey("secret").baseUrl(baseUrl);
  }

  private static String submit(NanoBanana nanoBanana) {
    return nanoBanana.submit(GenerateImageRequest.builder("A cat", Action.GENERATE).build());
  }
}
