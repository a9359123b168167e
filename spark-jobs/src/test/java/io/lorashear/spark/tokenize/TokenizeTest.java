package io.lorashear.spark.tokenize;

import static io.lorashear.spark.tokenize.SomeCorpora.bytes;
import static io.lorashear.spark.tokenize.SomeCorpora.publish;
import static io.lorashear.spark.tokenize.SomeCorpora.rows;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lorashear.InputException;
import io.lorashear.corpus.CorpusManifest;
import io.lorashear.corpus.Sequence;
import io.lorashear.corpus.SourceCounts;
import io.lorashear.settings.Settings;
import io.lorashear.spark.LocalSpark;
import io.lorashear.spark.store.DiskStore;
import io.lorashear.spark.version.SparkVersion;
import io.lorashear.tokenizer.Tokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TokenizeTest {
  private static final SomeDocuments DOCUMENTS = SomeDocuments.of(60, 40);

  @TempDir static Path folder;
  private static SomeCorpora corpora;
  private static Path corpus;

  @BeforeAll
  static void corpus() throws IOException {
    corpora = SomeCorpora.in(folder);
    corpus = corpora.published(DOCUMENTS, 1, corpora.settings());
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
      var again = corpora.published(DOCUMENTS, partitions, corpora.settings());
      assertThat(bytes(again)).isEqualTo(bytes);
    }
  }

  @Test
  void aStoreHoldsTheSameBytes() throws IOException {
    var target = Files.createTempDirectory(folder, "corpus").resolve("published");
    publish(DOCUMENTS.in(3), DiskStore.at(target), corpora.settings());
    assertThat(bytes(target)).isEqualTo(bytes(corpus));
  }

  @Test
  void everyDocumentCanBeRebuiltFromTheShards() {
    var rows = rows(corpus);
    assertThat(rows).allSatisfy(row -> assertThat(row.inputIds()).hasSize(SomeCorpora.LENGTH));
    var texts = corpora.texts(rows);
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

  @Test
  void noTokenIsLostWithoutBeingCounted() throws IOException {
    var documents =
        SomeDocuments.of(60, 40).and("tasks", "tasks/long", "Q:", " " + "word ".repeat(200));
    for (var tail : TokenizeSettings.Tail.values()) {
      var manifest = CorpusManifest.read(corpora.published(documents, 3, corpora.settings(tail)));
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
      var marked = IntStream.range(0, SomeCorpora.LENGTH).filter(i -> row.lossMask()[i] == 1);
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
    try (var open = Tokenizer.open(corpora.tokenizer())) {
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
  void aSeparatorOutsideTheVocabularyIsNamed() {
    var settings = corpora.settings(Optional.of(260), TokenizeSettings.Tail.PAD);
    assertThatThrownBy(() -> corpora.published(SomeDocuments.of(3, 3), 1, settings))
        .isInstanceOf(InputException.class)
        .hasMessage(
            "separator is 260, but the ids of %s go from 0 to 259: name one of them",
            corpora.tokenizer());
  }

  @Test
  void anEngineThatThisBuildIsWithoutIsRefusedWithTheRemedy() {
    var spark = SparkVersion.running();
    var overrides =
        List.of("documents=a", "tokenizer=b", "output=c", "engine=djl-spark", "sequenceLength=4");
    assertThatThrownBy(() -> Settings.defaults(TokenizeSettings.class, overrides))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("sequenceLength is 4: give 8 ids or more")
        .hasMessageContaining(
            "engine is djl-spark, but "
                + (spark.scalaLine().equals("2.12")
                    ? "this build is without DJL's extension for Spark"
                    : "DJL's extension for Spark exists for Scala 2.12 alone, and this build is for"
                        + " "
                        + spark.text())
                + ": make one for Spark 3.5 by mvn -Pspark3,djl-spark package, where Maven's"
                + " registry has ai.djl.spark:spark_2.12, or leave engine out: built-in runs the"
                + " same tokenizers library")
        .hasMessageContaining("hubModel is not given and engine is djl-spark");
  }
}
