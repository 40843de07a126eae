package ai.mountsea.nanobanana.sandbox;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RequestReaderTest {
  private static final String TWO_REQUESTS =
      "POST /a%20b?x=1 HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nhello\r\n"
          + "POST /c HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
          + "3;ext\r\nabc\r\n2\r\nde\r\n0\r\nTrailer: t\r\n\r\n";

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 7, 64, 1000})
  void requestsAreReadHoweverTheirBytesArrive(int step) throws BadRequestException {
    List<Request> requests = read(TWO_REQUESTS, step);

    assertThat(requests).extracting(Request::path).containsExactly("/a b", "/c");
    assertThat(requests).extracting(Request::query).containsExactly("x=1", "");
    assertThat(requests)
        .extracting(request -> new String(request.body(), ISO_8859_1))
        .containsExactly("hello", "abcde");
  }

  @Test
  void aHeaderThatComesTwiceIsAList() throws BadRequestException {
    Request request = read("GET / HTTP/1.1\nHost: h\nX-A: 1\nx-a:  2 \n\n", 1000).get(0);

    assertThat(request.header("X-A")).isEqualTo("1, 2");
  }

  @Test
  void theTargetMayBeAWholeUrl() throws BadRequestException {
    assertThat(read("GET http://h:1/a?b HTTP/1.1\r\nHost: h\r\n\r\n", 1000).get(0).path())
        .isEqualTo("/a");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          GET / HTTP/2.0|400|The first line is not that of an HTTP/1.1 request
          hello|400|The first line is not that of an HTTP/1.1 request
          GET / HTTP/1.1|400|The Host header is missing
          GET * HTTP/1.1~Host: h|400|The request target is not a path: *
          GET /%zz HTTP/1.1~Host: h|400|Invalid percent-encoding in the URL: /%zz
          GET / HTTP/1.1~Host h|400|Invalid header line 1
          GET / HTTP/1.1~ : h|400|Invalid header line 1
          GET / HTTP/1.1~Host: h~Content-Length: -1|400|Invalid Content-Length: -1
          GET / HTTP/1.1~Host: h~Content-Length: 1~Content-Length: 2|400|Invalid Content-Length: 1, 2
          GET / HTTP/1.1~Host: h~Content-Length: 4194305|413|The body is longer than 4194304 bytes
          GET / HTTP/1.1~Host: h~Content-Length: 99999999999999999999|413|The body is longer than 4194304 bytes
          GET / HTTP/1.1~Host: h~Transfer-Encoding: gzip|400|Transfer-Encoding must be chunked, and Content-Length absent then
          GET / HTTP/1.1~Host: h~Content-Length: 1~Transfer-Encoding: chunked|400|Transfer-Encoding must be chunked, and Content-Length absent then
          GET / HTTP/1.1~Host: h~Transfer-Encoding: chunked~~x|400|Invalid size of a chunk of the body
          GET / HTTP/1.1~Host: h~Transfer-Encoding: chunked~~fffffff|413|The body is longer than 4194304 bytes
          GET / HTTP/1.1~Host: h~Transfer-Encoding: chunked~~1~ab|400|A chunk of the body is longer than it says
          """)
  void whatIsNoRequestIsRefusedWithASentence(String text, int status, String sentence) {
    BadRequestException refusal =
        catchThrowableOfType(
            BadRequestException.class, () -> read(text.replace("~", "\r\n") + "\r\n\r\n", 1000));

    assertThat(refusal.status()).isEqualTo(status);
    assertThat(refusal.sentence()).isEqualTo(sentence);
  }

  @Test
  void headersWithoutEndAreRefused() {
    BadRequestException refusal =
        catchThrowableOfType(
            BadRequestException.class,
            () -> read("GET / HTTP/1.1\r\nX: " + "x".repeat(RequestReader.MAX_HEAD), 1000));

    assertThat(refusal.status()).isEqualTo(431);
  }

  @Test
  void aTlsHandshakeIsToldToSpeakHttp() {
    BadRequestException refusal =
        catchThrowableOfType(
            BadRequestException.class, () -> read("\u0016\u0003\u0001\u0002", 1000));

    assertThat(refusal.sentence()).isEqualTo("The sandbox speaks http, not https");
  }

  private static List<Request> read(String text, int step) throws BadRequestException {
    byte[] bytes = text.getBytes(ISO_8859_1);
    RequestReader reader = new RequestReader();
    List<Request> requests = new ArrayList<>();
    for (int from = 0; from < bytes.length; from += step) {
      reader.add(ByteBuffer.wrap(bytes, from, Math.min(step, bytes.length - from)));
      for (Request request = reader.next(); request != null; request = reader.next()) {
        requests.add(request);
      }
    }
    return requests;
  }
}
