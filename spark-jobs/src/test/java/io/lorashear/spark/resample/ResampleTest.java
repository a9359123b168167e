package io.lorashear.spark.resample;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.lorashear.InputException;
import io.lorashear.corpus.LossReport;
import io.lorashear.corpus.LossReport.SourceLoss;
import io.lorashear.corpus.Sequence;
import io.lorashear.corpus.SequenceReader;
import io.lorashear.corpus.SubsetManifest;
import io.lorashear.corpus.SubsetManifest.Drawn;
import io.lorashear.corpus.SubsetManifest.SourceDraw;
import io.lorashear.run.Stage;
import io.lorashear.spark.LocalSpark;
import io.lorashear.spark.tokenize.TokenizedCorpus;
import io.lorashear.tokenizer.SmallTokenizers;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ResampleTest {

  private record NoSettings() {}

  @TempDir static Path folder;
  private static Path corpus;

  @BeforeAll
  static void publish() throws IOException {
    corpus = TokenizedCorpus.write(folder.resolve("corpus"), SmallTokenizers.byteLevel(folder));
    report("dense", SequenceReader.open(corpus).hash(), 200, 200);
    report("pruned", SequenceReader.open(corpus).hash(), 200 + 100 * Math.log(3), 200);
  }

  @Test
  void theDamagedSourceGetsMoreAndEveryRowCanBeFoundAgain() {
    var subset = draw("first", Optional.empty(), 64 * 10);
    assertThat(subset.sources()).extracting(SourceDraw::source).containsExactly("tasks", "web");
    var tasks = subset.sources().get(0);
    // 3/4 of the weight by the rule, then 0.85 · 3/4 + 0.15 / 2
    assertThat(tasks.weight()).isCloseTo(0.7125, within(1e-9));
    assertThat(tasks.prior()).isEqualTo(0.5);
    assertThat(tasks.deviation()).isCloseTo(Math.log(3), within(1e-9));
    assertThat(tasks.sequences()).isEqualTo(7);
    List<Sequence> rows = new ArrayList<>();
    try (var stream = SequenceReader.open(corpus).drawn(subset, 0)) {
      stream.forEachRemaining(rows::add);
    }
    assertThat(rows)
        .extracting(Sequence::id)
        .isEqualTo(subset.drawn().stream().map(Drawn::sequence).toList());
    assertThat(rows).allMatch(row -> row.split().equals("train"));
    assertThat(rows.stream().filter(row -> row.source().equals("tasks"))).hasSize(7);
    for (Drawn drawn : subset.drawn()) {
      assertThat(idAt(drawn.shard(), drawn.row())).isEqualTo(drawn.sequence());
    }
  }

  private static String idAt(String shard, long row) {
    return LocalSpark.session()
        .read()
        .parquet(corpus.resolve(shard).toString())
        .select("sequence_id")
        .collectAsList()
        .get((int) row)
        .getString(0);
  }

  @Test
  void theNextRoundGoesOnWhereTheLastStopped() {
    var first = draw("round-0", Optional.empty(), 64 * 6);
    var second = draw("round-1", Optional.of(folder.resolve("round-0")), 64 * 6);
    assertThat(second.round()).isEqualTo(1);
    assertThat(second.sources().get(0).prior())
        .isCloseTo(first.sources().get(0).weight(), within(1e-12));
    var seen = new HashSet<String>();
    first.drawn().forEach(drawn -> seen.add(drawn.sequence()));
    assertThat(second.drawn()).noneMatch(drawn -> seen.contains(drawn.sequence()));
  }

  @Test
  void aReportOnAnotherCorpusIsRefused() {
    report("foreign", "0123", 200, 200);
    assertThatThrownBy(() -> publish("foreign", "refused", Optional.empty(), 64))
        .isInstanceOf(InputException.class)
        .hasMessage(
            "the loss report %s is about another corpus than %s: make it again from this corpus",
            folder.resolve("foreign"), corpus);
  }

  @Test
  void aSourceThatIsNotThereIsNamed() {
    var settings = settings("pruned", "none", Optional.empty(), List.of("wikipedia"), 64);
    assertThatThrownBy(() -> Resample.publish(LocalSpark.session(), settings, false))
        .isInstanceOf(InputException.class)
        .hasMessage(
            "sources names wikipedia, but %s has no training rows of it: its sources are tasks, web",
            corpus);
  }

  private static SubsetManifest draw(String name, Optional<Path> previous, long tokens) {
    publish("pruned", name, previous, tokens);
    return SubsetManifest.read(folder.resolve(name));
  }

  private static void publish(String pruned, String name, Optional<Path> previous, long tokens) {
    var settings = settings(pruned, name, previous, List.of(), tokens);
    Resample.publish(LocalSpark.session(), settings, false);
  }

  private static ResampleSettings settings(
      String pruned, String name, Optional<Path> previous, List<String> sources, long tokens) {
    return new ResampleSettings(
        corpus,
        folder.resolve("dense"),
        folder.resolve(pruned),
        folder.resolve(name),
        previous,
        sources,
        tokens,
        ResampleSettings.Rule.ADAPTIVE,
        ResampleSettings.Start.UNIFORM,
        1,
        0.15,
        5);
  }

  private static void report(String name, String corpusHash, double tasks, double web) {
    var sources =
        List.of(new SourceLoss("tasks", 5, 100, tasks), new SourceLoss("web", 5, 100, web));
    var report = new LossReport(name, corpusHash, "validation", 5, 0, sources, List.of());
    Stage.of(name, folder.resolve(name), new NoSettings(), ResampleTest.class).run(report::writeTo);
  }
}
