package io.lorashear.spark.tokenize;

import static io.lorashear.spark.tokenize.SomeCorpora.bytes;
import static io.lorashear.spark.tokenize.SomeCorpora.rows;
import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lorashear.InputException;
import io.lorashear.corpus.CorpusManifest;
import io.lorashear.corpus.Sequence;
import io.lorashear.corpus.SourceCounts;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which passages measure and which train. */
class ValidationSplitTest {
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
  void newDocumentsDoNotMoveOldOnesBetweenTheSplits() throws IOException {
    var few = splits(rows(corpus));
    var more = SomeDocuments.of(60, 40);
    for (int i = 0; i < 30; i++) {
      more.and("web", "web/new#" + i, "a new text " + i, "");
    }
    var many = splits(rows(corpora.published(more, 2, corpora.settings())));
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
    var corpus = corpora.published(documents, 3, corpora.excluding(20));
    assertThat(bytes(corpora.published(documents, 1, corpora.excluding(20))))
        .isEqualTo(bytes(corpus));
    var training = corpora.text(corpus, "train");
    var validation = corpora.text(corpus, "validation");
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
    var splits = splits(rows(corpora.published(documents, 2, corpora.settings())));
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
    assertThatThrownBy(() -> corpora.published(documents, 1, corpora.settings()))
        .isInstanceOf(InputException.class)
        .hasMessage(
            "source tasks has a single passage, but one is needed to train on and one to measure"
                + " on: add text, or lower passageCharacters (now 500)");
  }
}
