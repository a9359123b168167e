package io.lorashear.spark.perplexity;

import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.sum;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import io.lorashear.InputException;
import io.lorashear.checkpoint.Checkpoint;
import io.lorashear.corpus.LossReport;
import io.lorashear.corpus.Sequence;
import io.lorashear.corpus.SequenceReader;
import io.lorashear.corpus.TokenDeviation;
import io.lorashear.device.ModelRuns;
import io.lorashear.device.Place;
import io.lorashear.device.Running;
import io.lorashear.score.Request;
import io.lorashear.score.Score;
import io.lorashear.score.Scorer;
import io.lorashear.spark.LocalSpark;
import io.lorashear.spark.engine.Engine;
import io.lorashear.spark.perplexity.PerplexitySettings.Split;
import io.lorashear.spark.store.DiskStore;
import io.lorashear.spark.tokenize.TokenizedCorpus;
import io.lorashear.tokenizer.SmallTokenizers;
import io.lorashear.torch.PrecisionChoice;
import io.lorashear.torch.compile.Precision;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PerplexityTest {

  private static final int ROWS = 6;

  @TempDir static Path folder;
  private static Path corpus;
  private static Path checkpoint;

  @BeforeAll
  static void publish() throws IOException {
    corpus = TokenizedCorpus.write(folder.resolve("corpus"), SmallTokenizers.byteLevel(folder));
    checkpoint = SmallCheckpoint.write(folder.resolve("dense"), 260, 1);
  }

  @AfterAll
  static void release() {
    ExecutorScorer.release();
  }

  @Test
  void inBfloat16EveryKindOfScoringIsNearFloat32AndRecordedAsWhatItIs() {
    var rows = rows("web").stream().limit(3).map(Sequence::inputIds).toList();
    var starts = rows.stream().map(row -> new int[] {0, 5}).toList();
    var requests =
        List.of(request(rows.get(0), 4), request(rows.get(0), 6), request(rows.get(1), 3));
    try (var opened = Checkpoint.open(checkpoint);
        var wide = Scorer.open(opened, Device.cpu());
        var narrow = Scorer.open(opened, Device.cpu(), Precision.BFLOAT16)) {
      near(narrow.tokenLosses(rows), wide.tokenLosses(rows));
      near(narrow.packedTokenLosses(rows, starts), wide.packedTokenLosses(rows, starts));
      near(
          new double[][] {likelihoods(narrow, requests)},
          new double[][] {likelihoods(wide, requests)});
      for (int i = 0; i < rows.size(); i++) {
        var top = narrow.predictions(rows, null, 4).get(i).losses();
        near(
            new double[][] {top}, new double[][] {wide.predictions(rows, null, 4).get(i).losses()});
      }
    }
    int before = ModelRuns.count();
    var narrow = settings(checkpoint, "narrow", 4, false, Split.VALIDATION, List.of());
    ExecutorScorer.release();
    Perplexity.publish(LocalSpark.session(), in(narrow, PrecisionChoice.BFLOAT16), false);
    assertThat(ModelRuns.since(before)).extracting(Running::numbers).containsOnly("bfloat16");
  }

  private static PerplexitySettings in(PerplexitySettings s, PrecisionChoice precision) {
    return new PerplexitySettings(
        s.corpus(),
        s.checkpoint(),
        s.output(),
        s.split(),
        s.sources(),
        s.rows(),
        s.seed(),
        s.subset(),
        s.batchRows(),
        s.tokens(),
        s.keepTop(),
        s.isolateDocuments(),
        s.responses(),
        s.device(),
        precision,
        s.engine());
  }

  private static Request request(int[] row, int context) {
    return new Request(Arrays.copyOf(row, context), Arrays.copyOfRange(row, context, context + 3));
  }

  private static double[] likelihoods(Scorer scorer, List<Request> requests) {
    return scorer.score(requests).stream().mapToDouble(Score::logLikelihood).toArray();
  }

  /** As near as 8 bits of each factor leave them, and not the same. */
  private static void near(double[][] narrow, double[][] wide) {
    assertThat(Arrays.deepEquals(narrow, wide)).isFalse();
    for (int i = 0; i < wide.length; i++) {
      assertThat(narrow[i]).containsExactly(wide[i], within(0.1));
    }
  }

  @Test
  void lossesAreThoseOfTheRowsScoredOneByOne() {
    var report = report("report", 8);
    assertThat(report.sources()).extracting(source -> source.source()).contains("tasks", "web");
    for (var source : report.sources()) {
      double loss = 0;
      long tokens = 0;
      var documents = new HashMap<String, Double>();
      try (var opened = Checkpoint.open(checkpoint);
          var scorer = Scorer.open(opened, Device.cpu())) {
        for (Sequence row : rows(source.source())) {
          double[] losses = scorer.tokenLosses(List.of(row.inputIds()))[0];
          for (int token = 1; token < row.tokens(); token++) {
            loss += losses[token - 1];
            tokens++;
            documents.merge(documentAt(row, token), losses[token - 1], Double::sum);
          }
        }
      }
      assertThat(source.tokens()).isEqualTo(tokens);
      assertThat(source.loss()).isCloseTo(loss, within(1e-3 * loss));
      assertThat(source.perplexity()).isCloseTo(Math.exp(loss / tokens), within(1e-1));
      for (var document : report.documents()) {
        if (document.source().equals(source.source()) && document.tokens() > 0) {
          double expected = documents.getOrDefault(document.document(), -1.0);
          assertThat(document.loss()).isCloseTo(expected, within(1e-3 * Math.abs(expected)));
        }
      }
    }
  }

  @Test
  void batchesOfAnotherSizeGiveTheSameFigures() {
    var one = report("by-one", 1);
    var many = report("by-many", 5);
    for (int i = 0; i < one.sources().size(); i++) {
      assertThat(many.sources().get(i).tokens()).isEqualTo(one.sources().get(i).tokens());
      double loss = one.sources().get(i).loss();
      assertThat(many.sources().get(i).loss()).isCloseTo(loss, within(1e-4 * loss));
    }
  }

  @Test
  void aStoreServesAsWellAsADisk() {
    report("here", 4);
    var store = DiskStore.at(folder);
    var settings =
        new PerplexitySettings(
            store.resolve("corpus"),
            store.resolve("dense"),
            store.resolve("there"),
            Split.VALIDATION,
            List.of(),
            ROWS,
            3,
            Optional.empty(),
            4,
            false,
            0,
            false,
            false,
            Place.CPU,
            PrecisionChoice.AUTO,
            Engine.BUILT_IN);
    Perplexity.publish(LocalSpark.session(), settings, false);
    assertThat(folder.resolve("there/manifest.json"))
        .hasSameTextualContentAs(folder.resolve("here/manifest.json"));
  }

  /** Instructions are learnt by their responses; text has no others. */
  @Test
  void responsesAloneCountWhereTheyAreLearnt() {
    publish(responses(settings(checkpoint, "all", 4, false, Split.TRAIN), false));
    publish(responses(settings(checkpoint, "responses", 4, false, Split.TRAIN), true));
    var all = LossReport.read(folder.resolve("all"));
    var alone = LossReport.read(folder.resolve("responses"));
    assertThat(alone.split()).isEqualTo("train, responses alone");
    for (int i = 0; i < all.sources().size(); i++) {
      var source = all.sources().get(i).source();
      long masked = 0;
      long every = 0;
      double loss = 0;
      try (var opened = Checkpoint.open(checkpoint);
          var scorer = Scorer.open(opened, Device.cpu())) {
        for (Sequence row : rows(source, Sequence.TRAIN)) {
          double[] losses = scorer.tokenLosses(List.of(row.inputIds()))[0];
          for (int token = 1; token < row.tokens(); token++) {
            every++;
            masked += row.lossMask()[token];
            loss += row.lossMask()[token] * losses[token - 1];
          }
        }
      }
      assertThat(all.sources().get(i).tokens()).isEqualTo(every);
      assertThat(alone.sources().get(i).tokens()).isEqualTo(masked);
      assertThat(alone.sources().get(i).loss()).isCloseTo(loss, within(1e-3 * loss));
      assertThat(masked < every).as(source).isEqualTo(source.equals("tasks"));
    }
    for (var document : alone.documents()) {
      assertThat(document.everySecond()).isBetween(0L, document.tokens());
      assertThat(document.secondLoss()).isBetween(0.0, document.loss());
    }
  }

  /** Every token's loss is kept once, with its id, and sums to the source's. */
  @Test
  void tokenLossesSumToTheReport() {
    var settings = settings(checkpoint, "tokens", 4, true, Split.TRAIN);
    var published = Perplexity.publish(LocalSpark.session(), settings, false);
    var report = LossReport.read(folder.resolve("tokens"));
    assertThat(report.split()).isEqualTo("train");
    var rows =
        LocalSpark.session()
            .read()
            .parquet(folder.resolve("tokens").resolve(TokenDeviation.FOLDER).toString())
            .selectExpr("source", "sequence_id", "explode(arrays_zip(ids, losses)) as each")
            .groupBy("source")
            .agg(sum("each.losses"), count("each.ids"))
            .orderBy("source")
            .collectAsList();
    for (int i = 0; i < rows.size(); i++) {
      var source = report.sources().get(i);
      assertThat(rows.get(i).getString(0)).isEqualTo(source.source());
      assertThat(rows.get(i).getDouble(1)).isCloseTo(source.loss(), within(1e-4 * source.loss()));
      assertThat(rows.get(i).getLong(2)).isEqualTo(source.tokens());
    }
    var same = TokenDeviation.of(published, published, 3);
    assertThat(same.worst()).hasSize(3).allMatch(token -> token.deviation() == 0);
    assertThat(same.sources()).extracting(TokenDeviation.Spread::worse).containsOnly(0.0);
  }

  @Test
  void onlyTheNamedSourcesAreScored() {
    publish(settings(List.of("web"), "of-web", Split.VALIDATION));
    var all = report("of-all", 4).sources().stream().filter(each -> each.source().equals("web"));
    assertThat(LossReport.read(folder.resolve("of-web")).sources())
        .containsExactlyElementsOf(all.toList());
    assertThatThrownBy(() -> publish(settings(List.of("wbe"), "of-none", Split.TRAIN)))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("sources names wbe, but " + corpus + " has no train rows of it");
  }

  @Test
  void aTokenizerThatDoesNotFitTheModelIsNamed() {
    var small = SmallCheckpoint.write(folder.resolve("small"), 100, 1);
    assertThatThrownBy(() -> publish(small, "unfit", 8))
        .isInstanceOf(InputException.class)
        .hasMessage(
            "%s was tokenized with ids up to 259, but %s has 100 embedding rows: tokenize with the"
                + " tokenizer that came with the model",
            corpus, small);
  }

  private static String documentAt(Sequence row, int token) {
    String document = "";
    for (var each : row.documents()) {
      document = each.start() <= token ? each.id() : document;
    }
    return document;
  }

  private static List<Sequence> rows(String source) {
    return rows(source, Sequence.VALIDATION);
  }

  private static List<Sequence> rows(String source, String split) {
    List<Sequence> rows = new ArrayList<>();
    try (var stream = SequenceReader.open(corpus).sample(source, split, ROWS, 3)) {
      stream.forEachRemaining(rows::add);
    }
    return rows;
  }

  private static LossReport report(String name, int batchRows) {
    publish(checkpoint, name, batchRows);
    return LossReport.read(folder.resolve(name));
  }

  private static void publish(Path model, String name, int batchRows) {
    publish(settings(model, name, batchRows, false, Split.VALIDATION));
  }

  private static void publish(PerplexitySettings settings) {
    Perplexity.publish(LocalSpark.session(), settings, false);
  }

  private static PerplexitySettings settings(
      Path model, String name, int batchRows, boolean tokens, Split split) {
    return settings(model, name, batchRows, tokens, split, List.of());
  }

  private static PerplexitySettings responses(PerplexitySettings all, boolean alone) {
    return new PerplexitySettings(
        all.corpus(),
        all.checkpoint(),
        all.output(),
        all.split(),
        all.sources(),
        all.rows(),
        all.seed(),
        all.subset(),
        all.batchRows(),
        all.tokens(),
        all.keepTop(),
        all.isolateDocuments(),
        alone,
        all.device(),
        all.precision(),
        all.engine());
  }

  private static PerplexitySettings settings(List<String> sources, String name, Split split) {
    return settings(checkpoint, name, 4, false, split, sources);
  }

  private static PerplexitySettings settings(
      Path model, String name, int batchRows, boolean tokens, Split split, List<String> sources) {
    return new PerplexitySettings(
        corpus,
        model,
        folder.resolve(name),
        split,
        sources,
        ROWS,
        3,
        Optional.empty(),
        batchRows,
        tokens,
        0,
        false,
        false,
        Place.CPU,
        PrecisionChoice.AUTO,
        Engine.BUILT_IN);
  }
}
