package ai.mountsea.nanobanana.spec;

import ai.mountsea.nanobanana.spec.SpecChanges.Change.Kind;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What has changed between two states of the library, and what of it breaks whom. */
final class SpecChanges {
  /**
   * A state of the library.
   *
   * @param spec as YAML
   * @param api what {@link PublicApi} says of the compiled library; null before it is compiled,
   *     when the generated part is derived from the spec
   */
  record State(String spec, @Nullable String api) {}

  /** One sentence about a change. */
  record Change(Kind kind, String text) {
    enum Kind {
      CALLERS("Breaks callers"),
      WIRE("Breaks the wire"),
      NEW("New");

      private final String title;

      Kind(String title) {
        this.title = title;
      }
    }
  }

  private SpecChanges() {}

  static List<Change> between(State released, State now) {
    Set<Change> changes = new LinkedHashSet<>();
    boolean isCompiled = released.api != null && now.api != null;
    if (isCompiled) {
      changes.addAll(ApiChanges.between(released.api, now.api));
    }
    if (!released.spec.equals(now.spec)) {
      OpenApi before = OpenApi.of(released.spec);
      OpenApi after = OpenApi.of(now.spec);
      changes.addAll(WireChanges.between(before, after));
      ApiChanges.between(JavaOfSpec.of(before), JavaOfSpec.of(after)).stream()
          .filter(change -> !isCompiled || change.kind() == Kind.WIRE)
          .forEach(changes::add);
    }
    return List.copyOf(changes);
  }

  static boolean isBreaking(List<Change> changes) {
    return changes.stream().anyMatch(change -> change.kind != Kind.NEW);
  }

  /** Returns the changes by kind, nearly as entries of the changelog. */
  static String text(List<Change> changes) {
    StringBuilder text = new StringBuilder();
    for (Kind kind : Kind.values()) {
      List<String> texts =
          changes.stream().filter(each -> each.kind == kind).map(Change::text).sorted().toList();
      if (!texts.isEmpty()) {
        text.append(kind.title).append(":\n");
        texts.forEach(each -> text.append("- ").append(each).append('\n'));
      }
    }
    return text.toString();
  }

  /** Before 1.0 the minor version may break, from then on only the major one. */
  static boolean mayBreak(String releasedVersion, String version) {
    String[] released = releasedVersion.split("[.-]");
    String[] now = version.split("[.-]");
    int major = Integer.compare(Integer.parseInt(now[0]), Integer.parseInt(released[0]));
    int minor = Integer.compare(Integer.parseInt(now[1]), Integer.parseInt(released[1]));
    return major > 0 || (major == 0 && now[0].equals("0") && minor > 0);
  }
}
