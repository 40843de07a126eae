package ai.mountsea.nanobanana.spec;

import static org.assertj.core.api.Assertions.assertThat;

import com.networknt.schema.InputFormat;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaLocation;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.dataformat.yaml.YAMLMapper;

class OpenEnumsTest {
  private final JsonNode spec = spec();

  @Test
  void aValidatorThatKnowsNoExtensionTakesAnUnknownValueOfAnOpenEnumAndOfNoOther() {
    assertThat(enumsThatTake("\"unknown\""))
        .containsExactly("AspectRatio", "Model", "Resolution", "TaskStatus");
    assertThat(enumsThatTake("7")).isEmpty();
  }

  @Test
  void theOpenEnumsAreThoseThatAreMarkedForTheTemplates() {
    List<String> open = new ArrayList<>();
    OpenEnums.marked(spec)
        .at("/components/schemas")
        .forEachEntry(
            (name, schema) -> {
              if (schema.path("x-open-enum").asBoolean(false)) {
                assertThat(schema.path("enum")).isNotEmpty();
                open.add(name);
              }
            });

    assertThat(open).isEqualTo(enumsThatTake("\"unknown\""));
  }

  private List<String> enumsThatTake(String value) {
    SchemaRegistry registry =
        SchemaRegistry.withDefaultDialect(
            SpecificationVersion.DRAFT_2020_12,
            builder -> builder.schemas(Map.of("spec:nano-banana", spec.toString())));
    List<String> names = new ArrayList<>();
    spec.at("/components/schemas")
        .forEachEntry(
            (name, node) -> {
              Schema schema =
                  registry.getSchema(
                      SchemaLocation.of("spec:nano-banana#/components/schemas/" + name));
              boolean isEnum = node.has("enum") || node.has("anyOf");
              if (isEnum && schema.validate(value, InputFormat.JSON).isEmpty()) {
                names.add(name);
              }
            });
    return names;
  }

  private static JsonNode spec() {
    try {
      return YAMLMapper.shared().readTree(Files.readString(Path.of("openapi/nano-banana.yaml")));
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }
}
