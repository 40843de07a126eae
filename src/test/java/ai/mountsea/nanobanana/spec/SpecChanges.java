package ai.mountsea.nanobanana.spec;

import ai.mountsea.nanobanana.spec.SpecChanges.Change.Kind;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.openapitools.openapidiff.core.OpenApiCompare;
import org.openapitools.openapidiff.core.model.Changed;
import org.openapitools.openapidiff.core.model.ChangedApiResponse;
import org.openapitools.openapidiff.core.model.ChangedOpenApi;
import org.openapitools.openapidiff.core.model.ChangedOperation;
import org.openapitools.openapidiff.core.model.ChangedParameter;
import org.openapitools.openapidiff.core.model.ChangedParameters;
import org.openapitools.openapidiff.core.model.ChangedResponse;
import org.openapitools.openapidiff.core.model.ChangedSchema;
import org.openapitools.openapidiff.core.model.ComposedChanged;
import org.openapitools.openapidiff.core.model.schema.ChangedEnum;

/**
 * What has changed between two states of the library, and what of it breaks whom. openapi-diff
 * judges the messages. It is blind to the rules between fields, which {@link RuleChanges} judges by
 * trying them, and to Java: that the same Java sends something else, or that a name in Java is
 * gone, is seen in the {@link PublicApi}.
 */
final class SpecChanges {
  /** A spec, as YAML, and the public API that comes of it. */
  record State(String spec, String api) {}

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

  private final Set<Change> changes = new LinkedHashSet<>();

  private SpecChanges() {}

  static List<Change> between(State released, State now) {
    SpecChanges found = new SpecChanges();
    found.api(released.api, now.api);
    if (!released.spec.equals(now.spec)) {
      found.wire(OpenApiCompare.fromContents(released.spec, now.spec), "");
      found.changes.addAll(RuleChanges.between(released.spec, now.spec));
    }
    return List.copyOf(found.changes);
  }

  static boolean isBreaking(List<Change> changes) {
    return changes.stream().anyMatch(change -> change.kind != Kind.NEW);
  }

  /** Nearly an entry of the changelog. */
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

  private void add(Kind kind, String text) {
    changes.add(new Change(kind, text));
  }

  private void api(String released, String now) {
    Map<String, Map<String, String>> before = types(released);
    Map<String, Map<String, String>> types = types(now);
    before.forEach(
        (type, members) -> {
          if (types.containsKey(type)) {
            members(type, members, types.get(type));
          } else {
            add(Kind.CALLERS, "`" + header(type) + "` is gone.");
          }
        });
    Set<String> packages =
        before.keySet().stream().map(SpecChanges::packageOf).collect(Collectors.toSet());
    types.keySet().stream()
        .filter(type -> packages.contains(packageOf(type)))
        .filter(type -> !before.containsKey(type) && !type.endsWith(".Builder"))
        .forEach(type -> add(Kind.NEW, "`" + header(type) + "`."));
  }

  private static String header(String type) {
    return type.replaceFirst(".*: ", "");
  }

  private static String name(String type) {
    return type.replaceFirst(".*\\b(class|record|enum|interface) ", "");
  }

  private static String packageOf(String type) {
    return type.substring(0, type.indexOf(':'));
  }

  private void members(String type, Map<String, String> before, Map<String, String> now) {
    before.forEach(
        (member, value) -> {
          if (!now.containsKey(member)) {
            add(Kind.CALLERS, "`" + name(type) + "`: `" + member + "` is gone.");
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
              && !type.endsWith(".Builder")
              && !member.contains("JSON_PROPERTY_")) {
            add(
                Kind.NEW,
                "`%s`: `%s`%s."
                    .formatted(name(type), member, value.isEmpty() ? "" : ", `" + value + "`"));
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

  private void wire(Changed changed, String where) {
    if (changed == null || !changed.isIncompatible() || isOpen(changed)) {
      return;
    }
    int before = changes.size();
    if (changed instanceof ChangedOpenApi api) {
      api.getChangedOperations().forEach(each -> wire(each, where(each, where)));
      api.getMissingEndpoints()
          .forEach(each -> breaks(each.getMethod() + " " + each.getPathUrl(), "is gone"));
    } else if (changed instanceof ChangedParameters parameters) {
      parameters.getMissing().forEach(each -> breaks(where, "has no " + each.getName()));
      parameters.getIncreased().stream()
          .filter(each -> Boolean.TRUE.equals(each.getRequired()))
          .forEach(each -> breaks(where, "needs " + each.getName()));
    } else if (changed instanceof ChangedApiResponse responses) {
      responses.getMissing().keySet().forEach(each -> breaks(where, "no longer answers " + each));
      responses
          .getChanged()
          .forEach((status, response) -> wire(response, where + ", answer " + status));
    } else if (changed instanceof ChangedSchema schema) {
      schema(schema, where);
    } else if (changed instanceof ChangedEnum<?> values) {
      if (values.getContext().isRequest()) {
        values.getMissing().forEach(each -> breaks(where, "no longer takes " + each));
      } else {
        values.getIncreased().forEach(each -> breaks(where, "now answers " + each));
      }
    }
    if (changed instanceof ComposedChanged composed && !(changed instanceof ChangedOpenApi)) {
      for (Changed each : composed.getChangedElements()) {
        if (!(each instanceof ChangedResponse) && !isKnown(changed, each)) {
          wire(each, where(each, where));
        }
      }
    }
    boolean isSaid =
        changes.size() > before
            || (changed instanceof ComposedChanged composed
                && composed.getChangedElements().stream()
                    .anyMatch(each -> each != null && each.isIncompatible()));
    if (!isSaid) {
      String what = changed.getClass().getSimpleName().substring("Changed".length());
      breaks(
          where,
          "changes its " + what.replaceAll("(?<=[a-z])(?=[A-Z])", " ").toLowerCase(Locale.ROOT));
    }
  }

  private void schema(ChangedSchema schema, String where) {
    schema.getChangedProperties().forEach((name, each) -> wire(each, where + ", `" + name + "`"));
    if (schema.getRequired() != null && schema.getRequired().isIncompatible()) {
      schema.getRequired().getIncreased().forEach(each -> breaks(where, "needs `" + each + "`"));
      schema
          .getRequired()
          .getMissing()
          .forEach(each -> breaks(where, "may come without `" + each + "`"));
    }
    if (schema.isChangedType() || schema.isChangeFormat()) {
      breaks(where, "changes its type");
    }
  }

  /** What {@link #schema} has already gone through, by name. */
  private static boolean isKnown(Changed parent, Changed child) {
    return parent instanceof ChangedSchema schema
        && (schema.getChangedProperties().containsValue(child) || child == schema.getRequired());
  }

  /** More values of an open enum break nobody. */
  private static boolean isOpen(Changed changed) {
    return changed instanceof ChangedSchema schema
        && !schema.isChangedType()
        && schema.getNewSchema().getExtensions() != null
        && schema.getNewSchema().getExtensions().containsKey("x-open-enum");
  }

  private static String where(Changed changed, String where) {
    if (changed instanceof ChangedOperation operation) {
      return operation.getHttpMethod() + " " + operation.getPathUrl();
    }
    if (changed instanceof ChangedParameter parameter) {
      return where + ", " + parameter.getName();
    }
    return where;
  }

  private void breaks(String where, String what) {
    add(Kind.WIRE, where + " " + what + ".");
  }
}
