package ai.mountsea.nanobanana.contract;

import ai.mountsea.nanobanana.api.NanoBananaApi;
import java.lang.reflect.AnnotatedElement;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.Parameter;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import retrofit2.http.Body;
import retrofit2.http.GET;
import retrofit2.http.POST;
import retrofit2.http.Query;
import tools.jackson.databind.JsonNode;

/**
 * The Java that is made of the spec, a line for each fact, once as the spec would have it and once
 * as the compiled classes are.
 */
final class GeneratedTypes {
  private GeneratedTypes() {}

  /** Returns what the generated classes should be. */
  static List<String> inSpec(Spec spec) {
    List<String> lines = new ArrayList<>();
    lines.add("server " + spec.root().at("/servers/0/url").asString());
    spec.operations().forEach((id, operation) -> lines.add(operation(id, operation)));
    spec.root()
        .at("/components/schemas")
        .forEachEntry(
            (name, schema) -> {
              if (schema.has("properties")) {
                schema
                    .get("properties")
                    .forEachEntry((wire, property) -> lines.add(property(spec, name, wire)));
              } else {
                lines.add(
                    (schema.path("x-open-enum").asBoolean(false) ? "open " : "enum ")
                        + name
                        + named(schema));
              }
            });
    Collections.sort(lines);
    return lines;
  }

  /** Returns what the generated classes are, for the schemas that a spec has. */
  static List<String> inJava(Spec spec) {
    List<String> lines = new ArrayList<>();
    lines.add("server " + NanoBananaApi.BASE_URL);
    for (Method method : NanoBananaApi.class.getMethods()) {
      lines.add(operation(method));
    }
    for (String name : spec.root().at("/components/schemas").propertyNames()) {
      Class<?> type = type(name);
      if (type.isEnum()) {
        lines.add(
            "enum "
                + name
                + Arrays.stream(type.getEnumConstants())
                    .map(value -> ((Enum<?>) value).name() + " " + value)
                    .toList());
      } else if (isOpen(type)) {
        lines.add("open " + name + constants(type));
      } else {
        for (RecordComponent component : properties(type)) {
          lines.add(component(type, component));
        }
      }
    }
    Collections.sort(lines);
    return lines;
  }

  static Class<?> type(String name) {
    try {
      return Class.forName(NanoBananaApi.class.getPackageName() + "." + name);
    } catch (ClassNotFoundException e) {
      throw new IllegalStateException(e);
    }
  }

  static boolean isOpen(Class<?> type) {
    return Arrays.stream(type.getDeclaredClasses()).anyMatch(Class::isEnum);
  }

  /** Returns the components that the spec has properties for. */
  static List<RecordComponent> properties(Class<?> type) {
    return Arrays.stream(type.getRecordComponents())
        .filter(component -> !component.getName().equals("additionalProperties"))
        .toList();
  }

  /** Returns the value that a constant of a component has, or null if there is none. */
  static @Nullable Object constant(Class<?> type, String prefix, RecordComponent component) {
    String name = component.getName().replaceAll("([a-z0-9])([A-Z])", "$1_$2");
    try {
      Field field = type.getDeclaredField(prefix + name.toUpperCase(Locale.ROOT));
      field.setAccessible(true);
      return field.get(null);
    } catch (NoSuchFieldException e) {
      return null;
    } catch (IllegalAccessException e) {
      throw new IllegalStateException(e);
    }
  }

  /**
   * Each value of an enum with the name of its constant, which is the value unless it has another.
   */
  private static List<String> named(JsonNode schema) {
    List<String> values = schema.get("enum").valueStream().map(JsonNode::asString).toList();
    List<String> named = new ArrayList<>();
    for (int i = 0; i < values.size(); i++) {
      String name = values.get(i).toUpperCase(Locale.ROOT).replace('-', '_');
      named.add(schema.path("x-enum-varnames").path(i).asString(name) + " " + values.get(i));
    }
    return named;
  }

  private static String operation(String id, Spec.Operation operation) {
    List<String> parameters = new ArrayList<>();
    for (JsonNode parameter : operation.node().path("parameters")) {
      parameters.add(
          parameter.get("in").asString()
              + " "
              + parameter.get("name").asString()
              + " "
              + nullable(!parameter.path("required").asBoolean(false))
              + javaType(parameter.get("schema")));
    }
    JsonNode body = operation.node().path("requestBody");
    if (!body.isMissingNode()) {
      parameters.add(
          "body "
              + nullable(!body.path("required").asBoolean(false))
              + javaType(body.at("/content/application~1json/schema")));
    }
    String success =
        operation.statuses().stream()
            .filter(status -> status.startsWith("2"))
            .findFirst()
            .orElse("");
    JsonNode reply =
        operation.node().at("/responses/" + success + "/content/application~1json/schema");
    return operation.method().toUpperCase(Locale.ROOT)
        + " "
        + operation.path().substring(1)
        + " "
        + id
        + parameters
        + " "
        + javaType(reply);
  }

  private static String operation(Method method) {
    List<String> parameters = new ArrayList<>();
    for (Parameter parameter : method.getParameters()) {
      Query query = parameter.getAnnotation(Query.class);
      parameters.add(
          (parameter.isAnnotationPresent(Body.class) ? "body " : "query " + query.value() + " ")
              + nullable(isNullable(parameter.getAnnotatedType()))
              + simple(parameter.getParameterizedType()));
    }
    POST post = method.getAnnotation(POST.class);
    String request =
        post == null ? "GET " + method.getAnnotation(GET.class).value() : "POST " + post.value();
    String reply = simple(method.getGenericReturnType());
    return request
        + " "
        + method.getName()
        + parameters
        + " "
        + reply.substring("Call<".length(), reply.length() - 1);
  }

  private static String property(Spec spec, String owner, String wire) {
    JsonNode property = spec.schema(owner).get("properties").get(wire);
    boolean required =
        spec.schema(owner).path("required").valueStream().anyMatch(n -> n.asString().equals(wire));
    JsonNode fallback =
        property.has("default") ? property.get("default") : spec.resolve(property).path("default");
    return line(
        owner,
        wire,
        !required || property.path("type").isArray(),
        javaType(property),
        property.path("minimum").asString(null),
        property.path("maximum").asString(null),
        fallback.asString(null));
  }

  private static String component(Class<?> type, RecordComponent component) {
    return line(
        type.getSimpleName(),
        constant(type, "JSON_PROPERTY_", component),
        isNullable(component.getAnnotatedType()),
        simple(component.getGenericType()),
        constant(type, "MINIMUM_", component),
        constant(type, "MAXIMUM_", component),
        constant(type, "DEFAULT_", component));
  }

  private static String line(
      String owner,
      @Nullable Object wire,
      boolean nullable,
      String type,
      @Nullable Object minimum,
      @Nullable Object maximum,
      @Nullable Object fallback) {
    return "%s.%s %s%s".formatted(owner, wire, nullable(nullable), type)
        + (minimum == null ? "" : " at least " + minimum)
        + (maximum == null ? "" : " at most " + maximum)
        + (fallback == null ? "" : " else " + fallback);
  }

  private static String nullable(boolean nullable) {
    return nullable ? "@Nullable " : "";
  }

  private static boolean isNullable(AnnotatedElement type) {
    return type.isAnnotationPresent(Nullable.class);
  }

  private static String javaType(JsonNode schema) {
    if (schema.has("$ref")) {
      return schema.get("$ref").asString().replaceFirst(".*/", "");
    }
    JsonNode type = schema.path("type").isArray() ? schema.at("/type/0") : schema.path("type");
    String format = schema.path("format").asString("");
    return switch (type.asString("any")) {
      case "string" -> format.equals("date-time") ? "OffsetDateTime" : "String";
      case "integer" -> format.equals("int64") ? "Long" : "Integer";
      case "number" -> "BigDecimal";
      case "boolean" -> "Boolean";
      case "object" -> "Map<String, " + javaType(schema.path("additionalProperties")) + ">";
      case "array" -> "List<" + javaType(schema.path("items")) + ">";
      default -> "Object";
    };
  }

  private static String simple(Type type) {
    return type.getTypeName().replaceAll("[a-z0-9]+\\.", "");
  }

  private static List<String> constants(Class<?> type) {
    List<String> values = new ArrayList<>();
    for (Field field : type.getFields()) {
      if (Modifier.isStatic(field.getModifiers()) && field.getType() == type) {
        try {
          values.add(field.getName() + " " + field.get(null));
        } catch (IllegalAccessException e) {
          throw new IllegalStateException(e);
        }
      }
    }
    return values;
  }
}
