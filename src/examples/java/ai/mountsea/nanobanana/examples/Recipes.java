package ai.mountsea.nanobanana.examples;

import ai.mountsea.nanobanana.NanoBanana;
import ai.mountsea.nanobanana.api.GenerateImageRequest;
import ai.mountsea.nanobanana.api.NanoBananaApi;
import java.io.IOException;
import java.net.Proxy;
import java.time.Duration;
import java.util.List;
import java.util.function.BiConsumer;
import okhttp3.Authenticator;
import okhttp3.Call;
import okhttp3.Credentials;
import okhttp3.EventListener;
import okhttp3.HttpUrl;
import okhttp3.Interceptor;
import okhttp3.Request;
import okhttp3.logging.HttpLoggingInterceptor;
import okhttp3.tls.Certificates;
import okhttp3.tls.HandshakeCertificates;
import okhttp3.tls.HeldCertificate;
import okio.Buffer;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** How to watch the calls and where they go, by OkHttp's means, and how to share one client. */
final class Recipes {
  private Recipes() {}

  /** Logs each call with its headers, but not the API key. Needs okhttp's logging-interceptor. */
  static NanoBanana logging(NanoBanana.Builder builder, HttpLoggingInterceptor.Logger logger) {
    HttpLoggingInterceptor logging = new HttpLoggingInterceptor(logger);
    logging.setLevel(HttpLoggingInterceptor.Level.HEADERS);
    logging.redactHeader("Authorization");
    return builder.configureOkHttp(okHttp -> okHttp.addInterceptor(logging)).build();
  }

  /**
   * Logs each request with its body while the logger is at DEBUG, and costs a comparison when it is
   * not. The log has no API key, and of a URL nothing that may be a secret: no user, no query.
   */
  static NanoBanana loggingBodies(NanoBanana.Builder builder, System.Logger logger) {
    Interceptor logging =
        chain -> {
          Request request = chain.request();
          if (logger.isLoggable(System.Logger.Level.DEBUG)) {
            logger.log(
                System.Logger.Level.DEBUG,
                request.method()
                    + " "
                    + withoutSecrets(request.url())
                    + " "
                    + redactedBody(request));
          }
          return chain.proceed(request);
        };
    // Not as a network interceptor: those can't read the body, which is sent at most once.
    return builder.configureOkHttp(okHttp -> okHttp.addInterceptor(logging)).build();
  }

  private static String redactedBody(Request request) throws IOException {
    if (request.body() == null) {
      return "";
    }
    Buffer json = new Buffer();
    request.body().writeTo(json);
    GenerateImageRequest body = GenerateImageRequest.fromJson(json.readUtf8());
    List<String> imageUrls =
        body.imageUrls() == null
            ? null
            : body.imageUrls().stream().map(url -> withoutSecrets(HttpUrl.get(url))).toList();
    return body.toBuilder().imageUrls(imageUrls).build().toJson();
  }

  private static String withoutSecrets(HttpUrl url) {
    return url.newBuilder().username("").password("").query(null).fragment(null).toString();
  }

  /** Reports how long each call took, by its path; a tracer begins and ends its span there. */
  static NanoBanana metrics(NanoBanana.Builder builder, BiConsumer<String, Duration> timer) {
    EventListener.Factory listeners =
        call ->
            new EventListener() {
              private final long start = System.nanoTime();

              @Override
              public void callEnd(Call call) {
                report();
              }

              @Override
              public void callFailed(Call call, IOException e) {
                report();
              }

              private void report() {
                timer.accept(
                    call.request().url().encodedPath(),
                    Duration.ofNanos(System.nanoTime() - start));
              }
            };
    return builder.configureOkHttp(okHttp -> okHttp.eventListenerFactory(listeners)).build();
  }

  /** Makes every call through a proxy. */
  static NanoBanana proxy(NanoBanana.Builder builder, Proxy proxy) {
    return builder.configureOkHttp(okHttp -> okHttp.proxy(proxy)).build();
  }

  /** Makes every call through a proxy that asks for a password. For https, as the service is. */
  static NanoBanana proxyWithPassword(
      NanoBanana.Builder builder, Proxy proxy, String user, String password) {
    String credentials = Credentials.basic(user, password);
    Authenticator authenticator =
        (route, response) ->
            response.request().header("Proxy-Authorization") != null
                ? null // It was refused.
                : response
                    .request()
                    .newBuilder()
                    .header("Proxy-Authorization", credentials)
                    .build();
    return builder
        .configureOkHttp(okHttp -> okHttp.proxy(proxy).proxyAuthenticator(authenticator))
        .build();
  }

  /**
   * Trusts a certificate authority of your own, beside those of the JDK, which the hosts of images
   * need. Needs okhttp's okhttp-tls.
   */
  static NanoBanana ownAuthority(NanoBanana.Builder builder, String authorityPem) {
    HandshakeCertificates certificates =
        new HandshakeCertificates.Builder()
            .addPlatformTrustedCertificates()
            .addTrustedCertificate(Certificates.decodeCertificatePem(authorityPem))
            .build();
    return withCertificates(builder, certificates);
  }

  /**
   * Shows a client certificate to a server that asks for one (mTLS), such as a gateway of your own.
   * The first PEM has the certificate and its private key, as PKCS #8. Needs okhttp's okhttp-tls.
   */
  static NanoBanana clientCertificate(
      NanoBanana.Builder builder, String certificateAndKeyPem, String authorityPem) {
    HandshakeCertificates certificates =
        new HandshakeCertificates.Builder()
            .heldCertificate(HeldCertificate.decode(certificateAndKeyPem))
            .addPlatformTrustedCertificates()
            .addTrustedCertificate(Certificates.decodeCertificatePem(authorityPem))
            .build();
    return withCertificates(builder, certificates);
  }

  private static NanoBanana withCertificates(
      NanoBanana.Builder builder, HandshakeCertificates certificates) {
    return builder
        .configureOkHttp(
            okHttp ->
                okHttp.sslSocketFactory(
                    certificates.sslSocketFactory(), certificates.trustManager()))
        .build();
  }

  /** One client for a whole Spring application, which closes it at its end. */
  @Configuration(proxyBeanMethods = false)
  static class SpringConfiguration {
    @Bean
    NanoBanana nanoBanana(
        @Value("${mountsea.api-key}") String apiKey,
        @Value("${mountsea.base-url:" + NanoBananaApi.BASE_URL + "}") String baseUrl) {
      return NanoBanana.builder().apiKey(apiKey).baseUrl(baseUrl).build();
    }
  }
}
