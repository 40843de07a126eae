package ai.mountsea.nanobanana.spec;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Enums that the service may extend. In a spec, {@code anyOf} has an enum and then any text, so
 * that every validator takes what the spec doesn't know yet. Who asks what it knows reads them as
 * the templates do, as an {@code enum} with a mark.
 */
public final class OpenEnums {
  private OpenEnums() {}

  /**
   * Returns a copy in which each open enum has its values under {@code enum}, and {@code
   * x-open-enum: true}.
   *
   * @param spec an OpenAPI document
   * @return the copy
   */
  public static JsonNode marked(JsonNode spec) {
    JsonNode copy = spec.deepCopy();
    copy.at("/components/schemas").forEach(OpenEnums::mark);
    return copy;
  }

  private static void mark(JsonNode schema) {
    JsonNode any = schema.at("/anyOf/1");
    if (schema instanceof ObjectNode open
        && open.path("anyOf").size() == 2
        && open.at("/anyOf/0").has("enum")
        && any.size() == 1
        && any.path("type").equals(open.at("/anyOf/0/type"))) {
      JsonNode values = open.at("/anyOf/0/enum");
      open.remove("anyOf");
      open.set("type", any.get("type"));
      open.set("enum", values);
      open.put("x-open-enum", true);
    }
  }
}
