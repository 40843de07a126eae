package ai.mountsea.nanobanana.spec;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** The part of a spec that something enforces. */
public final class Enforced {
  private static final String BY = "x-enforced-by";

  private Enforced() {}

  /**
   * Returns a copy without the limits and rules of which it says that nothing enforces them.
   *
   * @param node a document, or a schema of it
   * @return the copy
   */
  public static JsonNode of(JsonNode node) {
    JsonNode copy = node.deepCopy();
    drop(copy);
    return copy;
  }

  private static void drop(JsonNode node) {
    if (node instanceof ArrayNode array) {
      array.removeIf(rule -> isNothing(rule.path(BY)));
    }
    if (node instanceof ObjectNode schema && schema.path(BY).isObject()) {
      schema
          .get(BY)
          .forEachEntry(
              (limit, by) -> {
                if (isNothing(by)) {
                  schema.remove(limit);
                }
              });
    }
    node.forEach(Enforced::drop);
  }

  private static boolean isNothing(JsonNode enforcer) {
    return enforcer.asString("").equals("nothing");
  }
}
