package io.lorashear.spark.perplexity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import io.lorashear.checkpoint.Checkpoint;
import io.lorashear.corpus.LossReport;
import io.lorashear.corpus.Sequence;
import io.lorashear.corpus.SequenceReader;
import io.lorashear.method.PruneSettings;
import io.lorashear.prune.PruneStage;
import io.lorashear.run.Progress;
import io.lorashear.score.Scorer;
import io.lorashear.settings.Settings;
import io.lorashear.spark.LocalSpark;
import io.lorashear.tokenizer.Tokenizer;
import io.lorashear.vocabulary.TextModel;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A model that lost tokens is measured in the tokens before. */
class VocabularyPerplexityTest {
  @TempDir static Path folder;

  @BeforeAll
  static void prune() throws IOException {
    TextModel.write(folder, true, 0);
    var settings =
        Settings.defaults(
            PruneSettings.class,
            List.of(
                "checkpoint=" + folder.resolve("dense"),
                "corpus=" + folder.resolve("corpus"),
                "output=" + folder.resolve("pruned"),
                "method=magnitude",
                "ratio=0.1",
                "vocabulary.enabled=true",
                "vocabulary.tokens=0.2"));
    PruneStage.run(settings, false, Device.cpu(), Progress.silent());
  }

  @AfterAll
  static void release() {
    ExecutorScorer.release();
  }

  private static LossReport report(String model, String... more) {
    var values =
        new ArrayList<>(
            List.of(
                "checkpoint=" + folder.resolve(model),
                "corpus=" + folder.resolve("corpus"),
                "output=" + folder.resolve("report-" + model),
                "rows=100"));
    values.addAll(List.of(more));
    var settings = Settings.defaults(PerplexitySettings.class, values);
    Perplexity.publish(LocalSpark.session(), settings, true);
    return LossReport.read(settings.output());
  }

  /** By another road: each row's text as the tokenizers decode it, its first token left out. */
  @Test
  void lossesAreThoseOfTheSameTextPerTokenBefore() {
    var dense = report("dense");
    var pruned = report("pruned");
    pruned.requireSameRows(dense);
    for (var apart : List.of(false, true)) {
      var again = report("pruned", "isolateDocuments=" + apart);
      var source = again.sources().get(0);
      assertThat(source.tokens()).isEqualTo(dense.sources().get(0).tokens());
      assertThat(source.loss()).isCloseTo(loss(source.source()), within(1e-4 * source.loss()));
    }
  }

  private static double loss(String source) {
    double sum = 0;
    var reader = SequenceReader.open(folder.resolve("corpus"));
    try (var dense = Checkpoint.open(folder.resolve("dense"));
        var pruned = Checkpoint.open(folder.resolve("pruned"));
        var before = Tokenizer.open(dense.tokenizer());
        var after = Tokenizer.open(pruned.tokenizer());
        var scorer = Scorer.open(pruned, Device.cpu());
        var rows = reader.read(source, Sequence.VALIDATION)) {
      while (rows.hasNext()) {
        int[] ids = rows.next().inputIds();
        int[] whole = after.encode(before.decode(ids));
        int first = after.encode(before.decode(Arrays.copyOf(ids, 1))).length;
        double[] losses = scorer.tokenLosses(List.of(whole))[0];
        sum += Arrays.stream(losses).skip(first - 1).sum();
      }
    }
    return sum;
  }

  @Test
  void whatNeedsTheIdsAfterIsRefused() {
    assertThatThrownBy(() -> report("pruned", "keepTop=2"))
        .hasMessage(
            "%s has the ids from before %s lost tokens: set keepTop to 0 and leave engine out, or"
                    .formatted(folder.resolve("corpus"), folder.resolve("pruned"))
                + " tokenize the corpus with the model's own tokenizer");
  }
}
