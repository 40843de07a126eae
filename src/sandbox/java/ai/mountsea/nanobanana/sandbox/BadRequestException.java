package ai.mountsea.nanobanana.sandbox;

import java.util.List;

/** A request that is answered with a 4xx and a sentence. */
final class BadRequestException extends Exception {
  private static final long serialVersionUID = 1L;

  private final int status;
  private final List<String> allowed;

  BadRequestException(int status, String message) {
    this(status, message, List.of());
  }

  private BadRequestException(int status, String message, List<String> allowed) {
    super(message);
    this.status = status;
    this.allowed = List.copyOf(allowed);
  }

  static BadRequestException notAllowed(String... allowed) {
    List<String> methods = List.of(allowed);
    String names = String.join(", ", methods).replaceFirst(", (\\w+)$", " and $1 are");
    return new BadRequestException(
        405, "Only " + names + (methods.size() == 1 ? " is" : "") + " allowed here", methods);
  }

  /** The methods that a 405 names; empty otherwise. */
  List<String> allowed() {
    return allowed;
  }

  int status() {
    return status;
  }

  String sentence() {
    return String.valueOf(getMessage());
  }
}
