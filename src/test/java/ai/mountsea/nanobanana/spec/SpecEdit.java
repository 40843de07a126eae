package ai.mountsea.nanobanana.spec;

import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Edits of a spec, as {@code src/test/resources/spec/changes/changes.yaml} writes them. */
final class SpecEdit {
  private final Map<String, String> places;

  SpecEdit(Map<String, String> places) {
    this.places = places;
  }

  /** Returns an edited copy. */
  JsonNode apply(JsonNode spec, JsonNode edits) {
    JsonNode copy = spec.deepCopy();
    if (edits.isArray()) {
      edits.forEach(edit -> edit(copy, edit));
    } else if (!edits.isMissingNode()) {
      edit(copy, edits);
    }
    return copy;
  }

  private void edit(JsonNode spec, JsonNode edit) {
    String at = edit.get("at").asString();
    String first = at.replaceFirst("/.*", "");
    String pointer = first.isEmpty() ? at : places.get(first) + at.substring(first.length());
    JsonNode place = spec.at(pointer);
    if (edit.has("set")) {
      merge((ObjectNode) place, edit.get("set"));
    } else if (edit.has("append")) {
      ((ArrayNode) place).add(edit.get("append"));
    } else if (edit.has("drop")) {
      drop((ArrayNode) place, edit.get("drop"));
    } else {
      edit.get("rename")
          .forEachEntry((from, to) -> rename((ObjectNode) place, from, to.asString()));
    }
  }

  /** RFC 7396. */
  private static void merge(ObjectNode target, JsonNode patch) {
    patch.forEachEntry(
        (name, value) -> {
          if (value.isNull()) {
            target.remove(name);
          } else if (value.isObject() && target.get(name) instanceof ObjectNode inner) {
            merge(inner, value);
          } else {
            target.set(name, value);
          }
        });
  }

  /** Drops a value, or what is at an index. */
  private static void drop(ArrayNode array, JsonNode what) {
    if (what.isInt()) {
      array.remove(what.asInt());
    } else {
      array.removeIf(what::equals);
    }
  }

  /** Keeps the order, which is that of the Java fields. */
  private static void rename(ObjectNode object, String from, String to) {
    ObjectNode copy = object.deepCopy();
    object.removeAll();
    copy.forEachEntry((name, value) -> object.set(name.equals(from) ? to : name, value));
  }
}
