package ai.mountsea.nanobanana.spec;

import ai.mountsea.nanobanana.spec.SpecChanges.Change;
import ai.mountsea.nanobanana.spec.SpecChanges.Change.Kind;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What changes for callers between two texts of {@link PublicApi}: what is gone, what is new, and
 * what has the same name in Java and another value on the wire.
 */
final class ApiChanges {
  private final Set<Change> changes = new LinkedHashSet<>();

  private ApiChanges() {}

  static Set<Change> between(String released, String now) {
    ApiChanges found = new ApiChanges();
    found.types(types(released), types(now));
    return found.changes;
  }

  private void types(
      Map<String, Map<String, String>> before, Map<String, Map<String, String>> types) {
    before.forEach(
        (type, members) -> {
          if (types.containsKey(type)) {
            members(type, members, types.get(type));
          } else {
            String other = same(type, before, types, ApiChanges::name);
            add(
                Kind.CALLERS,
                "`%s` %s."
                    .formatted(
                        header(type),
                        other == null ? "is gone" : "is now `" + header(other) + "`"));
          }
        });
    Set<String> packages =
        before.keySet().stream().map(ApiChanges::packageOf).collect(Collectors.toSet());
    types.keySet().stream()
        .filter(type -> packages.contains(packageOf(type)))
        .filter(type -> !before.containsKey(type) && !type.endsWith(".Builder"))
        .filter(type -> same(type, types, before, ApiChanges::name) == null)
        .forEach(type -> add(Kind.NEW, "`" + header(type) + "`."));
  }

  private static String header(String type) {
    return type.replaceFirst(".*: ", "");
  }

  private static String name(String type) {
    return type.replaceFirst(".*\\b(class|record|enum|interface) ", "");
  }

  private static String memberName(String member) {
    return member.replaceFirst("\\(.*", "").replaceFirst(".* ", "")
        + (member.contains("(") ? "()" : "");
  }

  /** What has the same name, if it is the only one that does so and is on one side only. */
  private static @Nullable String same(
      String text, Map<String, ?> here, Map<String, ?> there, UnaryOperator<String> name) {
    List<String> mine = only(here, there, name.apply(text), name);
    List<String> others = only(there, here, name.apply(text), name);
    return mine.size() == 1 && others.size() == 1 ? others.get(0) : null;
  }

  private static List<String> only(
      Map<String, ?> here, Map<String, ?> there, String named, UnaryOperator<String> name) {
    return here.keySet().stream()
        .filter(each -> !there.containsKey(each) && name.apply(each).equals(named))
        .toList();
  }

  private static String packageOf(String type) {
    return type.substring(0, type.indexOf(':'));
  }

  private void members(String type, Map<String, String> before, Map<String, String> now) {
    before.forEach(
        (member, value) -> {
          if (!now.containsKey(member)) {
            String other = same(member, before, now, ApiChanges::memberName);
            add(
                Kind.CALLERS,
                "`%s`: `%s` %s."
                    .formatted(
                        name(type), member, other == null ? "is gone" : "is now `" + other + "`"));
          } else if (!now.get(member).equals(value) && !member.matches(".* M(IN|AX)IMUM_.*")) {
            add(
                Kind.WIRE,
                "`%s`: `%s` was `%s` and is `%s`; the same Java means something else."
                    .formatted(
                        name(type),
                        member.replaceFirst("field static final \\S+ ", ""),
                        value,
                        now.get(member)));
          }
        });
    now.forEach(
        (member, value) -> {
          if (!before.containsKey(member)
              && same(member, now, before, ApiChanges::memberName) == null
              && !type.endsWith(".Builder")
              && !member.contains("JSON_PROPERTY_")) {
            boolean isShown = member.contains("constant ") || member.contains("field ");
            add(
                Kind.NEW,
                "`%s`: `%s`%s."
                    .formatted(
                        name(type),
                        member,
                        isShown && !value.isEmpty() ? ", `" + value + "`" : ""));
          }
        });
  }

  /** The members of each type, as callers see them, with what goes over the wire for them. */
  private static Map<String, Map<String, String>> types(String api) {
    UnaryOperator<String> java =
        line ->
            line.replaceFirst(" = .*", "")
                .replaceAll("@(\\w+)\\(\".*?\"\\)", "@$1")
                .replace("@Deprecated ", "");
    Map<String, Map<String, String>> types = new LinkedHashMap<>();
    Map<String, String> members = new LinkedHashMap<>();
    String inPackage = "";
    for (String line : api.split("\n")) {
      if (line.startsWith("package ")) {
        inPackage = line.split(" ")[1] + ": ";
      } else if (line.startsWith("  ")) {
        String wire =
            line.contains(" = ")
                ? line.replaceFirst(".*? = ", "")
                : Pattern.compile("\\(\"(.*?)\"\\)")
                    .matcher(line)
                    .results()
                    .map(match -> match.group(1))
                    .collect(Collectors.joining(", "));
        members.put(java.apply(line.strip()), wire);
      } else if (!line.isBlank()) {
        members = new LinkedHashMap<>();
        types.put(inPackage + java.apply(line), members);
      }
    }
    return types;
  }

  private void add(Kind kind, String text) {
    changes.add(new Change(kind, text));
  }
}
