package consumer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import ai.mountsea.nanobanana.api.NanoBananaApi;
import com.networknt.schema.Error;
import com.networknt.schema.InputFormat;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class NativeImageTest {
  private final JsonNode metadata = new JsonMapper().readTree(metadata());

  @Test
  void theMetadataIsValid() throws Exception {
    Schema schema;
    try (ZipFile repository = new ZipFile(System.getProperty("graalvm"))) {
      InputStream json =
          repository.getInputStream(
              repository.getEntry("schemas/reachability-metadata-schema-v1.2.0.json"));
      schema =
          SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2019_09)
              .getSchema(new String(json.readAllBytes(), StandardCharsets.UTF_8));
    }

    assertEquals(List.of(), schema.validate(metadata));
    List<Error> wrong = schema.validate("{\"reflection\": [{\"typo\": 1}]}", InputFormat.JSON);
    assertEquals(2, wrong.size(), () -> "The schema refuses nothing: " + wrong);
  }

  @Test
  void itHasTheInterfaceThatRetrofitImplementsAndReads() {
    String api = NanoBananaApi.class.getName();

    assertEquals(api, metadata.at("/reflection/0/type/proxy/0").asString());
    assertEquals(api, metadata.at("/reflection/1/type").asString());
    assertEquals(true, metadata.at("/reflection/1/allDeclaredMethods").asBoolean());
    assertEquals(2, metadata.get("reflection").size());
  }

  private static String metadata() {
    try (InputStream json =
        NativeImageTest.class.getResourceAsStream(
            "/META-INF/native-image/ai.mountsea/nano-banana/reachability-metadata.json")) {
      assertNotNull(json, "The library has no metadata");
      return new String(json.readAllBytes(), StandardCharsets.UTF_8);
    } catch (java.io.IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }
}
