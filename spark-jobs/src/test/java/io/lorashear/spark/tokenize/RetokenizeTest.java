package io.lorashear.spark.tokenize;

import static io.lorashear.spark.tokenize.SomeCorpora.bytes;
import static io.lorashear.spark.tokenize.SomeCorpora.rows;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lorashear.InputException;
import io.lorashear.corpus.CorpusManifest;
import io.lorashear.corpus.SourceCounts;
import io.lorashear.corpus.TokenFrequencies;
import io.lorashear.spark.LocalSpark;
import io.lorashear.tokenizer.BytePairTrainer;
import io.lorashear.tokenizer.Tokenizer;
import io.lorashear.tokenizer.VocabularyCut;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RetokenizeTest {
  private static final SomeDocuments DOCUMENTS = SomeDocuments.of(60, 40);

  @TempDir static Path folder;
  private static Path whole;
  private static Path small;
  private static VocabularyCut cut;
  private static Path corpus;

  @BeforeAll
  static void corpus() throws IOException {
    var trainer = new BytePairTrainer();
    DOCUMENTS.rows().forEach(row -> trainer.add(row.getString(2)).add(row.getString(3)));
    whole = folder.resolve("whole");
    trainer.train(300).write(whole);
    small = folder.resolve("small");
    var wanted = new BitSet();
    new Random(3).ints(20, 257, 300).forEach(wanted::set);
    cut = VocabularyCut.of(whole, wanted);
    cut.write(whole, small);
    corpus = tokenized(whole, TokenizeSettings.Tail.PAD);
  }

  private static Path tokenized(Path tokenizer, TokenizeSettings.Tail tail) throws IOException {
    var corpora = new SomeCorpora(folder, tokenizer);
    return corpora.published(DOCUMENTS, 2, corpora.settings(tail));
  }

  private static RetokenizeSettings settings(Path shards, TokenizeSettings.Tail tail)
      throws IOException {
    var target = Files.createTempDirectory(folder, "new").resolve("published");
    return new RetokenizeSettings(
        shards, whole, small, target, Optional.empty(), tail, TokenizeSettings.Examples.PACKED);
  }

  private static Path retokenized(RetokenizeSettings settings) {
    return Retokenize.publish(LocalSpark.session(), settings, false).directory();
  }

  private static Map<String, String> shards(Path folder) throws IOException {
    return bytes(folder.resolve("sequences"));
  }

  @Test
  void theShardsAreThoseOfTokenizingTheDocumentsAnew() throws IOException {
    var now = retokenized(settings(corpus, TokenizeSettings.Tail.PAD));
    var anew = tokenized(small, TokenizeSettings.Tail.PAD);
    assertThat(shards(now)).isEqualTo(shards(anew)).isNotEqualTo(shards(corpus));
    var manifest = CorpusManifest.read(now);
    var expected = CorpusManifest.read(anew);
    assertThat(manifest.tokenizer()).isEqualTo(expected.tokenizer());
    assertThat(manifest.vocabulary()).isEqualTo(cut.size());
    assertThat(manifest.shards()).isEqualTo(expected.shards());
    assertThat(manifest.sources())
        .extracting(SourceCounts::splits)
        .isEqualTo(expected.sources().stream().map(SourceCounts::splits).toList());
    assertThat(manifest.sources())
        .allSatisfy(
            source -> {
              long dropped = source.dropped().values().stream().mapToLong(Long::longValue).sum();
              long kept =
                  source.splits().values().stream()
                      .mapToLong(SourceCounts.SplitCounts::tokens)
                      .sum();
              assertThat(source.tokens()).isEqualTo(kept + dropped);
            });
  }

  @Test
  void aKilledRunGoesOnWhereItWas() throws IOException {
    var settings = settings(corpus, TokenizeSettings.Tail.PAD);
    var lost = "sequences/source=web/split=train/part-00001.parquet";
    assertThatThrownBy(
            () ->
                Retokenize.ready(settings)
                    .run(
                        output -> {
                          Retokenize.write(LocalSpark.session(), settings, output);
                          Files.delete(output.directory().resolve(lost));
                          throw new IllegalStateException("killed");
                        }))
        .hasMessage("killed");
    var whole = retokenized(settings(corpus, TokenizeSettings.Tail.PAD));
    assertThat(bytes(retokenized(settings))).isEqualTo(bytes(whole)).containsKey(lost);
  }

  /** Where the last row was dropped, its document has no end; what there is of it stays. */
  @Test
  void aDocumentWithoutItsEndKeepsWhatThereIs() throws IOException {
    var cutOff = tokenized(whole, TokenizeSettings.Tail.DROP);
    var now = retokenized(settings(cutOff, TokenizeSettings.Tail.PAD));
    try (var old = Tokenizer.open(whole);
        var cutDown = Tokenizer.open(small)) {
      assertThat(texts(now, cutDown)).isEqualTo(texts(cutOff, old));
    }
  }

  private static Map<String, String> texts(Path corpus, Tokenizer tokenizer) {
    var ids = new TreeMap<String, int[]>();
    for (var row : rows(corpus)) {
      for (int d = 0; d < row.documents().size(); d++) {
        int from = row.documents().get(d).start();
        int to = d + 1 < row.documents().size() ? row.documents().get(d + 1).start() : row.tokens();
        var part = Arrays.copyOfRange(row.inputIds(), from, to);
        ids.merge(
            row.documents().get(d).id(),
            part,
            (a, b) -> IntStream.concat(Arrays.stream(a), Arrays.stream(b)).toArray());
      }
    }
    var texts = new TreeMap<String, String>();
    ids.forEach((document, all) -> texts.put(document, tokenizer.decode(all)));
    return texts;
  }

  @Test
  void aCorpusWithoutDocumentsCannotGrow() throws IOException {
    var now = retokenized(settings(corpus, TokenizeSettings.Tail.PAD));
    var growing = new SomeCorpora(folder, small).settings().with(TokenizeSettings::grows);
    assertThatThrownBy(() -> GrownCorpus.of(growing.as(Optional.of(now)), hash(small)))
        .isInstanceOf(InputException.class)
        .hasMessage(
            "%s was made by retokenize, which reads no documents, so it cannot grow: extend the"
                + " corpus that it was made of, and give that one the new ids again",
            now);
  }

  private static String hash(Path tokenizer) {
    try (var open = Tokenizer.open(tokenizer)) {
      return open.sha256();
    }
  }

  @Test
  void aCorpusOfAnotherTokenizerIsNamed() throws IOException {
    var wrong =
        new RetokenizeSettings(
            corpus,
            small,
            small,
            folder.resolve("none"),
            Optional.empty(),
            TokenizeSettings.Tail.PAD,
            TokenizeSettings.Examples.PACKED);
    try (var from = Tokenizer.open(small);
        var made = Tokenizer.open(whole)) {
      assertThatThrownBy(() -> Retokenize.ready(wrong))
          .isInstanceOf(InputException.class)
          .hasMessage(
              "%s was not made by %s (SHA-256 %s, not %s): give the tokenizer.json that made it",
              corpus, from.file(), made.sha256(), from.sha256());
    }
  }

  @Test
  void tokensAreCountedAsWithoutSpark() throws IOException {
    var target = folder.resolve("counts");
    CountTokens.publish(
        LocalSpark.session(), new CountTokensSettings(List.of(corpus), target), false);
    var read = TokenFrequencies.read(target);
    var counted = TokenFrequencies.read(corpus);
    assertThat(read.counts()).containsOnlyKeys("tasks", "web");
    read.counts()
        .forEach((name, ofSource) -> assertThat(ofSource).isEqualTo(counted.counts().get(name)));
    var growth = read.growth(cut.parts(whole));
    long before = trainTokens(corpus, "web");
    long after = trainTokens(tokenized(small, TokenizeSettings.Tail.PAD), "web");
    assertThat(growth.get("web")).isBetween((after - before) * 9 / 10, (after - before) * 11 / 10);
  }

  private static long trainTokens(Path corpus, String source) {
    return CorpusManifest.read(corpus).sources().stream()
        .filter(each -> each.name().equals(source))
        .mapToLong(each -> each.splits().get("train").tokens())
        .sum();
  }
}
