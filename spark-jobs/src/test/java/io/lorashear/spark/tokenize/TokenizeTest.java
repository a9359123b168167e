package io.lorashear.spark.tokenize;

import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lorashear.InputException;
import io.lorashear.corpus.CorpusManifest;
import io.lorashear.corpus.Sequence;
import io.lorashear.corpus.SequenceReader;
import io.lorashear.corpus.SourceCounts;
import io.lorashear.run.Stage;
import io.lorashear.spark.LocalSpark;
import io.lorashear.spark.store.DiskStore;
import io.lorashear.tokenizer.SmallTokenizers;
import io.lorashear.tokenizer.Tokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TokenizeTest {

  private static final int LENGTH = 64;
  private static final String TRAIN = "source=web/split=train/part-00001.parquet";

  private static final SomeDocuments DOCUMENTS = SomeDocuments.of(60, 40);

  @TempDir static Path folder;
  private static Path tokenizer;
  private static Path corpus;

  @BeforeAll
  static void corpus() throws IOException {
    tokenizer = SmallTokenizers.byteLevel(folder);
    corpus = published(DOCUMENTS, 1, settings());
  }

  @Test
  void partitionsAndOrderOfTheDocumentsLeaveNoTraceInTheBytes() throws IOException {
    var bytes = bytes(corpus);
    assertThat(bytes.keySet())
        .contains(
            "manifest.json",
            "sequences/source=tasks/split=train/part-00000.parquet",
            "sequences/source=web/split=train/part-00001.parquet",
            "sequences/source=web/split=validation/part-00000.parquet");
    for (int partitions : new int[] {3, 17}) {
      var again = published(DOCUMENTS, partitions, settings());
      assertThat(bytes(again)).isEqualTo(bytes);
    }
  }

  @Test
  void aStoreHoldsTheSameBytes() throws IOException {
    var target = Files.createTempDirectory(folder, "corpus").resolve("published");
    publish(DOCUMENTS.in(3), DiskStore.at(target), settings());
    assertThat(bytes(target)).isEqualTo(bytes(corpus));
  }

  @Test
  void finishedShardsAreNotMadeAgain() throws IOException {
    var target = Files.createTempDirectory(folder, "corpus").resolve("published");
    var times = new TreeMap<String, FileTime>();
    assertThatThrownBy(
            () ->
                stage(target, settings())
                    .run(
                        output -> {
                          write(DOCUMENTS.in(3), settings(), output);
                          var shards = output.directory().resolve("sequences");
                          Files.delete(shards.resolve(TRAIN));
                          times.putAll(times(shards));
                          throw new IllegalStateException("killed");
                        }))
        .hasMessage("killed");
    publish(DOCUMENTS.in(2), target, settings());
    assertThat(bytes(target)).isEqualTo(bytes(corpus));
    var after = times(target.resolve("sequences"));
    assertThat(after).containsKey(TRAIN).containsAllEntriesOf(times);
    assertThat(times).hasSizeGreaterThan(2).doesNotContainKey(TRAIN);
  }

  private static Map<String, FileTime> times(Path folder) throws IOException {
    var times = new TreeMap<String, FileTime>();
    try (var files = Files.walk(folder)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        times.put(folder.relativize(file).toString(), Files.getLastModifiedTime(file));
      }
    }
    return times;
  }

  @Test
  void everyDocumentCanBeRebuiltFromTheShards() {
    var rows = rows(corpus);
    assertThat(rows).allSatisfy(row -> assertThat(row.inputIds()).hasSize(LENGTH));
    var texts = texts(rows);
    for (Row document : DOCUMENTS.rows()) {
      var expected = (document.getString(2) + document.getString(3)).replaceAll("\\s", "");
      var id = document.getString(1);
      var found =
          texts.containsKey(id)
              ? texts.get(id)
              : IntStream.iterate(0, i -> texts.containsKey(id + "~" + i), i -> i + 1)
                  .mapToObj(i -> texts.get(id + "~" + i))
                  .collect(Collectors.joining());
      assertThat(found.replaceAll("\\s", "")).isEqualTo(expected);
    }
  }

  /** Text of every document in the rows: its ids up to the separator, decoded. */
  private Map<String, String> texts(List<Sequence> rows) {
    var ids = new TreeMap<String, List<Integer>>();
    for (Sequence row : rows) {
      for (int d = 0; d < row.documents().size(); d++) {
        int end =
            d + 1 < row.documents().size() ? row.documents().get(d + 1).start() : row.tokens();
        var of = ids.computeIfAbsent(row.documents().get(d).id(), id -> new ArrayList<>());
        for (int i = row.documents().get(d).start(); i < end; i++) {
          of.add(row.inputIds()[i]);
        }
      }
    }
    var texts = new TreeMap<String, String>();
    try (var open = Tokenizer.open(tokenizer)) {
      ids.forEach(
          (document, all) -> {
            assertThat(all.get(all.size() - 1)).isEqualTo(open.endOfText());
            var text = all.subList(0, all.size() - 1).stream().mapToInt(Integer::intValue);
            texts.put(document, open.decode(text.toArray()));
          });
    }
    return texts;
  }

  @Test
  void noTokenIsLostWithoutBeingCounted() throws IOException {
    var documents =
        SomeDocuments.of(60, 40).and("tasks", "tasks/long", "Q:", " " + "word ".repeat(200));
    for (var tail : TokenizeSettings.Tail.values()) {
      var manifest = CorpusManifest.read(published(documents, 3, settings(tail)));
      for (SourceCounts source : manifest.sources()) {
        long kept = source.splits().values().stream().mapToLong(s -> s.tokens()).sum();
        long dropped = source.dropped().values().stream().mapToLong(Long::longValue).sum();
        assertThat(kept + dropped).isEqualTo(source.tokens());
      }
      var tasks = manifest.sources().get(0);
      assertThat(tasks.dropped().get("example-too-long")).isEqualTo(2 + 1 + 200 * 5 + 1);
      assertThat(tasks.documents()).isEqualTo(41);
      assertThat(manifest.sources().get(1).dropped().containsKey("tail"))
          .isEqualTo(tail == TokenizeSettings.Tail.DROP);
    }
  }

  @Test
  void lossIsTakenOnResponsesAndOnAllOfRunningText() {
    var responses = new TreeMap<String, String>();
    DOCUMENTS.rows().forEach(row -> responses.put(row.getString(1), row.getString(3)));
    for (Sequence row : rows(corpus)) {
      var marked = IntStream.range(0, LENGTH).filter(i -> row.lossMask()[i] == 1);
      if (row.source().equals("web")) {
        assertThat(marked.toArray()).isEqualTo(IntStream.range(0, row.tokens()).toArray());
      } else {
        var expected =
            row.documents().stream()
                .map(document -> responses.get(document.id()) + "<|endoftext|>")
                .collect(Collectors.joining());
        assertThat(decoded(marked.map(i -> row.inputIds()[i]).toArray())).isEqualTo(expected);
      }
    }
  }

  private String decoded(int[] ids) {
    try (var open = Tokenizer.open(tokenizer)) {
      return open.decode(ids);
    }
  }

  @Test
  void sparkReadsTheSameRowsAsTheModelSide() {
    var bySpark =
        LocalSpark.session()
            .read()
            .parquet(corpus.resolve("sequences").toString())
            .orderBy("sequence_id")
            .collectAsList();
    var byReader = rows(corpus);
    assertThat(bySpark).hasSameSizeAs(byReader);
    for (int i = 0; i < bySpark.size(); i++) {
      Row spark = bySpark.get(i);
      Sequence row = byReader.get(i);
      assertThat(spark.<String>getAs("sequence_id")).isEqualTo(row.id());
      assertThat(spark.<String>getAs("source")).isEqualTo(row.source());
      assertThat(spark.<String>getAs("split")).isEqualTo(row.split());
      assertThat(spark.<Integer>getAs("tokens")).isEqualTo(row.tokens());
      assertThat(spark.<Integer>getList(spark.fieldIndex("input_ids")))
          .isEqualTo(Arrays.stream(row.inputIds()).boxed().toList());
      assertThat(spark.<String>getList(spark.fieldIndex("document_ids")))
          .isEqualTo(row.documents().stream().map(Sequence.Document::id).toList());
      assertThat(spark.<Integer>getList(spark.fieldIndex("document_starts")))
          .isEqualTo(row.documents().stream().map(Sequence.Document::start).toList());
    }
  }

  @Test
  void newDocumentsDoNotMoveOldOnesBetweenTheSplits() throws IOException {
    var few = splits(rows(corpus));
    var more = SomeDocuments.of(60, 40);
    for (int i = 0; i < 30; i++) {
      more.and("web", "web/new#" + i, "a new text " + i, "");
    }
    var many = splits(rows(published(more, 2, settings())));
    assertThat(many).containsAllEntriesOf(few);
    assertThat(few.values()).contains("train", "validation");
  }

  /** A novel of 120 paragraphs in two sources, of which one leaves every tenth paragraph out. */
  @Test
  void trainingTextThatValidationHasIsLeftOut() throws IOException {
    var novel = new ArrayList<String>();
    var random = new Random(4);
    for (int i = 0; i < 120; i++) {
      novel.add(
          IntStream.range(0, 25).mapToObj(w -> "w" + random.nextInt(9999)).collect(joining(" ")));
    }
    var copy = new ArrayList<>(novel);
    copy.removeIf(paragraph -> novel.indexOf(paragraph) % 10 == 3);
    var documents =
        SomeDocuments.of(30, 2)
            .and("web", "web/novel", String.join("\n\n", novel), "")
            .and("books", "books/novel", String.join("\n\n", copy), "");
    var corpus = published(documents, 3, excluding(20));
    assertThat(bytes(published(documents, 1, excluding(20)))).isEqualTo(bytes(corpus));
    var training = text(corpus, "train");
    var validation = text(corpus, "validation");
    var measured = novel.stream().filter(validation::contains).toList();
    assertThat(measured).hasSizeBetween(5, 80);
    assertThat(measured).noneMatch(training::contains);
    assertThat(novel.stream().filter(training::contains)).hasSizeGreaterThan(20);
    var manifest = CorpusManifest.read(corpus);
    var lost =
        manifest.sources().stream()
            .filter(source -> source.dropped().containsKey("shared-with-validation"))
            .map(SourceCounts::name);
    assertThat(lost).containsExactly("books", "web");
    for (var source : manifest.sources()) {
      long kept = source.splits().values().stream().mapToLong(s -> s.tokens()).sum();
      long dropped = source.dropped().values().stream().mapToLong(Long::longValue).sum();
      assertThat(kept + dropped).isEqualTo(source.tokens());
    }
  }

  @Test
  void equalTextsOfTwoSourcesFallIntoTheSameSplit() throws IOException {
    var documents = SomeDocuments.of(30, 2);
    SomeDocuments.of(30, 0)
        .rows()
        .forEach(row -> documents.and("copy", row.getString(1) + "c", row.getString(2), ""));
    var splits = splits(rows(published(documents, 2, settings())));
    splits.forEach(
        (id, split) -> {
          if (id.startsWith("web/") && !id.contains("c")) {
            var copy = id.contains("~") ? id.replace("~", "c~") : id + "c";
            assertThat(splits.get(copy)).isEqualTo(split);
          }
        });
  }

  private static Map<String, String> splits(List<Sequence> rows) {
    var splits = new TreeMap<String, String>();
    for (Sequence row : rows) {
      for (var document : row.documents()) {
        var before = splits.put(document.id(), row.split());
        assertThat(before).isIn(null, row.split());
      }
    }
    return splits;
  }

  @Test
  void aSourceTooSmallToBeSplitIsNamed() {
    var documents = SomeDocuments.of(30, 1);
    assertThatThrownBy(() -> published(documents, 1, settings()))
        .isInstanceOf(InputException.class)
        .hasMessage(
            "source tasks has a single passage, but one is needed to train on and one to measure"
                + " on: add text, or lower passageCharacters (now 500)");
  }

  @Test
  void aSeparatorOutsideTheVocabularyIsNamed() {
    var settings = settings(Optional.of(260), TokenizeSettings.Tail.PAD);
    assertThatThrownBy(() -> published(SomeDocuments.of(3, 3), 1, settings))
        .isInstanceOf(InputException.class)
        .hasMessage(
            "separator is 260, but the ids of %s go from 0 to 259: name one of them", tokenizer);
  }

  private String text(Path corpus, String split) {
    var rows = rows(corpus).stream().filter(row -> row.split().equals(split)).toList();
    return String.join("\n\n", texts(rows).values());
  }

  private static TokenizeSettings excluding(int words) {
    var usual = settings();
    return new TokenizeSettings(
        usual.documents(),
        usual.tokenizer(),
        usual.output(),
        usual.grows(),
        usual.earlier(),
        LENGTH,
        usual.separator(),
        usual.tail(),
        usual.examples(),
        new ValidationSettings(0.2, words),
        usual.passageCharacters(),
        usual.shardCharacters());
  }

  private static TokenizeSettings settings() {
    return settings(TokenizeSettings.Tail.PAD);
  }

  private static TokenizeSettings settings(TokenizeSettings.Tail tail) {
    return settings(Optional.empty(), tail);
  }

  private static TokenizeSettings settings(
      Optional<Integer> separator, TokenizeSettings.Tail tail) {
    return new TokenizeSettings(
        Path.of("unused"),
        tokenizer,
        Path.of("unused"),
        Optional.empty(),
        List.of(),
        LENGTH,
        separator,
        tail,
        TokenizeSettings.Examples.PACKED,
        new ValidationSettings(0.2, 50),
        500,
        4000);
  }

  private static Path published(SomeDocuments documents, int partitions, TokenizeSettings settings)
      throws IOException {
    var target = Files.createTempDirectory(folder, "corpus").resolve("published");
    publish(documents.in(partitions), target, settings);
    return target;
  }

  private static void publish(Dataset<Row> documents, Path target, TokenizeSettings settings) {
    stage(target, settings).run(output -> write(documents, settings, output).writeTo(output));
  }

  private static Stage stage(Path target, TokenizeSettings settings) {
    return Stage.of("tokenize", target, settings, Tokenize.class).resumes();
  }

  private static CorpusManifest write(
      Dataset<Row> documents, TokenizeSettings settings, Stage.Output output) throws IOException {
    return Tokenize.write(documents, Map.of("web", "public domain"), settings, output);
  }

  private static Map<String, String> bytes(Path folder) throws IOException {
    var bytes = new TreeMap<String, String>();
    try (var files = Files.walk(folder)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        bytes.put(
            folder.relativize(file).toString(), HexFormat.of().formatHex(Files.readAllBytes(file)));
      }
    }
    return bytes;
  }

  /** All rows of a corpus in the order of their ids. */
  private static List<Sequence> rows(Path corpus) {
    var reader = SequenceReader.open(corpus);
    List<Sequence> rows = new ArrayList<>();
    for (String source : reader.manifest().sourceNames()) {
      for (String split : List.of("train", "validation")) {
        try (var stream = reader.read(source, split)) {
          stream.forEachRemaining(rows::add);
        }
      }
    }
    return rows;
  }
}
