package ai.mountsea.nanobanana.live;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import okhttp3.mockwebserver.MockResponse;
import okhttp3.mockwebserver.MockWebServer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.dataformat.yaml.YAMLMapper;

/** The pages in {@code src/test/resources/drift} are edited, and the drift is what the edit did. */
class DriftTest {
  private static final String GENERATE = "POST /gemini/image/generate";
  private static final String RESULT = "GET /gemini/task/result";
  private static final Path PAGES = Path.of("src", "test", "resources", "drift");

  @TempDir private Path folder;
  private final Map<String, String> pages = new LinkedHashMap<>();
  private final JsonNode spec = yaml(Path.of("openapi", "nano-banana.yaml"));
  private final JsonNode deviations = yaml(Path.of("openapi", "deviations.yaml"));
  private List<String> unedited = List.of();

  @BeforeEach
  void bothPages() {
    pages.put(GENERATE, PAGES.resolve("image.md").toString());
    pages.put(RESULT, PAGES.resolve("task.md").toString());
    unedited = Drift.findings(spec, deviations, pages);
  }

  @Test
  void thePagesDifferFromTheSpecInNothingButTheDeviations() {
    assertThat(unedited)
        .as("Add it to the page in %s, or to openapi/deviations.yaml, with the reason", PAGES)
        .isEmpty();
    assertThat(Drift.report(unedited, deviations))
        .startsWith(
            "The documentation says what openapi/nano-banana.yaml says, apart from "
                + deviations.get("deviations").size()
                + " deviations on purpose, see openapi/deviations.yaml.");
  }

  static List<Arguments> editsOfTheImagePage() {
    String place = GENERATE + ", ";
    return List.of(
        edit(
            "            - nano-banana-2\n",
            "            - nano-banana-2\n            - nano-banana-unknown\n",
            place + "`model`: only the page has the value `nano-banana-unknown`."),
        edit(
            "            - nano-banana-2\n",
            "",
            place + "`model`: only the spec has the value `nano-banana-2`."),
        edit(
            "          default: nano-banana-fast",
            "          default: nano-banana-2",
            place
                + "`model`: default is `nano-banana-2` on the page and `nano-banana-fast` in the spec."),
        edit(
            "          default: 1\n",
            "",
            place + "`num_images`: default is unset on the page and `1` in the spec."),
        edit(
            "        resolution:\n          type: string\n",
            "        resolution:\n          type: string\n          default: 1K\n",
            place + "`resolution`: default is `1K` on the page and unset in the spec."),
        edit(
            "        prompt:\n          type: string\n",
            "        prompt:\n          type: object\n",
            place + "`prompt`: type is `object` on the page and `string` in the spec."),
        edit(
            "        prompt:\n          type: string\n",
            "        prompt:\n          type: string\n          enum:\n            - A cat\n",
            place + "`prompt`: only the page has the value `A cat`."),
        edit(
            "        - prompt\n",
            "        - prompt\n        - model\n",
            place + "`model`: required on the page and optional in the spec."),
        edit(
            "        - prompt\n",
            "",
            place + "`prompt`: required in the spec and optional on the page."),
        edit(
            "        prompt:\n",
            "        seed:\n          type: integer\n        prompt:\n",
            place + "`seed`: only the page has it."),
        edit(
            "        resolution:\n",
            "        size:\n",
            place + "`size`: only the page has it.",
            place + "`resolution`: only the spec has it.",
            stale("`resolution`: any other text is accepted in the spec, but not on the page.")),
        edit(
            "        prompt:\n          type: string\n",
            "        prompt:\n          type: string\n          maxLength: 4000\n",
            place + "`prompt`: maxLength is `4000` on the page and unset in the spec."),
        edit(
            "        prompt:\n          type: string\n",
            "        prompt:\n          type: string\n          nullable: true\n",
            place + "`prompt`: may be null on the page, but not in the spec."),
        edit(
            "        num_images:\n          type: number\n",
            "        num_images:\n          type: integer\n",
            stale("`num_images`: type is `number` on the page and `integer` in the spec.")),
        edit(
            "          items:\n            type: string\n            format: uri\n",
            "          items:\n            type: string\n",
            place + "`image_urls[]`: format is unset on the page and `uri` in the spec."),
        edit(
            "          items:\n            type: string\n            format: uri\n",
            "          items:\n            $ref: '#/components/schemas/TaskIdDto'\n",
            place + "`image_urls[]`: format is unset on the page and `uri` in the spec.",
            place + "`image_urls[]`: type is `object` on the page and `string` in the spec.",
            place + "`image_urls[].taskId`: only the page has it."),
        edit(
            "        '201':\n",
            "        '200':\n",
            place + "status 200: only the page has it.",
            place + "status 201: only the spec has it.",
            stale("status 201, `taskId`: minLength is unset on the page and `1` in the spec.")),
        edit(
            "      responses:\n",
            "      responses:\n        '402':\n          description: No credit\n",
            place + "status 402: only the page has it."),
        edit(
            "        required: true\n        content:",
            "        content:",
            place + "body: required in the spec and optional on the page."),
        edit(
            "          application/json:\n            schema:\n              $ref: '#/components/schemas/NanoImageDto'\n",
            "          application/json:\n            schema:\n              $ref: '#/components/schemas/NanoImageDto'\n"
                + "          multipart/form-data:\n            schema:\n              type: object\n",
            place + "body, multipart/form-data: only the page has it."),
        edit(
            "      parameters: []\n",
            "      parameters:\n        - name: Idempotency-Key\n          in: header\n          schema:\n            type: string\n",
            place + "header parameter `Idempotency-Key`: only the page has it."),
        edit(
            "url: https://api.mountsea.ai",
            "url: https://api.example.com",
            GENERATE
                + ": server is `https://api.example.com` on the page and `https://api.mountsea.ai` in the spec."),
        edit(
            "        - bearerAuth: []",
            "        - {}",
            GENERATE + ": security is `none` on the page and `http bearer` in the spec."),
        edit(
            "      operationId: ApiPublicController_nanoImage\n",
            "      deprecated: true\n",
            GENERATE + ": deprecated is `true` on the page and unset in the spec."),
        edit(
            "            If the action is edit, this parameter is required.\n",
            "            Needed by edits.\n",
            place
                + "`image_urls`: the page no longer says \"If the action is edit, this parameter is required.\""
                + " but \"Link to the picture that needs to be edited. It can be a accessible http or https url,"
                + " The image size should not exceed 10MB for each. Needed by edits.\"."),
        // What the documentation calls its things, and where it stands, is its own affair.
        edit("NanoImageDto", "ImageRequestDto"),
        edit("title: Gemini", "title: Google Gemini"),
        edit("operationId: ApiPublicController_nanoImage", "operationId: generate"),
        edit("example: 1K", "example: 2K"),
        edit("\n", "\r\n"),
        edit("````", "`````"),
        edit(
            "              $ref: '#/components/schemas/NanoImageDto'\n",
            "              allOf:\n                - $ref: '#/components/schemas/NanoImageDto'\n"));
  }

  @ParameterizedTest
  @MethodSource("editsOfTheImagePage")
  void aDifferenceIsASentence(String old, String replacement, List<String> sentences)
      throws IOException {
    change(GENERATE, old, replacement);

    assertThat(findings()).containsExactlyInAnyOrderElementsOf(sentences);
  }

  static List<Arguments> editsOfTheTaskPage() {
    String place = RESULT + ", status 200, ";
    String result = "          description: Its structure depends on the type of the task\n";
    return List.of(
        edit(
            "            - timeout\n",
            "            - timeout\n            - expired\n",
            place + "`status`: only the page has the value `expired`."),
        edit(
            result + "          nullable: true\n",
            result
                + "          nullable: true\n          properties:\n            imageUrls:\n              type: array\n"
                + "              nullable: true\n              items:\n                type: string\n"
                + "                format: uri\n            cost:\n              type: number\n",
            place + "`result.cost`: only the page has it.",
            "openapi/deviations.yaml is stale, delete: "
                + place
                + "`result.imageUrls`: only the spec has it."),
        edit(
            result + "          nullable: true\n",
            result,
            place + "`result`: may be null in the spec, but not on the page."),
        edit(
            "        - name: taskId\n",
            "        - name: id\n",
            RESULT + ", query parameter `id`: only the page has it.",
            RESULT + ", query parameter `taskId`: only the spec has it.",
            "openapi/deviations.yaml is stale, delete: "
                + RESULT
                + ", query parameter `taskId`: minLength is unset on the page and `1` in the spec."),
        edit(
            "        - status\n",
            "",
            place + "`status`: required in the spec and optional on the page."));
  }

  @ParameterizedTest
  @MethodSource("editsOfTheTaskPage")
  void aDifferenceInAResponseIsASentence(String old, String replacement, List<String> sentences)
      throws IOException {
    change(RESULT, old, replacement);

    assertThat(findings()).containsExactlyInAnyOrderElementsOf(sentences);
  }

  static List<Arguments> editsOfTheSpec() {
    String place = GENERATE + ", ";
    return List.of(
        edit(
            "        resolution:\n          $ref: '#/components/schemas/Resolution'\n",
            "        seed:\n          type: integer\n"
                + "        resolution:\n          $ref: '#/components/schemas/Resolution'\n",
            place + "`seed`: only the spec has it."),
        edit(
            "      enum: [1K, 2K, 4K]\n",
            "      enum: [1K, 2K, 4K, 8K]\n",
            place + "`resolution`: only the spec has the value `8K`."),
        edit(
            "      required: [prompt, action]\n",
            "      required: [prompt, action, model]\n",
            place + "`model`: required in the spec and optional on the page."),
        edit(
            "      default: nano-banana-fast\n",
            "",
            place + "`model`: default is `nano-banana-fast` on the page and unset in the spec."));
  }

  @ParameterizedTest
  @MethodSource("editsOfTheSpec")
  void aDifferenceMayComeFromTheSpec(String old, String replacement, List<String> sentences)
      throws IOException {
    String text = Files.readString(Path.of("openapi", "nano-banana.yaml"));
    assertThat(text).contains(old);
    JsonNode edited = YAMLMapper.shared().readTree(text.replace(old, replacement));

    assertThat(Drift.findings(edited, deviations, pages))
        .containsExactlyInAnyOrderElementsOf(withUnedited(sentences));
  }

  @Test
  void aDeviationIsAFindingIfTheListDoesNotHaveIt() {
    ObjectNode shorter = (ObjectNode) deviations.deepCopy();
    ArrayNode list = (ArrayNode) shorter.get("deviations");
    JsonNode removed = list.remove(list.size() - 1);

    assertThat(Drift.findings(spec, shorter, pages))
        .containsExactlyInAnyOrderElementsOf(
            withUnedited(
                removed.get("differences").valueStream().map(JsonNode::asString).toList()));
  }

  /** One test reports what differs without an edit; the others go on. */
  private List<String> withUnedited(List<String> sentences) {
    return Stream.concat(unedited.stream(), sentences.stream()).toList();
  }

  @Test
  void eachDeviationHasAReason() {
    assertThat(deviations.get("deviations"))
        .allMatch(deviation -> !deviation.path("reason").asString("").isBlank());
  }

  @Test
  void aSchemaThatContainsItselfOrIsElsewhereIsAFindingAndNoCrash() throws IOException {
    change(
        RESULT,
        "        traceId:\n          type: string\n",
        "        traceId:\n          $ref: 'https://example.com/schemas.yaml#/TraceId'\n"
            + "        parent:\n          $ref: '#/components/schemas/TaskResultDto'\n");

    assertThat(findings())
        .contains(
            RESULT + ", status 200, `parent`: only the page has it.",
            RESULT
                + ", status 200, `traceId`: type is unset on the page and `string` in the spec.");
  }

  @Test
  void aPageThatCanNotBeReadNowIsAFinding() throws IOException {
    try (MockWebServer server = new MockWebServer()) {
      server.enqueue(new MockResponse().setResponseCode(503));
      String url = server.url("/image.md").toString();
      pages.put(GENERATE, url);

      assertThat(findings()).containsExactly(url + " can't be read: HTTP status 503.");
    }
  }

  /** Nobody but {@code mvn -Pdrift verify} asks the service's documentation. */
  @Test
  void theAddressesOfTheDocumentationAreInTheProfileOnly() throws IOException {
    String host = "docs." + "mountsea.ai";
    String pom = Files.readString(Path.of("pom.xml"));
    String profile =
        pom.substring(
            pom.indexOf("<id>drift</id>"),
            pom.indexOf("</profile>", pom.indexOf("<id>drift</id>")));
    assertThat(profile).contains(host);
    assertThat(pom.replace(profile, "")).doesNotContain(host);
    try (Stream<Path> files = Files.walk(Path.of("src"))) {
      assertThat(files.filter(file -> file.toString().endsWith(".java")))
          .allSatisfy(file -> assertThat(Files.readString(file)).doesNotContain(host));
    }
  }

  @Test
  void aPageThatIsGoneIsAFindingAndTheOtherIsCompared() throws IOException {
    try (MockWebServer server = new MockWebServer()) {
      server.enqueue(new MockResponse().setResponseCode(404).setBody("Not found"));
      String url = server.url("/image.md").toString();
      pages.put(GENERATE, url);
      change(RESULT, "        traceId:\n          type: string\n", "");

      assertThat(findings())
          .containsExactly(
              url + " is gone: HTTP status 404.",
              RESULT + ", status 200, `traceId`: only the spec has it.",
              "openapi/deviations.yaml is stale, delete: "
                  + RESULT
                  + ", status 200, `traceId`: may be null in the spec, but not on the page.");
    }
  }

  @Test
  void aPageIsReadFromAUrl() throws IOException {
    try (MockWebServer server = new MockWebServer()) {
      server.enqueue(new MockResponse().setBody(Files.readString(PAGES.resolve("image.md"))));
      pages.put(GENERATE, server.url("/image.md").toString());

      assertThat(findings()).isEmpty();
    }
  }

  @Test
  void aServerThatDoesNotAnswerIsAFinding() throws IOException {
    MockWebServer server = new MockWebServer();
    String url = server.url("/image.md").toString();
    server.close();
    pages.put(GENERATE, url);

    assertThat(findings()).hasSize(1);
    assertThat(findings().get(0)).startsWith(url + " can't be read: Failed to connect to ");
  }

  @Test
  void aFileThatIsNotThereIsAFinding() {
    pages.put(GENERATE, folder.resolve("none.md").toString());

    assertThat(findings()).containsExactly(folder.resolve("none.md") + " doesn't exist.");
  }

  @Test
  void aPageWithoutABlockIsAFinding() throws IOException {
    Path page = Files.writeString(folder.resolve("page.md"), "# Image generation\n");
    pages.put(GENERATE, page.toString());

    assertThat(findings())
        .containsExactly(page + " has no block ````yaml POST /gemini/image/generate.");
  }

  @Test
  void aPageOfAnotherOperationIsAFinding() {
    pages.put(GENERATE, PAGES.resolve("task.md").toString());

    assertThat(findings())
        .containsExactly(
            PAGES.resolve("task.md")
                + " has no block ````yaml POST /gemini/image/generate, only of GET /gemini/task/result.");
  }

  @Test
  void aBlockWithoutItsOperationIsAFinding() throws IOException {
    change(GENERATE, "    post:", "    put:");

    assertThat(findings())
        .containsExactly(
            pages.get(GENERATE)
                + ": the block of POST /gemini/image/generate doesn't have this operation.");
  }

  @Test
  void aBlockOfInvalidYamlIsAFinding() throws IOException {
    change(GENERATE, "openapi: 3.0.0\n", "openapi: [3.0.0\n");

    assertThat(findings()).hasSize(1);
    assertThat(findings().get(0))
        .startsWith(
            pages.get(GENERATE) + ": invalid YAML at line 2, column 5 of the OpenAPI block: ");
  }

  /** What the edits did; what was wrong before is the affair of the first test. */
  private List<String> findings() {
    return Drift.findings(spec, deviations, pages).stream()
        .filter(finding -> !unedited.contains(finding))
        .toList();
  }

  private void change(String operation, String old, String replacement) throws IOException {
    String page = Files.readString(Path.of(pages.get(operation)));
    assertThat(page).contains(old);
    Path edited = folder.resolve("edited.md");
    Files.writeString(edited, page.replace(old, replacement));
    pages.put(operation, edited.toString());
  }

  private static Arguments edit(String old, String replacement, String... sentences) {
    return Arguments.of(old, replacement, List.of(sentences));
  }

  private static String stale(String difference) {
    return "openapi/deviations.yaml is stale, delete: " + GENERATE + ", " + difference;
  }

  private static JsonNode yaml(Path file) {
    return YAMLMapper.shared().readTree(file.toFile());
  }
}
