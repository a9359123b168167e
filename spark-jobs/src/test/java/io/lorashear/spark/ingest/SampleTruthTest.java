package io.lorashear.spark.ingest;

import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lorashear.InputException;
import io.lorashear.sampleworld.SampleWorld;
import io.lorashear.settings.Settings;
import io.lorashear.spark.LocalSpark;
import io.lorashear.spark.clean.CleaningSettings;
import io.lorashear.spark.clean.TokenCounter;
import io.lorashear.spark.decontaminate.DecontaminationSettings;
import io.lorashear.spark.dedup.DuplicateSettings;
import io.lorashear.spark.source.Corpus;
import io.lorashear.spark.source.LimitSettings;
import io.lorashear.spark.source.SourceSettings;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.spark.sql.Row;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every record planted in the sample world is kept or dropped as its truth file says. */
class SampleTruthTest {
  private static final int DOCUMENTS = 60;
  private static final String NEAR = "near-duplicate";
  private static final String LEAK = "benchmark-leak";

  /** Reason in the truth file → code under which a record is counted. */
  private static final Map<String, String> CODES =
      Map.ofEntries(
          Map.entry("invalid-json", "invalid-json"),
          Map.entry("not-an-object", "no-text-field"),
          Map.entry("no-text-field", "no-text-field"),
          Map.entry("missing-field", "no-text-field"),
          Map.entry("empty", "no-text"),
          Map.entry("no-text", "no-text"),
          Map.entry("no-output", "no-response"),
          Map.entry("redirect", "redirect"),
          Map.entry("disambiguation", "disambiguation"),
          Map.entry("other-namespace", "other-namespace"),
          Map.entry("wrong-encoding", "invalid-encoding"),
          Map.entry("only-short-paragraphs", "nothing-left"),
          Map.entry("noise", "irregular-characters"),
          Map.entry("exact-duplicate", "exact-duplicate"),
          Map.entry("exact-duplicate-white-space", "exact-duplicate"));

  private static final TokenCounter WORDS = text -> text.split("\\s+").length;

  @TempDir static Path folder;
  private static JsonNode truth;
  private static IngestReport report;
  private static final Map<String, Row> KEPT = new HashMap<>();
  private static final Map<String, Row> DROPPED = new HashMap<>();

  @BeforeAll
  static void ingest() throws IOException {
    var world = folder.resolve("world");
    SampleWorld.write(world, 7, DOCUMENTS);
    truth = JsonMapper.builder().build().readTree(world.resolve(SampleWorld.TRUTH).toFile());
    report =
        Ingest.run(
            LocalSpark.session(),
            settings(sources(world), folder.resolve("out")),
            false,
            WORDS,
            "words");
    var published = PublishedDocuments.open(folder.resolve("out"));
    index(published.rows(LocalSpark.session()).collectAsList(), KEPT);
    var drops = folder.resolve("out").resolve(Ingest.DROPPED).toString();
    index(
        LocalSpark.session().read().parquet(drops).filter("unit = 'document'").collectAsList(),
        DROPPED);
  }

  private static List<SourceSettings> sources(Path world) {
    var sources = new ArrayList<SourceSettings>();
    for (var corpus : Corpus.values()) {
      if (corpus != Corpus.OTHER) {
        var name = corpus.name().toLowerCase(Locale.ROOT);
        sources.add(SourceSettings.of(corpus, world.resolve(name)));
      }
    }
    return sources;
  }

  private static IngestSettings settings(List<SourceSettings> sources, Path output) {
    return new IngestSettings(
        sources,
        Path.of("unused"),
        output,
        List.of(),
        cleaning(),
        DuplicateSettings.USUAL,
        measuredOn(),
        BadFiles.FAIL,
        LimitSettings.USUAL,
        50_000);
  }

  /** The paper's rules, and those that must not touch English text. */
  private static CleaningSettings cleaning() {
    var yaml =
        "{paragraphTokens: 30, blockTokens: 120, repairEncoding: true, language: {enabled: true}}";
    try {
      var file = Files.writeString(folder.resolve("cleaning.yaml"), yaml);
      return Settings.load(CleaningSettings.class, file, List.of());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static DecontaminationSettings measuredOn() {
    return new DecontaminationSettings(
        Optional.empty(),
        List.of(),
        Map.of("world", folder.resolve("world").resolve(SampleWorld.BENCHMARK)),
        Map.of(),
        13,
        8,
        0.1);
  }

  private static void index(List<Row> rows, Map<String, Row> into) {
    for (var row : rows) {
      var id = row.<String>getAs("id");
      assertThat(into.put(id, row)).as(id).isNull();
    }
  }

  @Test
  void everyRecordIsCountedOnce() {
    truth
        .path("sources")
        .fields()
        .forEachRemaining(
            source -> {
              if (!source.getKey().equals("bookcorpus")) {
                var records = report.source(source.getKey()).records();
                assertThat(records)
                    .as(source.getKey())
                    .isEqualTo(source.getValue().path("records").asLong());
              }
            });
  }

  @Test
  void whatWasPlantedIsKeptOrDroppedAsItShould() {
    var wrong = new TreeMap<String, String>();
    for (var plant : truth.path("planted")) {
      var found = outcome(plant);
      var elsewhere = List.of(NEAR, LEAK).contains(plant.path("kind").asText());
      if (!elsewhere && !found.equals(expected(plant))) {
        wrong.put(plant.toString(), found);
      }
    }
    assertThat(
            wrong.entrySet().stream()
                .map(entry -> entry.getValue() + " <- " + entry.getKey())
                .collect(joining("\n")))
        .isEmpty();
  }

  @Test
  void removedPiecesAreGoneAndExpectedOnesStay() {
    for (var plant : truth.path("planted")) {
      var row = row(plant, KEPT);
      if (row == null || !plant.path("stage").asText().matches("read|clean")) {
        continue;
      }
      var text = row.<String>getAs("text") + row.<String>getAs("response");
      for (var piece : plant.path("removed")) {
        assertThat(text).as(plant.toString()).doesNotContain(piece.asText());
      }
      if (plant.has("expected")) {
        assertThat(flat(text)).as(plant.toString()).contains(flat(plant.path("expected").asText()));
      }
    }
  }

  private static String flat(String text) {
    return text.replaceAll("\\s+", " ");
  }

  private static String expected(JsonNode plant) {
    var kind = plant.path("kind").asText();
    var dropped = !plant.path("outcome").asText().equals("kept");
    return dropped ? CODES.getOrDefault(kind, "no code for " + kind) : "kept";
  }

  private static String outcome(JsonNode plant) {
    var dropped = row(plant, DROPPED);
    var exact = plant.path("kind").asText().startsWith("exact-duplicate");
    if (exact && merged(plant)) {
      return "exact-duplicate";
    } else if (dropped != null) {
      return dropped.getAs("reason");
    }
    return row(plant, KEPT) == null ? "lost" : "kept";
  }

  /**
   * Whether of a record and what it repeats only one is left, or none where both repeat a third.
   */
  private static boolean merged(JsonNode plant) {
    return Stream.of(row(plant, DROPPED), row(original(plant), DROPPED))
        .anyMatch(row -> row != null && row.<String>getAs("reason").endsWith("-duplicate"));
  }

  /** The likeness is of the texts as planted; cleaning changes both alike, but not by the same. */
  @Test
  void nearDuplicatesAreFoundAndNothingElse() {
    var alike = new ArrayList<JsonNode>();
    var linked = new HashMap<String, String>();
    for (var plant : truth.path("planted")) {
      var kind = plant.path("kind").asText();
      var jaccard = plant.path("jaccard").asDouble();
      if (kind.equals(NEAR) && jaccard >= 0.8) {
        alike.add(plant);
      }
      if (kind.startsWith("exact-duplicate") || kind.equals(NEAR) && jaccard >= 0.79) {
        linked.put(id(plant), id(original(plant)));
      }
    }
    assertThat(alike.size()).isGreaterThanOrEqualTo(15);
    var found = alike.stream().filter(SampleTruthTest::merged).count();
    assertThat((double) found / alike.size()).as("recall").isGreaterThanOrEqualTo(0.95);
    var dropped =
        DROPPED.values().stream().filter(row -> row.getAs("reason").equals(NEAR)).toList();
    var right =
        dropped.stream()
            .filter(row -> root(id(row), linked).equals(rootOfSurvivor(row, linked)))
            .count();
    assertThat((double) right / dropped.size()).as("precision").isGreaterThanOrEqualTo(0.95);
  }

  /** A long document loses the paragraph, a short one is dropped. */
  @Test
  void everyLeakIsFoundAndNothingClean() {
    var leaking = new HashSet<String>();
    var questions = new HashSet<String>();
    for (var plant : truth.path("planted")) {
      if (plant.path("kind").asText().equals(LEAK)) {
        questions.add(plant.path("question").asText());
        leaking.add(id(plant));
        var dropped = row(plant, DROPPED);
        if (dropped == null) {
          var text = flat(Objects.requireNonNull(row(plant, KEPT)).getAs("text"));
          assertThat(text)
              .as(plant.toString())
              .doesNotContain(flat(plant.path("removed").get(0).asText()));
        } else {
          assertThat(dropped.<String>getAs("reason")).as(plant.toString()).isEqualTo("leak-world");
        }
      }
    }
    assertThat(leaking).hasSizeGreaterThan(5);
    assertThat(flagged()).isEqualTo(leaking);
    var leaks = report.leaks().get(0);
    assertThat(leaks.task()).isEqualTo("world");
    assertThat(leaks.found())
        .isGreaterThanOrEqualTo(questions.size())
        .isLessThan(leaks.items() / 4);
    assertThat(leaks.tooShort()).isZero();
  }

  /** Ids of documents that were dropped, or lost a paragraph, for a leak. */
  private static Set<String> flagged() {
    var drops = folder.resolve("out").resolve(Ingest.DROPPED).toString();
    return LocalSpark.session()
        .read()
        .parquet(drops)
        .filter("reason like 'leak-%'")
        .collectAsList()
        .stream()
        .map(SampleTruthTest::id)
        .collect(Collectors.toSet());
  }

  private static String rootOfSurvivor(Row dropped, Map<String, String> linked) {
    var excerpt = dropped.<String>getAs("detail");
    assertThat(excerpt).startsWith("nearly the same as ");
    return root(excerpt.substring("nearly the same as ".length()), linked);
  }

  private static String root(String id, Map<String, String> linked) {
    var above = linked.get(id);
    return above == null ? id : root(above, linked);
  }

  private static String id(JsonNode plant) {
    var kept = row(plant, KEPT);
    return id(kept == null ? Objects.requireNonNull(row(plant, DROPPED)) : kept);
  }

  private static String id(Row row) {
    return row.getAs("id");
  }

  /** Of two equal records the one with the smaller id stays, which may be the copy. */
  private static JsonNode original(JsonNode plant) {
    return ((ObjectNode) plant.path("of").deepCopy()).put("source", plant.path("source").asText());
  }

  /** The row of the record at the plant's place: by its name in an archive, page, item or line. */
  private static @Nullable Row row(JsonNode plant, Map<String, Row> rows) {
    var source = plant.path("source").asText();
    var file = plant.path("file").asText().substring(source.length() + 1);
    var start = source + "/" + file;
    var record = plant.path("record").asText();
    return switch (source) {
      case "gutenberg" -> rows.get(start);
      case "wikipedia" ->
          rows.entrySet().stream()
              .filter(entry -> entry.getKey().startsWith(start + "#" + record + "-"))
              .map(Map.Entry::getValue)
              .findFirst()
              .orElse(null);
      case "alpaca" -> rows.get(start + "#%010d".formatted(Long.parseLong(record)));
      case "bookcorpus" -> sentence(start, Long.parseLong(record), rows);
      default ->
          plant.has("offset")
              ? rows.get(start + "#%010d".formatted(plant.path("offset").asLong()))
              : rows.get(start + "#" + record);
    };
  }

  private static @Nullable Row sentence(String start, long line, Map<String, Row> rows) {
    var alone = rows.get(start + "#%010d".formatted(line));
    var first = (line - 1) / 500 * 500 + 1;
    return alone != null || rows == DROPPED
        ? alone
        : rows.get(start + "#%010d-lines".formatted(first));
  }

  @Test
  void brokenFilesAreRefusedByNameAndNothingIsPublished() {
    for (var broken : truth.path("broken")) {
      var file = folder.resolve("world").resolve(broken.path("file").asText());
      var corpus = broken.path("file").asText().split("/", -1)[1].toUpperCase(Locale.ROOT);
      var source =
          SourceSettings.of(corpus.equals("EMPTY") ? Corpus.OTHER : Corpus.valueOf(corpus), file);
      var output = folder.resolve("refused");
      assertThatThrownBy(
              () ->
                  Ingest.run(
                      LocalSpark.session(),
                      settings(List.of(source), output),
                      false,
                      WORDS,
                      "words"))
          .as(broken.toString())
          .isInstanceOf(InputException.class)
          .hasMessageStartingWith(file + " ")
          .hasMessageMatching(
              broken.path("reason").asText().equals("empty")
                  ? ".* is empty: fetch .*"
                  : ".*(cut off|is not valid JSON).*: fetch the file again, .*");
      assertThat(output).doesNotExist();
    }
  }
}
