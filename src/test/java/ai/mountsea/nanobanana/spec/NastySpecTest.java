package ai.mountsea.nanobanana.spec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.mountsea.nanobanana.nasty.ApiJsonAdapters;
import ai.mountsea.nanobanana.nasty.Everything;
import ai.mountsea.nanobanana.nasty.Keyword;
import ai.mountsea.nanobanana.nasty.Names;
import ai.mountsea.nanobanana.nasty.OtherThingsApi;
import ai.mountsea.nanobanana.nasty.Reply;
import ai.mountsea.nanobanana.nasty.State;
import ai.mountsea.nanobanana.nasty.ThingsApi;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import com.squareup.moshi.JsonAdapter;
import com.squareup.moshi.JsonDataException;
import com.squareup.moshi.Moshi;
import java.io.File;
import java.io.IOException;
import java.lang.reflect.Type;
import java.math.BigDecimal;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import okhttp3.mockwebserver.MockResponse;
import okhttp3.mockwebserver.MockWebServer;
import okhttp3.mockwebserver.RecordedRequest;
import okio.ByteString;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.FieldSource;
import retrofit2.Retrofit;
import retrofit2.converter.moshi.MoshiConverterFactory;

/**
 * The templates on a spec with all that an update may bring, src/test/resources/spec/nasty.yaml.
 * That its Java compiles, documentation included, is checked by the compiler before this runs.
 */
class NastySpecTest {
  private static final String LEAST =
      """
      {"text":"a","requiredNullable":null,"requiredNullableList":null,"count":1}""";

  private static final String MOST =
      """
      {"text":"\\"quoted\\" \\\\ 中文","requiredNullable":"a","requiredNullableList":["a"],"count":3,
      "big":9007199254740993,"ratio":1.5,"single":0.5,"exact":0.10,"flag":true,"day":"2026-01-15",
      "instant":"2026-01-15T09:30:00Z","link":"https://example.com/ä?a=b c",
      "id":"7f1c2a90-5b0e-4f5e-9c55-0d7a3c1e8b11","bytes":"AP8=","greeting":"hi","version":"v1",
      "keyword":"class","state":"on hold","maybeState":"up",
      "anything":[1,{"b":null,"a":9007199254740993,"c":[true,"x",0.10]}],
      "free":{"z":1,"a":null},"empty":{"any":"thing"},"old":{"a":"x","older":"b"},"oldText":"x",
      "null-text":"x","nullCount":1,"nullBig":-1,"nullRatio":2.5,"nullExact":1E+2,"nullFlag":false,
      "nullDay":"2026-01-15","nullInstant":"2026-01-15T09:30:00.123+02:00",
      "nullId":"7f1c2a90-5b0e-4f5e-9c55-0d7a3c1e8b11","nullBytes":"","nullObject":{"inside":"x"},
      "nullMap":{"b":1,"a":2},"lenientDay":"2026-01-15","nested":{"inner":{"deepest":[1,2]}},
      "objects":[{"a":"x"},{}],"listOfLists":[["a"],[]],"listOfNullables":["a",null],
      "listOfNullableObjects":[null,{"a":"x"}],"listOfMaps":[{"d":"2026-01-15"}],"unique":["b","a"],
      "states":["on hold","not in the spec"],"map":{"z":1.0,"a":2},
      "mapOfLists":{"k":["","1st"]},"mapOfNullables":{"t":true,"n":null},
      "mapOfAnything":{"n":null,"o":{"a":1}},"aliasedList":["1"],"aliasedText":"x"}"""
          .replace("\n", "");

  private static final String NAMES =
      """
      {"class":"1","$id":"2","a$b":"3","dash-ed":"4","dot.ted":"5","with space":"6","1st":"7",
      "@type":"8","名字":"9","NAMES":"10","default":"11","record":"12","var":"13","yield":"14","_":"15",
      "hashCode":"16","to_string":"17","getClass":"18","clone":"19","finalize":"20","notify":"21",
      "notifyAll":"22","wait":"23","equals":"24","builder":"25","toBuilder":"26","build":"27",
      "moshi":"28","reader":"29","writer":"30","value":"31","this":"32","null":"33","object":["34"],
      "list":["35"],"map":{"36":"37"},"URL":"38","iOS":"39","additionalProperties":["40"],
      "additionalProperty":"41","toJson":"42","fromJson":"43"}"""
          .replace("\n", "");

  private static final String REPLY =
      """
      {"id":"1","required-nullable":1,"text":"a","count":1,"single":0.5,"ratio":1.5,"exact":0.10,
      "flag":true,"instant":"2026-01-15T09:30:00Z","keyword":"class","state":"not in the spec",
      "both":{"text":"a","requiredNullable":null,"requiredNullableList":null,"count":1},
      "any":{"a":[1,null]},"names":["a"],"anythings":[null,{"a":1}],"states":["on hold"],
      "numbers":{"z":1,"a":2},"nested":{"inner":{"a":"x","list":[true]}},"new":{"a":1.50,"b":null}}"""
          .replace("\n", "");

  /** Every optional property is of another type than the spec says. */
  private static final String ODD_REPLY =
      """
      {"id":"1","required-nullable":1,"text":1,"count":1.5,"single":1e39,"ratio":1e309,"exact":"1",
      "flag":"true","instant":"yesterday","keyword":"Class","state":{"a":1},
      "both":{"text":"a"},"names":["a",null],"anythings":{},"states":"on hold",
      "numbers":{"z":"1"},"nested":{"inner":[]}}"""
          .replace("\n", "")
          .replace("1e39", "1E+39")
          .replace("1e309", "1E+309");

  /** A JSON text for each schema that has a Java type; it has to come back as it was. */
  static final List<List<String>> TEXTS =
      List.of(
          List.of("Everything", LEAST),
          List.of("Everything", MOST),
          List.of("Names", NAMES),
          List.of("Names", "{\"class\":\"\",\"$id\":\"\"}"),
          List.of("NullableNames", "{\"a\":\"x\"}"),
          List.of("NullableNames", "null"),
          List.of("Old", "{\"a\":\"x\",\"older\":\"a\"}"),
          List.of("OldEnum", "\"a\""),
          List.of("State", "\"on hold\""),
          List.of("State", "\"not in the spec\""),
          List.of("NullableState", "\"down\""),
          List.of("NullableState", "null"),
          List.of(
              "Names", "{\"class\":\"\",\"$id\":\"\",\"not in the spec\":[{\"a\":null,\"b\":1}]}"),
          List.of("Reply", "{\"id\":\"\",\"required-nullable\":null}"),
          List.of("Reply", REPLY),
          List.of("Reply", ODD_REPLY),
          List.of("ReplyNested", "{\"inner\":{}}"),
          List.of("ReplyNestedInner", "{\"a\":\"x\",\"list\":[true]}"),
          List.of("Keyword", "\"quo\\\"te\\\\\""),
          List.of("EverythingNested", "{\"inner\":{}}"),
          List.of("EverythingNestedInner", "{\"deepest\":[-9223372036854775808]}"),
          List.of("EverythingNullObject", "{}"),
          List.of("EverythingObjectsInner", "{\"a\":\"x\"}"));

  private final Moshi moshi = new Moshi.Builder().add(new ApiJsonAdapters()).build();
  private final JsonAdapter<Everything> everything = moshi.adapter(Everything.class);

  @ParameterizedTest
  @FieldSource("TEXTS")
  void everyModelIsReadAndWrittenAsItWas(List<String> text) throws Exception {
    Type type = Class.forName("ai.mountsea.nanobanana.nasty." + text.get(0));
    JsonAdapter<Object> adapter = moshi.adapter(type);

    assertThat(adapter.toJson(adapter.fromJson(text.get(1)))).isEqualTo(text.get(1));
  }

  @Test
  void noModelIsLeftOut() throws IOException {
    Set<String> schemas = new HashSet<>();
    nasty()
        .at("/components/schemas")
        .properties()
        .forEach(
            schema -> {
              if (schema.getValue().has("enum")
                  || schema.getValue().has("anyOf")
                  || !schema.getValue().path("properties").isEmpty()) {
                schemas.add(schema.getKey());
              }
            });

    assertThat(TEXTS).extracting(text -> text.get(0)).containsAll(schemas);
  }

  @Test
  void aFullExampleLeavesNoPropertyOut() throws IOException {
    JsonNode schemas = nasty().at("/components/schemas");

    assertThat(new YAMLMapper().readTree(MOST).fieldNames())
        .toIterable()
        .containsExactlyElementsOf(() -> schemas.at("/Everything/properties").fieldNames());
    assertThat(new YAMLMapper().readTree(NAMES).fieldNames())
        .toIterable()
        .containsExactlyElementsOf(() -> schemas.at("/Names/properties").fieldNames());
  }

  @Test
  void everyEnumHasOneConstantForEachOfItsValues() throws IOException {
    for (JsonNode value : nasty().at("/components/schemas/Keyword/enum")) {
      assertThat(Keyword.fromValue(value.asText()).value()).isEqualTo(value.asText());
    }
    for (JsonNode value : nasty().at("/components/schemas/State/anyOf/0/enum")) {
      State.Known known = new State(value.asText()).known();
      assertThat(known).isNotEqualTo(State.Known.UNRECOGNIZED);
      assertThat(State.class).hasPublicFields(known.name());
    }
    assertThat(Keyword.valueOf("CLASS").value()).isEqualTo("class");
    assertThat(Keyword.values()).hasSize(nasty().at("/components/schemas/Keyword/enum").size());
  }

  @Test
  void whatIsReadHasTheTypesOfTheSpec() throws IOException {
    Everything read = everything.fromJson(MOST);

    assertThat(read.big()).isEqualTo(9007199254740993L);
    assertThat(read.exact()).isEqualTo("0.10");
    assertThat(read.day()).isEqualTo(LocalDate.of(2026, 1, 15));
    assertThat(read.instant()).isEqualTo(OffsetDateTime.parse("2026-01-15T09:30:00Z"));
    assertThat(read.bytes()).isEqualTo(ByteString.decodeHex("00ff"));
    assertThat(read.mapOfLists()).containsEntry("k", List.of(Keyword.EMPTY, Keyword._1ST));
    assertThat(read.nested().inner().deepest()).containsExactly(1L, 2L);
    assertThat(read).isEqualTo(everything.fromJson(MOST)).isEqualTo(read.toBuilder().build());
  }

  @Test
  void constantsAndDefaultsAreInJavaWhatTheyAreInTheSpec() {
    assertThat(Everything.CONSTANT_VERSION).isEqualTo("v1");
    assertThat(Everything.DEFAULT_COUNT).isEqualTo(3);
    assertThat(Everything.DEFAULT_BIG).isEqualTo(5_000_000_000L);
    assertThat(Everything.MAXIMUM_BIG).isEqualTo(9007199254740993L);
    assertThat(Everything.DEFAULT_RATIO).isEqualTo(1.5);
    assertThat(Everything.DEFAULT_SINGLE).isEqualTo(1.5f);
    assertThat(Everything.DEFAULT_EXACT).isEqualTo("0.05");
    assertThat(Everything.DEFAULT_FLAG).isTrue();
    assertThat(Everything.DEFAULT_DAY).isEqualTo(LocalDate.of(2026, 1, 15));
    assertThat(Everything.DEFAULT_INSTANT).isEqualTo("2026-01-15T09:30:00Z");
    assertThat(Everything.DEFAULT_LINK).isEqualTo("https://example.com/?a=\"b\"");
    assertThat(Everything.DEFAULT_ID).hasToString("7f1c2a90-5b0e-4f5e-9c55-0d7a3c1e8b11");
    assertThat(Everything.DEFAULT_GREETING).isEqualTo("say \"hi\" \\ 中文");
    assertThat(Everything.DEFAULT_STATE).isEqualTo(State.ON_HOLD);
  }

  @Test
  void listsAndMapsDoNotChangeWithWhatTheyWereMadeFrom() throws IOException {
    List<String> inner = new ArrayList<>(List.of("a"));
    Map<String, Boolean> map = new LinkedHashMap<>();
    map.put("n", null);
    Everything made = everything().listOfLists(List.of(inner)).mapOfNullables(map).build();

    inner.clear();
    map.clear();

    assertThat(made.listOfLists()).containsExactly(List.of("a"));
    assertThat(made.mapOfNullables()).containsOnlyKeys("n");
    assertThatThrownBy(() -> made.listOfLists().get(0).clear())
        .isInstanceOf(UnsupportedOperationException.class);
  }

  @Test
  void whatAReplyHasOfAnotherTypeIsAbsentAndKept() throws IOException {
    Reply reply = Reply.fromJson(ODD_REPLY);

    assertThat(reply)
        .isEqualTo(
            new Reply(
                "1",
                1,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                reply.additionalProperties()));
    assertThat(new YAMLMapper().readTree(ODD_REPLY).fieldNames())
        .toIterable()
        .containsAll(reply.additionalProperties().keySet())
        .hasSize(reply.additionalProperties().size() + 2);
    assertThat(reply.additionalProperties())
        .containsEntry("ratio", new BigDecimal("1E+309"))
        .containsEntry("names", Arrays.asList("a", null));
  }

  @Test
  void whatIsRequiredOfAReplyIsStillRequired() {
    assertThatThrownBy(() -> Reply.fromJson("{\"id\":1}"))
        .isInstanceOf(JsonDataException.class)
        .hasMessage("Expected a string but was a number at path $.id");
    assertThatThrownBy(() -> Reply.fromJson("{\"required-nullable\":1}"))
        .isInstanceOf(JsonDataException.class)
        .hasMessage("Required value 'id' missing at path $");
  }

  @Test
  void theLastOfSeveralPropertiesOfOneNameCounts() {
    String start = "{\"id\":\"1\",\"required-nullable\":1,";

    assertThat(Reply.fromJson(start + "\"text\":1,\"text\":\"a\"}"))
        .isEqualTo(Reply.builder("1", 1).text("a").build());
    assertThat(Reply.fromJson(start + "\"text\":\"a\",\"text\":1}"))
        .isEqualTo(Reply.fromJson(start + "\"text\":1}"));
  }

  @Test
  void whatIsSetTakesThePlaceOfWhatCouldNotBeRead() {
    Reply read = Reply.fromJson("{\"id\":\"1\",\"required-nullable\":null,\"text\":1}");

    assertThat(read.toBuilder().text("a").build())
        .isEqualTo(Reply.builder("1", null).text("a").build());
    assertThat(read.toBuilder().build()).isEqualTo(read);
  }

  @Test
  void aPropertyThatTheSpecKnowsIsNoAdditionalOne() {
    String message =
        "`required-nullable` is not an additional property of Reply: use the setter that its"
            + " builder has for it";

    assertThatThrownBy(() -> Reply.builder("1", null).additionalProperty("required-nullable", 1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(message);
    assertThatThrownBy(
            () ->
                new Reply(
                    "1",
                    null,
                    null,
                    null,
                    null,
                    null,
                    null,
                    null,
                    null,
                    null,
                    null,
                    null,
                    null,
                    null,
                    null,
                    null,
                    null,
                    null,
                    Map.of("required-nullable", 1)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(message);
    assertThatThrownBy(
            () ->
                new Reply(
                    "1",
                    null,
                    "a",
                    null,
                    null,
                    null,
                    null,
                    null,
                    null,
                    null,
                    null,
                    null,
                    null,
                    null,
                    null,
                    null,
                    null,
                    null,
                    Map.of("text", 1)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "`text` is not an additional property of Reply: use the setter that its builder has"
                + " for it");
  }

  @Test
  void aListOfSimpleElementsMayBeSetOneByOne() {
    assertThat(Reply.builder("1", null).states(State.VALUE, new State("new")).build().states())
        .containsExactly(State.VALUE, new State("new"));
    assertThat(everything().listOfNullables("a", null).build().listOfNullables())
        .containsExactly("a", null);
  }

  @Test
  void imageUrlsAreFoundWhereTheSpecSays() {
    String start = "{\"id\":\"1\",\"required-nullable\":1,";

    assertThat(Reply.fromJson(REPLY).imageUrls()).isEmpty();
    assertThat(
            Reply.fromJson(
                    start
                        + "\"any\":[{\"href\":1,\"link\":\"http://a\"},[\"http://b\"],"
                        + "\"HTTPS://c/\"],\"text\":\"http://d\"}")
                .imageUrls())
        .containsExactly("http://a", "HTTPS://c/");
    assertThat(Reply.fromJson(start + "\"nested\":{\"urls\":\"http://a\"}}").imageUrls())
        .containsExactly("http://a");
    assertThat(Reply.builder("1", null).text("http://a").build().imageUrls())
        .containsExactly("http://a");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          "text":null                          | Unexpected null at $.text
          "flag":null                          | Unexpected null at $.flag
          "big":9223372036854775808            | Expected a long but was 9223372036854775808 at path $.big
          "flag":"true"                        | Expected a boolean but was a string at path $.flag
          "day":"2026-02-30"                   | Expected a date but was 2026-02-30 at path $.day
          "instant":"2026-01-15"               | Expected a date-time but was 2026-01-15 at path $.instant
          "id":"1"                             | Expected a UUID but was 1 at path $.id
          "bytes":"!"                          | Expected base64 but was ! at path $.bytes
          "keyword":"Class"                    | Expected one of [class, , 1st, a-b, a_b, A_B, quo"te\\, true, null,  , $, values, Keyword] but was Class at path $.keyword
          "nested":{}                          | Required value 'inner' missing at path $.nested
          "listOfLists":[[],["a",null]]        | Unexpected null at $.listOfLists[1][1]
          "mapOfLists":{"k":[null]}            | Unexpected null at $.mapOfLists.k[0]
          """)
  void whatBreaksTheSpecIsRefusedWithItsPath(String property, String message) {
    assertThatThrownBy(() -> everything.fromJson("{" + property + "}"))
        .isInstanceOf(JsonDataException.class)
        .hasMessage(message);
  }

  @Test
  void everyKindOfParameterIsSent() throws Exception {
    try (MockWebServer server = new MockWebServer()) {
      server.enqueue(new MockResponse().setBody(LEAST));

      Everything answer =
          retrofit(server)
              .create(ThingsApi.class)
              .getThing(
                  "trace",
                  UUID.fromString("7f1c2a90-5b0e-4f5e-9c55-0d7a3c1e8b11"),
                  "a&b",
                  null,
                  List.of(Keyword.CLASS, Keyword.A_B),
                  LocalDate.of(2026, 1, 15))
              .execute()
              .body();

      RecordedRequest request = server.takeRequest();
      assertThat(request.getRequestLine())
          .isEqualTo(
              "GET /things/7f1c2a90-5b0e-4f5e-9c55-0d7a3c1e8b11"
                  + "?class=a%26b&kinds=class&kinds=a-b&since=2026-01-15 HTTP/1.1");
      assertThat(request.getHeader("X-Trace-Id")).isEqualTo("trace");
      assertThat(answer).isEqualTo(everything.fromJson(LEAST));
    }
  }

  @Test
  void anAnswerMayBeAnArray() throws Exception {
    try (MockWebServer server = new MockWebServer()) {
      server.enqueue(new MockResponse().setBody("[" + NAMES + "," + NAMES + "]"));

      List<Names> answer =
          retrofit(server).create(OtherThingsApi.class).callDefault().execute().body();

      Names names = moshi.adapter(Names.class).fromJson(NAMES);
      assertThat(answer).containsExactly(names, names);
    }
  }

  @Test
  @SuppressWarnings("deprecation")
  void anAnswerMayHaveNoBody() throws Exception {
    try (MockWebServer server = new MockWebServer()) {
      server.enqueue(new MockResponse().setResponseCode(204));

      assertThat(
              retrofit(server)
                  .create(ThingsApi.class)
                  .delete(UUID.fromString("7f1c2a90-5b0e-4f5e-9c55-0d7a3c1e8b11"))
                  .execute()
                  .code())
          .isEqualTo(204);
      assertThat(server.takeRequest().getMethod()).isEqualTo("DELETE");
    }
  }

  private static Everything.Builder everything() {
    return Everything.builder("a", null, null, 1);
  }

  private Retrofit retrofit(MockWebServer server) {
    return new Retrofit.Builder()
        .baseUrl(server.url("/"))
        .addConverterFactory(MoshiConverterFactory.create(moshi))
        .build();
  }

  private static JsonNode nasty() throws IOException {
    return new YAMLMapper().readTree(new File("src/test/resources/spec/nasty.yaml"));
  }
}
