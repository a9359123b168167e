package io.lorashear.spark.tokenize;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lorashear.InputException;
import io.lorashear.corpus.CorpusManifest;
import io.lorashear.corpus.Sequence;
import io.lorashear.corpus.SequenceReader;
import io.lorashear.corpus.Shard;
import io.lorashear.settings.Settings;
import io.lorashear.spark.LocalSpark;
import io.lorashear.spark.ingest.Ingest;
import io.lorashear.spark.ingest.IngestSettings;
import io.lorashear.spark.ingest.Ledger;
import io.lorashear.spark.ingest.PublishedDocuments;
import io.lorashear.tokenizer.SmallTokenizers;
import io.lorashear.tokenizer.Tokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Raw text that keeps coming: documents without what was there, corpora with all that was. */
class GrowthTest {
  private static final String[] WORDS =
      "oak river stone lamp cloud seven walked found under quiet morning letter".split(" ");

  private static final String GROWS = "grows: %1$s/corpus-0\nearlier: [%1$s/documents-0]\n";

  @TempDir static Path first;
  @TempDir Path folder;

  @BeforeAll
  static void firstText() throws IOException {
    var test = new GrowthTest();
    test.folder = first;
    Files.createDirectories(first.resolve("raw"));
    SmallTokenizers.byteLevel(first);
    test.write("a.jsonl", stories(1, 40));
    test.ingest("documents-0", List.of());
    test.tokenize("corpus-0", "documents-0", "");
  }

  @BeforeEach
  void copy() throws IOException {
    try (var all = Files.walk(first)) {
      for (Path file : all.filter(path -> !path.equals(first)).sorted().toList()) {
        Files.copy(file, folder.resolve(first.relativize(file)));
      }
    }
  }

  @Test
  void onlyNewAndChangedFilesAreReadAndRemovedOnesNamedOnce() throws IOException {
    Files.move(folder.resolve("raw/a.jsonl"), folder.resolve("raw/renamed.jsonl"));
    write("b.jsonl", stories(2, 3));
    ingest("documents-1", List.of("documents-0"));
    assertThat(read("documents-1")).containsExactly("b.jsonl");
    assertThat(documents("documents-1").keySet())
        .hasSize(3)
        .allMatch(id -> id.matches("tales/[0-9a-f]{16}/b.jsonl#\\d{10}"));

    Files.delete(folder.resolve("raw/renamed.jsonl"));
    write("b.jsonl", stories(3, 2));
    ingest("documents-2", List.of("documents-0", "documents-1"));
    assertThat(read("documents-2")).containsExactly("b.jsonl");
    assertThat(gone("documents-2")).containsExactly("a.jsonl", "b.jsonl");

    Files.delete(folder.resolve("raw/b.jsonl"));
    ingest("documents-3", List.of("documents-0", "documents-1", "documents-2"));
    assertThat(open("documents-3").isEmpty()).isTrue();
    assertThat(gone("documents-3")).containsExactly("b.jsonl");
    assertThat(documents("documents-3")).isEmpty();
    assertThatThrownBy(() -> ingest("documents-4", List.of("documents-3")))
        .hasMessage(
            "%s holds no file (source tales): put the corpus there, or correct the path in the settings",
            folder.resolve("raw"));
  }

  /** Word by word, nearly, and two new ones that only the earlier one makes alike. */
  @Test
  void whatRepeatsAnEarlierDocumentIsLeftOut() throws IOException {
    var known = stories(1, 40);
    var near = known.get(7).replaceFirst("^\\w+", "lantern");
    var fresh = stories(4, 1).get(0);
    write("0.jsonl", List.of(known.get(3), near, fresh, fresh.replaceFirst("^\\w+", "lantern")));
    ingest("documents-1", List.of("documents-0"));
    assertThat(documents("documents-1").values()).containsExactly(fresh);
    var dropped =
        LocalSpark.session()
            .read()
            .parquet(folder.resolve("documents-1/dropped").toString())
            .orderBy("id")
            .select("reason", "detail")
            .collectAsList();
    assertThat(dropped).hasSize(3);
    assertThat(dropped.get(0).getString(0)).isEqualTo("exact-duplicate");
    assertThat(dropped.get(0).getString(1)).startsWith("the same as (earlier) tales/a.jsonl#");
    assertThat(dropped.get(1).getString(0)).isEqualTo("near-duplicate");
    assertThat(dropped.get(1).getString(1))
        .startsWith("nearly the same as (earlier) tales/a.jsonl#");
    assertThat(dropped.get(2).getString(1)).doesNotContain("(earlier)");
  }

  @Test
  void rowsThatWereThereStayAndNewOnesComeAfterThem() throws IOException {
    write("b.jsonl", stories(2, 30));
    ingest("documents-1", List.of("documents-0"));
    tokenize("corpus-1", "documents-1", GROWS);
    var before = rows("corpus-0");
    var after = rows("corpus-1");
    assertThat(after).containsAllEntriesOf(before).hasSizeGreaterThan(before.size() + 10);
    var manifest = manifest("corpus-1");
    assertThat(manifest.earlier())
        .containsExactly(SequenceReader.open(folder.resolve("corpus-0")).hash());
    for (Shard shard : manifest.shards()) {
      var old = folder.resolve("corpus-0").resolve(shard.path());
      assertThat(Files.exists(old)).isEqualTo(shard.generation() == 0);
      if (shard.generation() == 0) {
        assertThat(folder.resolve("corpus-1").resolve(shard.path())).hasSameBinaryContentAs(old);
      }
    }
    var counts = manifest.sources().get(0);
    assertThat(counts.documents()).isEqualTo(70);
    assertThat(
            counts.splits().get("train").sequences()
                + counts.splits().get("validation").sequences())
        .isEqualTo(after.size());
  }

  /** Every new document begins as an earlier one does, half of which measure and half train. */
  @Test
  void neitherHasInItsValidationWhatTheOtherTrainsOn() throws IOException {
    var measured = texts("corpus-0", 0, "validation");
    var trained = texts("corpus-0", 0, "train");
    var added = new ArrayList<String>();
    var random = new Random(100);
    for (int i = 0; i < Math.min(measured.size(), trained.size()); i++) {
      added.add(measured.get(i) + "\n\n" + story(random, 60));
      added.add(trained.get(i) + "\n\n" + story(random, 60));
    }
    write("b.jsonl", added);
    ingest("documents-1", List.of("documents-0"));
    tokenize("corpus-1", "documents-1", GROWS);
    assertThat(texts("corpus-1", 1, "train"))
        .noneMatch(text -> measured.stream().anyMatch(text::contains))
        .anyMatch(text -> trained.stream().anyMatch(text::contains));
    assertThat(texts("corpus-1", 1, "validation"))
        .noneMatch(text -> trained.stream().anyMatch(text::contains))
        .anyMatch(text -> measured.stream().anyMatch(text::contains));
    assertThat(manifest("corpus-1").sources().get(0).dropped())
        .containsKeys("shared-with-validation", "shared-with-training");
  }

  @Test
  void aCorpusGrowsOnlyUnderTheSettingsItHas() throws IOException {
    write("b.jsonl", stories(2, 3));
    ingest("documents-1", List.of("documents-0"));
    assertThatThrownBy(() -> tokenize("other", "documents-1", GROWS, 600))
        .isInstanceOf(InputException.class)
        .hasMessage(
            "passageCharacters is 600, but %s was made with 1000: keep it, or begin a new corpus",
            folder.resolve("corpus-0"));
    assertThatThrownBy(
            () -> tokenize("other", "documents-1", GROWS.replace("documents-0", "documents-1")))
        .hasMessageStartingWith(
            "earlier does not name all documents that %s was made of: the ones with the hash"
                .formatted(folder.resolve("corpus-0")));
    assertThatThrownBy(() -> tokenize("other", "documents-1", "earlier: [%1$s/documents-0]\n"))
        .hasMessageContaining(
            "earlier names documents, but grows no corpus: give the corpus they were tokenized"
                + " into");
    assertThatThrownBy(() -> tokenize("other", "documents-1", "grows: %1$s/corpus-0\n"))
        .hasMessageContaining(
            "earlier is empty, but grows is %s: name the folders of all documents it was made of"
                .formatted(folder.resolve("corpus-0")));
  }

  private void write(String name, List<String> texts) throws IOException {
    Files.writeString(
        folder.resolve("raw").resolve(name),
        texts.stream()
            .map(text -> "{\"text\": \"" + text.replace("\n", "\\n") + "\"}\n")
            .collect(Collectors.joining()));
  }

  private static List<String> stories(int seed, int count) {
    var random = new Random(seed);
    return IntStream.range(0, count).mapToObj(i -> story(random, 60)).toList();
  }

  private static String story(Random random, int words) {
    return IntStream.range(0, words)
        .mapToObj(i -> WORDS[random.nextInt(WORDS.length)])
        .collect(Collectors.joining(" "));
  }

  private void ingest(String name, List<String> earlier) throws IOException {
    var known = earlier.stream().map(each -> folder.resolve(each).toString()).toList().toString();
    var yaml =
        """
        sources: [{corpus: other, name: tales, paths: [%1$s/raw]}]
        tokenizer: %1$s/tokenizer.json
        output: %1$s/%2$s
        earlier: %3$s
        cleaning: {paragraphTokens: 0}
        """
            .formatted(folder, name, known);
    Ingest.run(LocalSpark.session(), load(IngestSettings.class, yaml), false);
  }

  private void tokenize(String name, String documents, String more) throws IOException {
    tokenize(name, documents, more, 1000);
  }

  private void tokenize(String name, String documents, String more, int passage)
      throws IOException {
    var yaml =
        """
        documents: %1$s/%3$s
        tokenizer: %1$s/tokenizer.json
        output: %1$s/%2$s
        sequenceLength: 64
        validation: {share: 0.3, exclude: 20}
        passageCharacters: %4$d
        shardCharacters: 4000
        """;
    var settings =
        load(TokenizeSettings.class, (yaml + more).formatted(folder, name, documents, passage));
    Tokenize.publish(LocalSpark.session(), settings, false);
  }

  private <T extends Record> T load(Class<T> type, String yaml) throws IOException {
    return Settings.load(type, Files.writeString(folder.resolve("s.yaml"), yaml), List.of());
  }

  private PublishedDocuments open(String documents) {
    return PublishedDocuments.open(folder.resolve(documents));
  }

  private List<String> read(String documents) {
    return Ledger.in(open(documents).folder()).read().stream().map(file -> file.name()).toList();
  }

  private List<String> gone(String documents) {
    return Ledger.in(open(documents).folder()).gone().stream().map(file -> file.name()).toList();
  }

  /** Text by id. */
  private TreeMap<String, String> documents(String name) {
    var documents = new TreeMap<String, String>();
    open(name)
        .rows(LocalSpark.session())
        .select("id", "text")
        .collectAsList()
        .forEach(row -> documents.put(row.getString(0), row.getString(1)));
    return documents;
  }

  private CorpusManifest manifest(String corpus) {
    return CorpusManifest.read(folder.resolve(corpus));
  }

  /** Everything of a row as text, by its id. */
  private TreeMap<String, String> rows(String corpus) {
    var rows = new TreeMap<String, String>();
    for (String split : List.of(Sequence.TRAIN, Sequence.VALIDATION)) {
      try (var stream = SequenceReader.open(folder.resolve(corpus)).read("tales", split)) {
        stream.forEachRemaining(
            row ->
                assertThat(rows.put(row.id(), Arrays.toString(row.inputIds()) + row.documents()))
                    .isNull());
      }
    }
    return rows;
  }

  /** The documents that came to a corpus in one generation, as far as its rows have them. */
  private List<String> texts(String corpus, int generation, String split) {
    var texts = new ArrayList<String>();
    for (Shard shard : manifest(corpus).shards("tales", split)) {
      if (shard.generation() == generation) {
        texts.addAll(texts(corpus, shard));
      }
    }
    return texts;
  }

  private List<String> texts(String corpus, Shard shard) {
    var file = folder.resolve(corpus).resolve(shard.path()).toString();
    var rows = LocalSpark.session().read().parquet(file).orderBy("sequence_id").collectAsList();
    var texts = new ArrayList<String>();
    var ids = new ArrayList<Integer>();
    try (var tokenizer = Tokenizer.open(folder)) {
      for (var row : rows) {
        for (int id :
            row.<Integer>getList(row.fieldIndex("input_ids"))
                .subList(0, row.<Integer>getAs("tokens"))) {
          if (id == tokenizer.endOfText()) {
            texts.add(tokenizer.decode(ids.stream().mapToInt(each -> each).toArray()));
            ids.clear();
          } else {
            ids.add(id);
          }
        }
      }
    }
    return texts;
  }
}
