package io.lorashear.spark.resample;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.lorashear.InputException;
import io.lorashear.corpus.DocumentBuckets;
import io.lorashear.corpus.LossReport;
import io.lorashear.corpus.LossReport.DocumentLoss;
import io.lorashear.corpus.LossReport.SourceLoss;
import io.lorashear.corpus.Sequence;
import io.lorashear.corpus.SequenceReader;
import io.lorashear.corpus.Shard;
import io.lorashear.corpus.SubsetManifest;
import io.lorashear.corpus.SubsetManifest.Drawn;
import io.lorashear.corpus.SubsetManifest.GroupDraw;
import io.lorashear.run.PublishedDirectory;
import io.lorashear.run.Stage;
import io.lorashear.settings.Settings;
import io.lorashear.spark.LocalSpark;
import io.lorashear.spark.store.DiskStore;
import io.lorashear.spark.tokenize.TokenizedCorpus;
import io.lorashear.tokenizer.SmallTokenizers;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.ToDoubleFunction;
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
    assertThat(subset.groups()).extracting(GroupDraw::group).containsExactly("tasks", "web");
    var tasks = subset.groups().get(0);
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
  void aStoreServesAsWellAsADisk() {
    var here = draw("here", Optional.empty(), 64 * 10);
    var there = settings("there");
    for (var place : List.of("corpus", "dense", "pruned", "output")) {
      there = there.with(place, DiskStore.at(Path.of(there.values().get(place))));
    }
    assertThat(draw(there)).isEqualTo(here);
    assertThat(folder.resolve("there/manifest.json"))
        .hasSameTextualContentAs(folder.resolve("here/manifest.json"));
  }

  @Test
  void theNextRoundGoesOnWhereTheLastStopped() {
    var first = draw("round-0", Optional.empty(), 64 * 6);
    var second = draw("round-1", Optional.of(folder.resolve("round-0")), 64 * 6);
    assertThat(second.round()).isEqualTo(1);
    assertThat(second.groups().get(0).prior())
        .isCloseTo(first.groups().get(0).weight(), within(1e-12));
    var seen = new HashSet<String>();
    first.drawn().forEach(drawn -> seen.add(drawn.sequence()));
    assertThat(second.drawn()).noneMatch(drawn -> seen.contains(drawn.sequence()));
  }

  @Test
  void aReportOnAnotherCorpusIsRefused() {
    report("foreign", "0123", 200, 200);
    assertThatThrownBy(() -> draw(settings("refused").with("pruned", folder.resolve("foreign"))))
        .isInstanceOf(InputException.class)
        .hasMessage(
            "the loss report %s is about another corpus than %s: make it again from this corpus",
            folder.resolve("foreign"), corpus);
  }

  @Test
  void aSourceThatIsNotThereIsNamed() {
    assertThatThrownBy(() -> draw(settings("none").with("sources", "[wikipedia]")))
        .isInstanceOf(InputException.class)
        .hasMessage(
            "sources names wikipedia, but %s has no training rows of it: its sources are tasks,"
                + " web",
            corpus);
  }

  @Test
  void everyDrawnSequenceNamesTheGroupAndItsReason() {
    var subset = draw("reasons", Optional.empty(), 64 * 10);
    assertThat(subset.rule()).isEqualTo("adaptive");
    assertThat(subset.groups().get(0).reason())
        .isEqualTo("adaptive: 0.5000 exp(1.00 x 1.0986), normalised, 0.85 of it + 0.15/2");
    assertThat(subset.drawn())
        .allMatch(
            drawn ->
                drawn.sequence().startsWith(drawn.group() + "/")
                    && drawn.shard().contains("source=" + drawn.group() + "/"));
  }

  @Test
  void rulesToCompareWith() {
    var uniform = draw(settings("uniform").with("rule", "uniform"));
    assertThat(uniform.groups()).extracting(GroupDraw::weight).containsOnly(0.5);
    assertThat(uniform.groups().get(0).reason()).isEqualTo("uniform: 1/2");
    var proportional = draw(settings("proportional").with("rule", "proportional"));
    var counts = SequenceReader.open(corpus).manifest();
    double tasks = counts.shards("tasks", "train").stream().mapToLong(Shard::tokens).sum();
    double web = counts.shards("web", "train").stream().mapToLong(Shard::tokens).sum();
    assertThat(proportional.groups().get(1).weight()).isCloseTo(web / (web + tasks), within(1e-12));
    // log w + (loss - target): tasks 2 + log 3 against 2.5, web 2 against 2
    var loading =
        draw(settings("loading").with("rule", "dynamic-loading").with("targets", "{tasks: 2.5}"));
    double mass = Math.exp(2 + Math.log(3) - 2.5);
    assertThat(loading.groups().get(0).weight())
        .isCloseTo((1 - 1e-4) * mass / (mass + 1) + 1e-4 / 2, within(1e-9));
    assertThat(loading.groups().get(0).reason())
        .startsWith("dynamic loading: 0.5000 exp(3.0986 - 2.5000)");
  }

  @Test
  void theNextRoundFollowsWhatTheLastRecovered() {
    var first =
        draw(settings("recovered-0").with("rule", "recovered").with("sources", "[tasks, web]"));
    assertThat(first.groups()).extracting(GroupDraw::weight).containsOnly(0.5);
    assertThat(first.groups().get(0).reason()).isEqualTo("recovered: the first round");
    report("after", SequenceReader.open(corpus).hash(), 200, 160);
    var next =
        settings("recovered-1")
            .with("rule", "recovered")
            .with("pruned", folder.resolve("after"))
            .with("before", folder.resolve("pruned"))
            .with("previous", folder.resolve("recovered-0"));
    var second = draw(next);
    // tasks recovered log 3 of 5 sequences, web 0.4 of 5
    double tasks = Math.log(3) / (Math.log(3) + 0.4);
    assertThat(second.groups().get(0).weight()).isCloseTo(0.85 * tasks + 0.075, within(1e-9));
    assertThat(second.groups().get(1).reason())
        .isEqualTo(
            "recovered: 0.4000 nats after 5 sequences, the quotient normalised, 0.85 of it +"
                + " 0.15/2");
    assertThatThrownBy(() -> settings("alone").with("before", folder.resolve("pruned")).settings())
        .hasMessageContaining("before is given, but rule is adaptive: only recovered reads it");
    assertThatThrownBy(
            () ->
                settings("half")
                    .with("rule", "recovered")
                    .with("previous", folder.resolve("recovered-0"))
                    .settings())
        .hasMessageContaining(
            "before and previous belong together with rule: recovered: give both, or neither in"
                + " the first round");
  }

  /** Documents 20 to 39 of web have the highest scores, and half of the documents is kept. */
  @Test
  void aFilterKeepsTheRowsOfTheBestDocuments() {
    documents("prior", document -> 5);
    documents("conditional", document -> number(document) < 20 ? 5 : 4);
    var filter = "{prior: %s, conditional: %s, keep: 0.5}";
    var settings =
        settings("filtered")
            .with(
                "filter", filter.formatted(folder.resolve("prior"), folder.resolve("conditional")))
            .with("sources", "[web]");
    var subset = draw(settings);
    assertThat(subset.drawn()).isNotEmpty();
    assertThat(subset.groups()).extracting(GroupDraw::group).containsExactly("web");
    assertThat(subset.groups().get(0).pool())
        .isLessThan(draw(settings("all")).groups().get(1).pool());
    try (var stream = SequenceReader.open(corpus).drawn(subset, 0)) {
      for (int i = 0; i < subset.drawn().size(); i++) {
        assertThat(number(largest(stream.next()))).isBetween(20, 39);
      }
    }
    assertThatThrownBy(
            () ->
                draw(
                    settings("validation")
                        .with(
                            "filter",
                            filter.formatted(folder.resolve("dense"), folder.resolve("pruned")))))
        .hasMessage(
            "filter is given, but the loss report %s is about validation rows: run perplexity with"
                + " split: train for both models",
            folder.resolve("dense"));
  }

  @Test
  void aTargetOfNothingIsNamed() {
    var settings = settings("t").with("rule", "dynamic-loading").with("targets", "{wiki: 2}");
    assertThatThrownBy(() -> draw(settings))
        .isInstanceOf(InputException.class)
        .hasMessage(
            "targets names wiki, of which the loss reports say nothing: they have tasks, web");
  }

  /** Documents 0 to 19 of web lost nothing, 20 to 39 three nats: their rows are drawn by far. */
  @Test
  void bucketsOfDocumentsHaveWeightsOfTheirOwn() {
    documents("dense-train", document -> 2);
    documents("pruned-train", document -> number(document) < 20 ? 2 : 5);
    var settings =
        settings("buckets")
            .with("dense", folder.resolve("dense-train"))
            .with("pruned", folder.resolve("pruned-train"))
            .with("sources", "[web]")
            .with("by", "bucket")
            .with("buckets", "2");
    var subset = draw(settings);
    assertThat(subset.groups()).extracting(GroupDraw::group).containsExactly("web/0", "web/1");
    assertThat(subset.groups().get(1).deviation()).isCloseTo(3, within(1e-9));
    double spared = Math.exp(subset.groups().get(0).deviation());
    assertThat(spared).isLessThan(2);
    assertThat(subset.groups().get(1).weight())
        .isCloseTo(0.85 * Math.exp(3) / (spared + Math.exp(3)) + 0.075, within(1e-9));
    assertThat(subset.drawn()).allMatch(drawn -> drawn.group().startsWith("web/"));
    var bucketOf =
        DocumentBuckets.in(PublishedDirectory.open(folder.resolve("buckets"))).orElseThrow();
    try (var stream = SequenceReader.open(corpus).drawn(subset, 0)) {
      for (var drawn : subset.drawn()) {
        assertThat(bucketOf.groups("web")).containsEntry(largest(stream.next()), drawn.group());
      }
    }
    var next =
        draw(
            settings
                .with("output", folder.resolve("buckets-1"))
                .with("previous", folder.resolve("buckets")));
    var first = new HashSet<>(subset.drawn().stream().map(Drawn::sequence).toList());
    assertThat(next.drawn()).noneMatch(drawn -> first.contains(drawn.sequence()));
    assertThatThrownBy(
            () ->
                draw(
                    settings
                        .with("output", folder.resolve("mixed"))
                        .with("previous", folder.resolve("buckets"))
                        .with("by", "source")))
        .hasMessage(
            "by is source, but the round before, %s, was drawn by bucket: sequences would come"
                + " twice; keep by",
            folder.resolve("buckets"));
  }

  @Test
  void bucketsNeedLossesOfTrainingRows() {
    assertThatThrownBy(() -> draw(settings("no-train").with("by", "bucket")))
        .isInstanceOf(InputException.class)
        .hasMessage(
            "by is bucket, but the loss report %s is about validation rows: run perplexity with"
                + " split: train for both models",
            folder.resolve("pruned"));
  }

  private static String largest(Sequence row) {
    var documents = row.documents();
    String largest = "";
    int most = -1;
    for (int i = 0; i < documents.size(); i++) {
      int end = i + 1 < documents.size() ? documents.get(i + 1).start() : row.tokens();
      if (end - documents.get(i).start() > most) {
        most = end - documents.get(i).start();
        largest = documents.get(i).id();
      }
    }
    return largest;
  }

  private static int number(String document) {
    return Integer.parseInt(document.replaceAll("^.*#(\\d+).*$", "$1"));
  }

  /** Losses of 40 documents of web, each on 100 tokens of training rows. */
  private static void documents(String name, ToDoubleFunction<String> loss) {
    var ids = new TreeSet<String>();
    try (var stream = SequenceReader.open(corpus).read("web", "train")) {
      stream.forEachRemaining(row -> row.documents().forEach(document -> ids.add(document.id())));
    }
    var losses = new ArrayList<DocumentLoss>();
    double sum = 0;
    for (String id : ids) {
      if (number(id) < 40) {
        double each = loss.applyAsDouble(id);
        losses.add(new DocumentLoss("web", id, 100, 100 * each, 50, 50 * each));
        sum += 100 * loss.applyAsDouble(id);
      }
    }
    var sources = List.of(new SourceLoss("web", 5, 100L * losses.size(), sum));
    var report =
        new LossReport(name, SequenceReader.open(corpus).hash(), "train", 5, 0, sources, losses);
    Stage.of(name, folder.resolve(name), new NoSettings(), ResampleTest.class).run(report::writeTo);
  }

  private static SubsetManifest draw(String name, Optional<Path> previous, long tokens) {
    var settings = settings(name).with("tokens", "" + tokens);
    return draw(previous.map(path -> settings.with("previous", path)).orElse(settings));
  }

  private static SubsetManifest draw(Given given) {
    var settings = given.settings();
    Resample.publish(LocalSpark.session(), settings, false);
    return SubsetManifest.read(settings.output());
  }

  private static Given settings(String name) {
    return new Given(Map.of())
        .with("corpus", corpus)
        .with("dense", folder.resolve("dense"))
        .with("pruned", folder.resolve("pruned"))
        .with("output", folder.resolve(name))
        .with("tokens", "" + 64 * 10)
        .with("seed", "5");
  }

  /** Settings as a user would give them. */
  private record Given(Map<String, String> values) {
    Given with(String key, Object value) {
      var more = new TreeMap<>(values);
      more.put(key, value.toString());
      return new Given(more);
    }

    ResampleSettings settings() {
      var overrides = values.entrySet().stream().map(e -> e.getKey() + "=" + e.getValue()).toList();
      return Settings.defaults(ResampleSettings.class, overrides);
    }
  }

  private static void report(String name, String corpusHash, double tasks, double web) {
    var sources =
        List.of(new SourceLoss("tasks", 5, 100, tasks), new SourceLoss("web", 5, 100, web));
    var report = new LossReport(name, corpusHash, "validation", 5, 0, sources, List.of());
    Stage.of(name, folder.resolve(name), new NoSettings(), ResampleTest.class).run(report::writeTo);
  }
}
