package ai.mountsea.nanobanana.spec;

import java.io.IOException;
import java.lang.annotation.Annotation;
import java.lang.reflect.AnnotatedArrayType;
import java.lang.reflect.AnnotatedParameterizedType;
import java.lang.reflect.AnnotatedType;
import java.lang.reflect.AnnotatedTypeVariable;
import java.lang.reflect.AnnotatedWildcardType;
import java.lang.reflect.Constructor;
import java.lang.reflect.Executable;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.lang.reflect.TypeVariable;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * All that callers of the library can see, as text: a line for each type and, indented, for each
 * member. What is not marked {@code @Nullable} is not null. A constant comes with its value, so
 * that what goes over the wire under a name in Java is seen, too.
 */
final class PublicApi {
  private PublicApi() {}

  /** The public API of all that is published: the library and the sandbox. */
  static String published() throws IOException {
    return of(Path.of("target/classes"), Path.of("target/sandbox-classes"));
  }

  static String of(Path... folders) throws IOException {
    List<Class<?>> types = new ArrayList<>();
    for (Path classes : folders) {
      try (Stream<Path> files = Files.walk(classes)) {
        for (Path file : files.filter(each -> each.toString().endsWith(".class")).toList()) {
          String name = classes.relativize(file).toString().replace(".class", "");
          types.add(load(name.replace(file.getFileSystem().getSeparator(), ".")));
        }
      }
    }
    Map<String, List<String>> packages = new TreeMap<>();
    types.stream()
        .filter(PublicApi::isVisible)
        .sorted(Comparator.comparing(Class::getName))
        .forEach(
            type ->
                packages
                    .computeIfAbsent(header(type.getPackage()), header -> new ArrayList<>())
                    .add(String.join("\n", lines(type))));
    return packages.entrySet().stream()
        .map(each -> each.getKey() + "\n\n" + String.join("\n\n", each.getValue()))
        .collect(Collectors.joining("\n\n", "", "\n"));
  }

  private static Class<?> load(String name) {
    try {
      return Class.forName(name, false, PublicApi.class.getClassLoader());
    } catch (ClassNotFoundException e) {
      throw new IllegalStateException(e);
    }
  }

  private static boolean isVisible(Class<?> type) {
    return isVisible(type.getModifiers())
        && !type.getPackageName().endsWith(".internal")
        && !type.isAnonymousClass()
        && !type.getSimpleName().equals("package-info")
        && (type.getEnclosingClass() == null || isVisible(type.getEnclosingClass()));
  }

  private static boolean isVisible(int modifiers) {
    return Modifier.isPublic(modifiers) || Modifier.isProtected(modifiers);
  }

  private static String header(Package of) {
    return "package " + of.getName() + " " + annotations(of.getAnnotations()).strip();
  }

  /**
   * The type, what it is made from, and its members by name; what has an order of its own keeps it.
   */
  static List<String> lines(Class<?> type) {
    List<String> lines = new ArrayList<>(List.of(header(type)));
    AnnotatedType parent = type.getAnnotatedSuperclass();
    Set<Class<?>> given = Set.of(Object.class, Record.class, Enum.class);
    if (parent != null && !given.contains(raw(parent.getType()))) {
      lines.add("  extends " + text(parent));
    }
    for (AnnotatedType each : type.getAnnotatedInterfaces()) {
      lines.add((type.isInterface() ? "  extends " : "  implements ") + text(each));
    }
    if (type.isSealed()) {
      for (Class<?> each : type.getPermittedSubclasses()) {
        lines.add("  permits " + simple(each));
      }
    }
    if (type.isEnum()) {
      for (Object constant : type.getEnumConstants()) {
        lines.add("  constant " + ((Enum<?>) constant).name() + value(constant));
      }
    }
    if (type.isRecord()) {
      for (RecordComponent each : type.getRecordComponents()) {
        lines.add("  component " + component(each));
      }
    }
    Stream.of(type.getDeclaredFields())
        .filter(each -> isVisible(each.getModifiers()) && !each.isEnumConstant())
        .sorted(Comparator.comparing(Field::getName))
        .forEach(each -> lines.add("  field " + field(each)));
    Stream.of(type.getDeclaredConstructors())
        .filter(each -> isVisible(each.getModifiers()) && !isGiven(each))
        .map(each -> "  constructor " + executable(each) + simple(type) + parameters(each))
        .sorted()
        .forEach(lines::add);
    Stream.of(type.getDeclaredMethods())
        .filter(each -> isVisible(each.getModifiers()) && !each.isSynthetic() && !isGiven(each))
        .sorted(Comparator.comparing(Method::getName).thenComparing(PublicApi::parameters))
        .forEach(each -> lines.add("  method " + method(each)));
    return lines;
  }

  private static String header(Class<?> type) {
    String kind =
        type.isAnnotation()
            ? "@interface "
            : type.isInterface()
                ? "interface "
                : type.isEnum() ? "enum " : type.isRecord() ? "record " : "class ";
    int implied =
        Modifier.INTERFACE
            | Modifier.STATIC
            | (type.isInterface() ? Modifier.ABSTRACT : 0)
            | (type.isEnum() || type.isRecord() ? Modifier.FINAL : 0);
    return annotations(type.getAnnotations())
        + modifiers(type.getModifiers() & ~implied)
        + (type.isSealed() ? "sealed " : "")
        + kind
        + simple(type)
        + typeParameters(type.getTypeParameters());
  }

  private static String component(RecordComponent component) {
    return annotations(component.getAnnotations())
        + text(component.getAnnotatedType())
        + " "
        + component.getName();
  }

  private static String field(Field field) {
    String text =
        annotations(field.getAnnotations())
            + modifiers(field.getModifiers())
            + text(field.getAnnotatedType())
            + " "
            + field.getName();
    try {
      boolean isConstant = Modifier.isStatic(field.getModifiers()) && field.canAccess(null);
      return isConstant ? text + value(field.get(null)) : text;
    } catch (IllegalAccessException e) {
      throw new IllegalStateException(e);
    }
  }

  private static String method(Method method) {
    int implied = method.getDeclaringClass().isInterface() ? Modifier.ABSTRACT : 0;
    Object standard = method.getDefaultValue();
    return annotations(method.getAnnotations())
        + modifiers(method.getModifiers() & ~implied)
        + (method.isDefault() ? "default " : "")
        + (method.getTypeParameters().length > 0
            ? typeParameters(method.getTypeParameters()) + " "
            : "")
        + text(method.getAnnotatedReturnType())
        + " "
        + method.getName()
        + parameters(method)
        + (standard == null ? "" : " default " + standard);
  }

  private static String executable(Executable executable) {
    return annotations(executable.getAnnotations()) + modifiers(executable.getModifiers());
  }

  private static String parameters(Executable executable) {
    List<String> parameters = new ArrayList<>();
    for (int i = 0; i < executable.getParameterCount(); i++) {
      String type = text(executable.getAnnotatedParameterTypes()[i]);
      boolean isLast = i == executable.getParameterCount() - 1;
      parameters.add(
          annotations(executable.getParameterAnnotations()[i])
              + (isLast && executable.isVarArgs() ? type.replaceFirst("\\[]$", "...") : type));
    }
    return "("
        + String.join(", ", parameters)
        + ")"
        + list(
            " throws ",
            Arrays.stream(executable.getAnnotatedExceptionTypes()).map(PublicApi::text));
  }

  private static boolean isGiven(Constructor<?> constructor) {
    Class<?> type = constructor.getDeclaringClass();
    return type.isRecord()
        && Arrays.equals(
            constructor.getParameterTypes(),
            Arrays.stream(type.getRecordComponents())
                .map(RecordComponent::getType)
                .toArray(Class<?>[]::new));
  }

  /** What every type, enum or record has anyway. */
  private static boolean isGiven(Method method) {
    Class<?> type = method.getDeclaringClass();
    String signature = method.getName() + method.getParameterCount();
    boolean isOfEveryType = List.of("toString0", "hashCode0", "equals1").contains(signature);
    return isOfEveryType
        || (type.isEnum() && List.of("values0", "valueOf1").contains(signature))
        || (type.isRecord()
            && Arrays.stream(type.getRecordComponents())
                .anyMatch(component -> component.getAccessor().equals(method)));
  }

  private static String modifiers(int modifiers) {
    int shown = modifiers & ~(Modifier.PUBLIC | Modifier.TRANSIENT | Modifier.VOLATILE);
    String text =
        Modifier.toString(shown & (Modifier.methodModifiers() | Modifier.classModifiers()));
    text = text.replaceAll("synchronized ?|native ?|strictfp ?", "").strip();
    return text.isEmpty() ? "" : text + " ";
  }

  private static String typeParameters(TypeVariable<?>[] variables) {
    return list(
            "<",
            Arrays.stream(variables)
                .map(
                    variable ->
                        variable.getName()
                            + list(
                                " extends ",
                                Arrays.stream(variable.getAnnotatedBounds())
                                    .filter(
                                        bound ->
                                            bound.getType() != Object.class
                                                || bound.getAnnotations().length > 0)
                                    .map(PublicApi::text))))
        + (variables.length > 0 ? ">" : "");
  }

  private static String text(AnnotatedType type) {
    String annotations = annotations(type.getAnnotations());
    if (type instanceof AnnotatedArrayType array) {
      String own = annotations.isEmpty() ? "[]" : " " + annotations + "[]";
      return text(array.getAnnotatedGenericComponentType()) + own;
    }
    if (type instanceof AnnotatedParameterizedType generic) {
      return annotations
          + simple(raw(generic.getType()))
          + list("<", Arrays.stream(generic.getAnnotatedActualTypeArguments()).map(PublicApi::text))
          + ">";
    }
    if (type instanceof AnnotatedWildcardType wildcard) {
      AnnotatedType[] lower = wildcard.getAnnotatedLowerBounds();
      if (lower.length > 0) {
        return annotations + "? super " + text(lower[0]);
      }
      AnnotatedType upper = wildcard.getAnnotatedUpperBounds()[0];
      boolean isOpen = upper.getType() == Object.class && upper.getAnnotations().length == 0;
      return annotations + (isOpen ? "?" : "? extends " + text(upper));
    }
    return annotations
        + (type instanceof AnnotatedTypeVariable
            ? type.getType().getTypeName()
            : simple(raw(type.getType())));
  }

  private static Class<?> raw(Type type) {
    return type instanceof ParameterizedType generic
        ? (Class<?>) generic.getRawType()
        : (Class<?>) type;
  }

  /** The name as it is written after an import. */
  private static String simple(Class<?> type) {
    return type.getPackageName().isEmpty() || type.isPrimitive()
        ? type.getName()
        : type.getCanonicalName().substring(type.getPackageName().length() + 1);
  }

  private static String annotations(Annotation[] annotations) {
    return Arrays.stream(annotations)
        .map(annotation -> "@" + simple(annotation.annotationType()) + argument(annotation) + " ")
        .sorted()
        .collect(Collectors.joining());
  }

  private static String argument(Annotation annotation) {
    try {
      Object value = annotation.annotationType().getMethod("value").invoke(annotation);
      return value instanceof String text ? "(\"" + text + "\")" : "";
    } catch (ReflectiveOperationException e) {
      return ""; // has no value
    }
  }

  /** Simple values, and those of an enum that goes over the wire. */
  private static String value(Object constant) {
    if (constant instanceof Number || constant instanceof Boolean) {
      return " = " + constant;
    }
    if (constant instanceof String) {
      return " = \"" + constant + "\"";
    }
    try {
      return value(constant.getClass().getMethod("value").invoke(constant));
    } catch (ReflectiveOperationException e) {
      return ""; // has none
    }
  }

  private static String list(String prefix, Stream<String> texts) {
    String list = texts.collect(Collectors.joining(", "));
    return list.isEmpty() ? "" : prefix + list;
  }
}
