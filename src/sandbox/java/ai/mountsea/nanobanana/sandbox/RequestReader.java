package ai.mountsea.nanobanana.sandbox;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Makes HTTP/1.1 requests out of the bytes of one connection, as they arrive. */
final class RequestReader {
  static final int MAX_HEAD = 32 * 1024;
  static final int MAX_BODY = 4 * 1024 * 1024;

  /** What the next bytes are. */
  private enum Expecting {
    HEAD,
    BODY,
    CHUNK_SIZE,
    CHUNK,
    CHUNK_END,
    TRAILER
  }

  private byte[] bytes = new byte[1024];
  private int start;
  private int end;

  private Expecting expecting = Expecting.HEAD;
  private String method = "";
  private String target = "";
  private Map<String, String> headers = Map.of();
  private boolean isHttp10;
  private int length;
  private ByteArrayOutputStream body = new ByteArrayOutputStream(0);
  private boolean saysContinue;

  void add(ByteBuffer more) {
    int count = more.remaining();
    if (start > 0) {
      System.arraycopy(bytes, start, bytes, 0, end - start);
      end -= start;
      start = 0;
    }
    if (end + count > bytes.length) {
      bytes = Arrays.copyOf(bytes, Math.max(end + count, 2 * bytes.length));
    }
    more.get(bytes, end, count);
    end += count;
  }

  /** Whether nothing of a further request has arrived. */
  boolean isEmpty() {
    return expecting == Expecting.HEAD && start == end;
  }

  /** Whether a whole further request may have arrived, and more needn't be kept. */
  boolean isFull() {
    return end - start >= MAX_HEAD + MAX_BODY;
  }

  /** Whether the client now waits for a 100 before it sends the body; true once a request. */
  boolean saysContinue() {
    boolean says = saysContinue;
    saysContinue = false;
    return says;
  }

  /** Whether the connection may be used again after the request that was returned last. */
  boolean keepsAlive() {
    String connection = headers.getOrDefault("connection", "").toLowerCase(Locale.ROOT);
    return isHttp10 ? connection.contains("keep-alive") : !connection.contains("close");
  }

  /** Whether the client of the request that was returned last knows chunks. */
  boolean canChunk() {
    return !isHttp10;
  }

  /** The next request, or null until more bytes arrive. */
  @Nullable Request next() throws BadRequestException {
    while (true) {
      switch (expecting) {
        case HEAD -> {
          int headEnd = endOfHead();
          if (headEnd < 0) {
            return null;
          }
          readHead(new String(bytes, start, headEnd - start, StandardCharsets.ISO_8859_1));
          start = headEnd;
        }
        case BODY -> {
          if (!take()) {
            return null;
          }
          return finish();
        }
        case CHUNK_SIZE -> {
          String line = line();
          if (line == null) {
            return null;
          }
          length = chunkSize(line);
          expecting = length == 0 ? Expecting.TRAILER : Expecting.CHUNK;
        }
        case CHUNK -> {
          if (!take()) {
            return null;
          }
          expecting = Expecting.CHUNK_END;
        }
        case CHUNK_END -> {
          String line = line();
          if (line == null) {
            return null;
          }
          if (!line.isEmpty()) {
            throw new BadRequestException(400, "A chunk of the body is longer than it says");
          }
          expecting = Expecting.CHUNK_SIZE;
        }
        case TRAILER -> {
          String line = line();
          if (line == null) {
            return null;
          }
          if (line.isEmpty()) {
            return finish();
          }
        }
      }
    }
  }

  private Request finish() throws BadRequestException {
    expecting = Expecting.HEAD;
    saysContinue = false;
    byte[] whole = body.toByteArray();
    body = new ByteArrayOutputStream(0);
    if (start == end && bytes.length > MAX_HEAD) {
      bytes = new byte[1024];
      start = 0;
      end = 0;
    }
    return Request.of(method, target, headers, whole);
  }

  /** Moves what has arrived of the body or chunk, and returns whether that is all of it. */
  private boolean take() {
    int count = Math.min(length, end - start);
    body.write(bytes, start, count);
    start += count;
    length -= count;
    return length == 0;
  }

  private int endOfHead() throws BadRequestException {
    if (start < end && bytes[start] == 0x16) {
      throw new BadRequestException(400, "The sandbox speaks http, not https");
    }
    while (start < end && (bytes[start] == '\r' || bytes[start] == '\n')) {
      start++; // Some clients send an empty line after a body.
    }
    int limit = Math.min(end, start + MAX_HEAD);
    for (int i = start; i < limit; i++) {
      if (bytes[i] == '\n'
          && ((i > start && bytes[i - 1] == '\n')
              || (i > start + 1 && bytes[i - 1] == '\r' && bytes[i - 2] == '\n'))) {
        return i + 1;
      }
    }
    if (end - start >= MAX_HEAD) {
      throw new BadRequestException(431, "The headers are longer than " + MAX_HEAD + " bytes");
    }
    return -1;
  }

  private void readHead(String head) throws BadRequestException {
    String[] lines = head.strip().split("\r?\n", -1);
    String[] first = lines[0].split(" ", -1);
    if (first.length != 3 || !first[0].matches("[!-~]+") || !first[2].matches("HTTP/1\\.[01]")) {
      throw new BadRequestException(400, "The first line is not that of an HTTP/1.1 request");
    }
    method = first[0];
    target = first[1];
    isHttp10 = first[2].equals("HTTP/1.0");
    headers = new HashMap<>();
    for (int i = 1; i < lines.length; i++) {
      int colon = lines[i].indexOf(':');
      if (colon < 1 || !lines[i].substring(0, colon).matches("[!-~]+")) {
        throw new BadRequestException(400, "Invalid header line " + i);
      }
      headers.merge(
          lines[i].substring(0, colon).toLowerCase(Locale.ROOT),
          lines[i].substring(colon + 1).strip(),
          (one, other) -> one + ", " + other);
    }
    if (!isHttp10 && !headers.containsKey("host")) {
      throw new BadRequestException(400, "The Host header is missing");
    }
    String encoding = headers.get("transfer-encoding");
    String contentLength = headers.get("content-length");
    if (encoding != null) {
      if (!encoding.equalsIgnoreCase("chunked") || contentLength != null) {
        throw new BadRequestException(
            400, "Transfer-Encoding must be chunked, and Content-Length absent then");
      }
      expecting = Expecting.CHUNK_SIZE;
    } else {
      length = bodyLength(Objects.requireNonNullElse(contentLength, "0"));
      expecting = Expecting.BODY;
    }
    saysContinue = "100-continue".equalsIgnoreCase(headers.get("expect"));
  }

  private static int bodyLength(String contentLength) throws BadRequestException {
    if (!contentLength.matches("[0-9]+")) {
      throw new BadRequestException(400, "Invalid Content-Length: " + contentLength);
    }
    if (contentLength.length() > 9 || Integer.parseInt(contentLength) > MAX_BODY) {
      throw tooLarge();
    }
    return Integer.parseInt(contentLength);
  }

  private int chunkSize(String line) throws BadRequestException {
    String size = line.replaceFirst(";.*", "").strip();
    if (!size.matches("[0-9A-Fa-f]+")) {
      throw new BadRequestException(400, "Invalid size of a chunk of the body");
    }
    if (size.length() > 7 || body.size() + Integer.parseInt(size, 16) > MAX_BODY) {
      throw tooLarge();
    }
    return Integer.parseInt(size, 16);
  }

  private static BadRequestException tooLarge() {
    return new BadRequestException(413, "The body is longer than " + MAX_BODY + " bytes");
  }

  /** The next line without its end, or null until it is there. */
  private @Nullable String line() throws BadRequestException {
    for (int i = start; i < end; i++) {
      if (bytes[i] == '\n') {
        String line = new String(bytes, start, i - start, StandardCharsets.ISO_8859_1);
        start = i + 1;
        return line.endsWith("\r") ? line.substring(0, line.length() - 1) : line;
      }
    }
    if (end - start > MAX_HEAD) {
      throw new BadRequestException(400, "A line within the body is too long");
    }
    return null;
  }
}
