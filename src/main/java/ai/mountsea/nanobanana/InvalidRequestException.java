package ai.mountsea.nanobanana;

import java.util.List;

/** A request breaks the API's rules. Nothing was sent; fix the request. */
public final class InvalidRequestException extends NanoBananaException {
  private static final long serialVersionUID = 1;

  @SuppressWarnings("serial") // List.copyOf is serializable, and so is Violation
  private final List<Violation> violations;

  /**
   * Makes the exception.
   *
   * @param violations everything that is wrong, at least one
   */
  public InvalidRequestException(List<Violation> violations) {
    super(message(violations), null, null, null);
    this.violations = List.copyOf(violations);
  }

  /**
   * Returns everything that is wrong with the request.
   *
   * @return at least one violation, in the order of {@link Violation.Rule}
   */
  public List<Violation> violations() {
    return violations;
  }

  @Override
  public boolean mayTaskExist() {
    return false;
  }

  private static String message(List<Violation> violations) {
    StringBuilder message = new StringBuilder("Invalid request, nothing was sent.");
    for (Violation violation : violations) {
      message.append(violations.size() == 1 ? " " : "\n- ").append(violation.message());
    }
    return message.toString();
  }
}
