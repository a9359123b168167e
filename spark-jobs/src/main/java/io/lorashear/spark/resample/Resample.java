package io.lorashear.spark.resample;

import io.lorashear.InputException;
import io.lorashear.corpus.DocumentBuckets;
import io.lorashear.corpus.LossDeviation;
import io.lorashear.corpus.LossDeviation.Group;
import io.lorashear.corpus.LossReport;
import io.lorashear.corpus.Sequence;
import io.lorashear.corpus.SequenceReader;
import io.lorashear.corpus.SubsetManifest;
import io.lorashear.corpus.SubsetManifest.Cursor;
import io.lorashear.corpus.SubsetManifest.GroupDraw;
import io.lorashear.run.ContentHash;
import io.lorashear.run.PublishedDirectory;
import io.lorashear.run.Refusals;
import io.lorashear.run.Stage;
import io.lorashear.spark.engine.Interpreted;
import io.lorashear.spark.resample.CorpusPool.Size;
import io.lorashear.spark.select.PerplexityDeviation;
import io.lorashear.spark.select.SamplingWeights;
import io.lorashear.spark.select.SubsetSampler;
import io.lorashear.statistics.Bootstrap;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.apache.spark.sql.SparkSession;

/** Turns two loss reports into weights and draws the next subset; publishes a manifest. */
public final class Resample {

  private final ResampleSettings settings;
  private final SequenceReader corpus;
  private final LossReport dense;
  private final LossReport pruned;
  private final Optional<SubsetManifest> previous;
  private final Optional<DocumentBuckets> buckets;

  private Resample(ResampleSettings settings) {
    this.settings = settings;
    this.corpus = SequenceReader.open(settings.corpus());
    this.dense = LossReport.read(settings.dense());
    this.pruned = LossReport.read(settings.pruned());
    this.previous = settings.previous().map(SubsetManifest::read);
    this.buckets =
        settings.by() == ResampleSettings.By.BUCKET ? Optional.of(buckets()) : Optional.empty();
  }

  /**
   * Publishes the subset, or returns the published one.
   *
   * @throws InputException if an input is missing or damaged, or they do not belong together
   */
  public static PublishedDirectory publish(
      SparkSession spark, ResampleSettings settings, boolean overwrite) {
    var resample = of(settings);
    return resample
        .stage()
        .overwrite(overwrite)
        .run(
            output -> {
              resample.draw(spark).writeTo(output);
              resample.buckets.ifPresent(found -> found.writeTo(output));
            });
  }

  /**
   * The stage, after checking all of its inputs; does not run it.
   *
   * @throws InputException with all inputs that are missing or do not belong together
   */
  public static Stage ready(ResampleSettings settings) {
    return of(settings).stage();
  }

  private static Resample of(ResampleSettings settings) {
    Refusals.together(
        () -> SequenceReader.open(settings.corpus()),
        () -> LossReport.read(settings.dense()),
        () -> LossReport.read(settings.pruned()),
        () -> settings.previous().ifPresent(SubsetManifest::read));
    var resample = new Resample(settings);
    resample.requireSameCorpus();
    return resample;
  }

  private Stage stage() {
    var stage =
        Stage.of("resample", settings.output(), settings, Resample.class)
            .parent("corpus", corpus.hash())
            .parent("dense", ContentHash.of(settings.dense()))
            .parent("pruned", ContentHash.of(settings.pruned()));
    settings.previous().ifPresent(path -> stage.parent("previous", ContentHash.of(path)));
    return stage;
  }

  private void requireSameCorpus() {
    require("the loss report " + settings.dense(), dense.corpus());
    require("the loss report " + settings.pruned(), pruned.corpus());
    previous.ifPresent(
        before -> {
          if (!corpus.manifest().earlier().contains(before.corpus())) {
            require("the subset " + settings.previous().orElseThrow(), before.corpus());
          }
          if (before.seed() != settings.seed()) {
            throw new InputException(
                "seed is %d, but the round before was drawn with %d: sequences would come twice;"
                    + " keep the seed",
                settings.seed(), before.seed());
          }
          requireSameGroups(settings.previous().orElseThrow());
        });
  }

  /** Refuses a change of the groups between rounds. */
  private void requireSameGroups(Path before) {
    boolean byBucket = DocumentBuckets.in(PublishedDirectory.open(before)).isPresent();
    if (byBucket != buckets.isPresent()) {
      throw new InputException(
          "by is %s, but the round before, %s, was drawn by %s: sequences would come twice; keep"
              + " by",
          byBucket ? "source" : "bucket", before, byBucket ? "bucket" : "source");
    }
  }

  private void require(String what, String hash) {
    if (!hash.equals(corpus.hash())) {
      throw new InputException(
          "%s is about another corpus than %s: make it again from this corpus",
          what, settings.corpus());
    }
  }

  /** The buckets of the round before, or new ones. */
  private DocumentBuckets buckets() {
    if (!(pruned.split() + ",").startsWith(Sequence.TRAIN + ",")) {
      throw new InputException(
          "by is bucket, but the loss report %s is about %s rows: run perplexity with split: train"
              + " for both models",
          settings.pruned(), pruned.split());
    }
    return settings
        .previous()
        .flatMap(path -> DocumentBuckets.in(PublishedDirectory.open(path)))
        .orElseGet(() -> LossDeviation.of(dense, pruned).buckets(settings.buckets()));
  }

  private SubsetManifest draw(SparkSession spark) {
    try (var interpreted = Interpreted.where(spark, corpus.manifest());
        var pool = pool(interpreted.spark())) {
      var tokens = new TreeMap<String, Long>();
      pool.sizes().forEach((group, size) -> tokens.put(group, size.tokens()));
      var weighing = weighing(tokens);
      int round = previous.map(before -> before.round() + 1).orElse(0);
      long rows = Math.max(1, settings.tokens() / corpus.manifest().sequenceLength());
      var quotas = weighing.weights().quotas(rows);
      var drawn = new SubsetSampler(pool).draw(quotas, cursors(), round);
      List<GroupDraw> groups = new ArrayList<>();
      pool.sizes()
          .forEach(
              (group, size) ->
                  groups.add(
                      group(
                          group,
                          size,
                          weighing,
                          quotas.getOrDefault(group, 0L),
                          drawn.cursors().getOrDefault(group, List.of()))));
      return new SubsetManifest(
          corpus.hash(),
          Sequence.TRAIN,
          settings.seed(),
          round,
          settings.tokens(),
          settings.rule().name().toLowerCase(Locale.ROOT),
          groups,
          drawn.drawn());
    }
  }

  private static GroupDraw group(
      String group, Size size, Weighing weighing, long quota, List<Cursor> cursors) {
    return new GroupDraw(
        group,
        size.source(),
        weighing.deviation().byGroup().getOrDefault(group, 0.0),
        weighing.prior().of(group),
        weighing.weights().of(group),
        weighing.why().of(group),
        size.rows(),
        quota,
        cursors);
  }

  private CorpusPool pool(SparkSession spark) {
    var sources = sources();
    var pool =
        buckets
            .map(
                found ->
                    CorpusPool.byBucket(
                        spark, settings.corpus(), corpus, sources, settings.seed(), found))
            .orElseGet(
                () ->
                    CorpusPool.bySource(
                        spark, settings.corpus(), corpus, sources, settings.seed()));
    if (pool.sizes().isEmpty()) {
      pool.close();
      throw new InputException(
          "no training row of %s is mostly of a document that the loss reports know: run"
              + " perplexity with more rows",
          settings.corpus());
    }
    return pool;
  }

  private Weighing weighing(SortedMap<String, Long> tokens) {
    dense.requireSameRows(pruned);
    if (buckets.isEmpty()) {
      return Weighing.of(
          settings,
          prior(tokens),
          tokens,
          PerplexityDeviation.means(dense),
          PerplexityDeviation.means(pruned));
    }
    var groups = LossDeviation.of(dense, pruned).byBucket(buckets.orElseThrow(), Bootstrap.USUAL);
    return Weighing.of(
        settings,
        prior(tokens),
        tokens,
        groups.stream().collect(Collectors.toMap(Group::name, Group::dense)),
        groups.stream().collect(Collectors.toMap(Group::name, Group::pruned)));
  }

  /** Weights before this round: those of the last, or the starting ones. */
  private SamplingWeights prior(SortedMap<String, Long> tokens) {
    var known =
        previous.stream()
            .flatMap(before -> before.groups().stream())
            .collect(Collectors.toMap(GroupDraw::group, GroupDraw::weight));
    if (known.keySet().equals(tokens.keySet())) {
      return SamplingWeights.normalised(known);
    }
    return settings.start() == ResampleSettings.Start.UNIFORM
        ? SamplingWeights.uniform(tokens.keySet())
        : SamplingWeights.proportional(tokens);
  }

  /** Sources that may be drawn. */
  private List<String> sources() {
    var manifest = corpus.manifest();
    var names = settings.sources().isEmpty() ? manifest.sourceNames() : settings.sources();
    for (String name : names) {
      if (manifest.shards(name, Sequence.TRAIN).isEmpty()) {
        throw new InputException(
            "sources names %s, but %s has no training rows of it: its sources are %s",
            name, settings.corpus(), String.join(", ", manifest.sourceNames()));
      }
    }
    return names;
  }

  private TreeMap<String, List<Cursor>> cursors() {
    var cursors = new TreeMap<String, List<Cursor>>();
    previous.ifPresent(
        before -> before.groups().forEach(draw -> cursors.put(draw.group(), draw.cursors())));
    return cursors;
  }
}
