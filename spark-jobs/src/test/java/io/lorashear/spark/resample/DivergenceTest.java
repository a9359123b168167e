package io.lorashear.spark.resample;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import io.lorashear.InputException;
import io.lorashear.checkpoint.Checkpoint;
import io.lorashear.corpus.Sequence;
import io.lorashear.corpus.SequenceReader;
import io.lorashear.corpus.SoftTargets;
import io.lorashear.corpus.SubsetManifest;
import io.lorashear.corpus.SubsetManifest.GroupDraw;
import io.lorashear.score.Prediction;
import io.lorashear.score.Scorer;
import io.lorashear.settings.Settings;
import io.lorashear.spark.LocalSpark;
import io.lorashear.spark.perplexity.Perplexity;
import io.lorashear.spark.perplexity.PerplexitySettings;
import io.lorashear.spark.perplexity.SmallCheckpoint;
import io.lorashear.spark.tokenize.TokenizedCorpus;
import io.lorashear.tokenizer.SmallTokenizers;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DivergenceTest {
  private static final int VOCABULARY = 260;

  @TempDir static Path folder;
  private static Path corpus;

  @BeforeAll
  static void publish() throws IOException {
    corpus = TokenizedCorpus.write(folder.resolve("corpus"), SmallTokenizers.byteLevel(folder));
    SmallCheckpoint.write(folder.resolve("dense"), VOCABULARY, 1);
    SmallCheckpoint.write(folder.resolve("pruned"), VOCABULARY, 2);
    for (var model : List.of("dense", "pruned")) {
      report(model, "all", VOCABULARY);
      report(model, "few", 3);
      report(model, "none", 0);
    }
  }

  private static void report(String model, String name, int keepTop) {
    var settings =
        Settings.defaults(
            PerplexitySettings.class,
            List.of(
                "corpus=" + corpus,
                "checkpoint=" + folder.resolve(model),
                "output=" + folder.resolve(model + "-" + name),
                "rows=100",
                "keepTop=" + keepTop));
    Perplexity.publish(LocalSpark.session(), settings, false);
  }

  @Test
  void ofAllTokensItIsTheDivergenceOfTheModelsPredictions() {
    for (var group : draw("all").groups()) {
      assertThat(group.deviation()).isCloseTo(expected(group.group()), within(1e-4));
      assertThat(group.reason()).startsWith("adaptive: 0.5000 exp(1.00 x 0.");
    }
  }

  @Test
  void ofFewTokensItIsALowerBound() {
    var all = draw("all").groups().stream().map(GroupDraw::deviation).toList();
    var few = draw("few").groups().stream().map(GroupDraw::deviation).toList();
    for (int i = 0; i < all.size(); i++) {
      assertThat(few.get(i)).isPositive().isLessThan(all.get(i));
    }
  }

  @Test
  void reportsWithoutPredictionsAreRefused() {
    assertThatThrownBy(() -> draw("none"))
        .isInstanceOf(InputException.class)
        .hasMessageContaining(
            "%s keeps no likeliest tokens: run perplexity with keepTop, for example 32",
            folder.resolve("dense-none"))
        .hasMessageContaining(
            "%s keeps no likeliest tokens: run perplexity with keepTop, for example 32",
            folder.resolve("pruned-none"));
  }

  @Test
  void otherRulesDoNotMeasureIt() {
    assertThatThrownBy(() -> settings("all", "rule=uniform"))
        .hasMessageContaining(
            "deviation is divergence, which is measured for rule: adaptive and by: source; rule is"
                + " uniform, by is source");
  }

  private static double expected(String source) {
    double sum = 0;
    int positions = 0;
    try (var dense = Checkpoint.open(folder.resolve("dense"));
        var pruned = Checkpoint.open(folder.resolve("pruned"));
        var p = Scorer.open(dense, Device.cpu());
        var q = Scorer.open(pruned, Device.cpu());
        var rows = SequenceReader.open(corpus).read(source, Sequence.VALIDATION)) {
      var all = new ArrayList<Sequence>();
      rows.forEachRemaining(all::add);
      for (var row : all) {
        var ofP = p.predictions(List.of(row.inputIds()), null, VOCABULARY).get(0);
        var ofQ = q.predictions(List.of(row.inputIds()), null, VOCABULARY).get(0);
        for (int t = 0; t < row.tokens() - 1; t++, positions++) {
          sum += divergence(probabilities(ofP, t), probabilities(ofQ, t));
        }
      }
    }
    return sum / positions;
  }

  private static double[] probabilities(Prediction prediction, int t) {
    SoftTargets targets = prediction.targets();
    var p = new double[VOCABULARY];
    for (int k = t * VOCABULARY; k < (t + 1) * VOCABULARY; k++) {
      p[targets.ids()[k]] = Math.exp(targets.logProbabilities()[k]);
    }
    return p;
  }

  private static double divergence(double[] p, double[] q) {
    double sum = 0;
    for (int v = 0; v < p.length; v++) {
      double m = (p[v] + q[v]) / 2;
      sum += (p[v] * Math.log(p[v] / m) + q[v] * Math.log(q[v] / m)) / 2;
    }
    return sum;
  }

  private static SubsetManifest draw(String kept) {
    var settings = settings(kept);
    Resample.publish(LocalSpark.session(), settings, false);
    return SubsetManifest.read(settings.output());
  }

  private static ResampleSettings settings(String kept, String... more) {
    var given =
        Stream.of(
            "corpus=" + corpus,
            "dense=" + folder.resolve("dense-" + kept),
            "pruned=" + folder.resolve("pruned-" + kept),
            "output=" + folder.resolve("subset-" + kept),
            "tokens=640",
            "deviation=divergence");
    return Settings.defaults(
        ResampleSettings.class, Stream.concat(given, Stream.of(more)).toList());
  }
}
