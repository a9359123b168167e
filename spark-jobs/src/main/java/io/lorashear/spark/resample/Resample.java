package io.lorashear.spark.resample;

import io.lorashear.InputException;
import io.lorashear.corpus.LossDeviation;
import io.lorashear.corpus.LossDeviation.Group;
import io.lorashear.corpus.LossReport;
import io.lorashear.corpus.Sequence;
import io.lorashear.corpus.SubsetManifest;
import io.lorashear.corpus.SubsetManifest.Cursor;
import io.lorashear.corpus.SubsetManifest.GroupDraw;
import io.lorashear.run.PublishedDirectory;
import io.lorashear.run.Stage;
import io.lorashear.spark.engine.Interpreted;
import io.lorashear.spark.resample.CorpusPool.Size;
import io.lorashear.spark.resample.Weighing.LastRound;
import io.lorashear.spark.resample.Weighing.Measured;
import io.lorashear.spark.select.PerplexityDeviation;
import io.lorashear.spark.select.SamplingWeights;
import io.lorashear.spark.select.SubsetSampler;
import io.lorashear.statistics.Bootstrap;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.apache.spark.sql.SparkSession;

/** Turns loss reports into weights and draws the next subset; publishes a manifest. */
public final class Resample {

  private final ResampleSettings settings;
  private final DrawInputs inputs;

  private Resample(ResampleSettings settings) {
    this.settings = settings;
    this.inputs = DrawInputs.read(settings);
  }

  /**
   * Publishes the subset, or returns the published one.
   *
   * @throws InputException if an input is missing or damaged, or they do not belong together
   */
  public static PublishedDirectory publish(
      SparkSession spark, ResampleSettings settings, boolean overwrite) {
    var resample = new Resample(settings);
    return resample
        .stage()
        .overwrite(overwrite)
        .run(
            output -> {
              resample.draw(spark).writeTo(output);
              resample.inputs.buckets().ifPresent(found -> found.writeTo(output));
            });
  }

  /**
   * The stage, after checking all of its inputs; does not run it.
   *
   * @throws InputException with all inputs that are missing or do not belong together
   */
  public static Stage ready(ResampleSettings settings) {
    return new Resample(settings).stage();
  }

  private Stage stage() {
    var stage = Stage.of("resample", settings.output(), settings, Resample.class);
    inputs.addTo(stage, settings);
    return stage;
  }

  private SubsetManifest draw(SparkSession spark) {
    try (var interpreted = Interpreted.where(spark, inputs.corpus().manifest());
        var pool = pool(interpreted.spark())) {
      var tokens = new TreeMap<String, Long>();
      pool.sizes().forEach((group, size) -> tokens.put(group, size.tokens()));
      var weighing = weighing(interpreted.spark(), tokens);
      int round = inputs.previous().map(before -> before.round() + 1).orElse(0);
      long rows = Math.max(1, settings.tokens() / inputs.corpus().manifest().sequenceLength());
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
          inputs.corpus().hash(),
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
        inputs
            .drawable()
            .map(
                found ->
                    CorpusPool.byDocument(
                        spark, settings.corpus(), inputs.corpus(), sources, settings.seed(), found))
            .orElseGet(
                () ->
                    CorpusPool.bySource(
                        spark, settings.corpus(), inputs.corpus(), sources, settings.seed()));
    if (pool.sizes().isEmpty()) {
      pool.close();
      throw new InputException(
          "no training row of %s is mostly of a document that the loss reports know: run"
              + " perplexity with more rows",
          settings.corpus());
    }
    return pool;
  }

  private Weighing weighing(SparkSession spark, SortedMap<String, Long> tokens) {
    inputs.dense().requireSameRows(inputs.pruned());
    var losses = losses(inputs.pruned());
    var deviation =
        settings.deviation() == ResampleSettings.Deviation.DIVERGENCE
            ? Divergence.bySource(spark, settings, inputs.corpus())
            : PerplexityDeviation.of(losses.dense(), losses.later());
    var measured = new Measured(deviation, losses.dense(), losses.later(), lastRound());
    return Weighing.of(settings, prior(tokens), tokens, measured);
  }

  /** Mean losses by group of the dense model and of a later one. */
  private record Losses(Map<String, Double> dense, Map<String, Double> later) {}

  private Losses losses(LossReport later) {
    if (inputs.buckets().isEmpty()) {
      return new Losses(
          PerplexityDeviation.means(inputs.dense()), PerplexityDeviation.means(later));
    }
    var groups =
        LossDeviation.of(inputs.dense(), later)
            .byBucket(inputs.buckets().orElseThrow(), Bootstrap.USUAL);
    return new Losses(
        groups.stream().collect(Collectors.toMap(Group::name, Group::dense)),
        groups.stream().collect(Collectors.toMap(Group::name, Group::pruned)));
  }

  private Optional<LastRound> lastRound() {
    return inputs
        .before()
        .map(
            report ->
                new LastRound(
                    losses(report).later(),
                    inputs.previous().orElseThrow().groups().stream()
                        .collect(Collectors.toMap(GroupDraw::group, GroupDraw::sequences))));
  }

  /** Weights before this round: those of the last, or the starting ones. */
  private SamplingWeights prior(SortedMap<String, Long> tokens) {
    var known =
        inputs.previous().stream()
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
    var manifest = inputs.corpus().manifest();
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
    inputs
        .previous()
        .ifPresent(
            before -> before.groups().forEach(draw -> cursors.put(draw.group(), draw.cursors())));
    return cursors;
  }
}
