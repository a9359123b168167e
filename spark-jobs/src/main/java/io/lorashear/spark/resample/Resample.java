package io.lorashear.spark.resample;

import io.lorashear.InputException;
import io.lorashear.corpus.CorpusManifest;
import io.lorashear.corpus.LossReport;
import io.lorashear.corpus.Sequence;
import io.lorashear.corpus.SequenceReader;
import io.lorashear.corpus.Shard;
import io.lorashear.corpus.SubsetManifest;
import io.lorashear.corpus.SubsetManifest.SourceDraw;
import io.lorashear.run.ContentHash;
import io.lorashear.run.PublishedDirectory;
import io.lorashear.run.Stage;
import io.lorashear.spark.select.PerplexityDeviation;
import io.lorashear.spark.select.SamplingWeights;
import io.lorashear.spark.select.SubsetSampler;
import io.lorashear.spark.select.SubsetSampler.Cursor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
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

  private Resample(ResampleSettings settings) {
    this.settings = settings;
    this.corpus = SequenceReader.open(settings.corpus());
    this.dense = LossReport.read(settings.dense());
    this.pruned = LossReport.read(settings.pruned());
    this.previous = settings.previous().map(SubsetManifest::read);
  }

  /**
   * Publishes the subset, or finds it published.
   *
   * @throws InputException if an input is missing or damaged, or they do not belong together
   */
  public static PublishedDirectory publish(
      SparkSession spark, ResampleSettings settings, boolean overwrite) {
    var resample = new Resample(settings);
    resample.requireSameCorpus();
    var stage =
        Stage.of("resample", settings.output(), settings, Resample.class)
            .parent("corpus", resample.corpus.hash())
            .parent("dense", ContentHash.of(settings.dense()))
            .parent("pruned", ContentHash.of(settings.pruned()))
            .overwrite(overwrite);
    settings.previous().ifPresent(path -> stage.parent("previous", ContentHash.of(path)));
    return stage.run(output -> resample.draw(spark).writeTo(output));
  }

  private void requireSameCorpus() {
    require("the loss report " + settings.dense(), dense.corpus());
    require("the loss report " + settings.pruned(), pruned.corpus());
    previous.ifPresent(
        before -> {
          require("the subset " + settings.previous().orElseThrow(), before.corpus());
          if (before.seed() != settings.seed()) {
            throw new InputException(
                "seed is %d, but the round before was drawn with %d: sequences would come twice;"
                    + " keep the seed",
                settings.seed(), before.seed());
          }
        });
  }

  private void require(String what, String hash) {
    if (!hash.equals(corpus.hash())) {
      throw new InputException(
          "%s is about another corpus than %s: make it again from this corpus",
          what, settings.corpus());
    }
  }

  private SubsetManifest draw(SparkSession spark) {
    var deviation = PerplexityDeviation.of(dense, pruned);
    var prior = prior();
    var weights =
        settings.rule() == ResampleSettings.Rule.ADAPTIVE
            ? prior.adapted(deviation, settings.eta(), settings.floor())
            : prior;
    int round = previous.map(before -> before.round() + 1).orElse(0);
    long rows = Math.max(1, settings.tokens() / corpus.manifest().sequenceLength());
    var quotas = weights.quotas(rows);
    var pool = new CorpusPool(spark, settings.corpus(), corpus, settings.seed());
    var drawn = new SubsetSampler(pool).draw(quotas, cursors(), round);
    List<SourceDraw> sources = new ArrayList<>();
    quotas.forEach(
        (name, quota) -> {
          double delta = deviation.bySource().getOrDefault(name, 0.0);
          var cursor = drawn.cursors().getOrDefault(name, Cursor.START);
          sources.add(
              new SourceDraw(
                  name,
                  delta,
                  prior.of(name),
                  weights.of(name),
                  quota,
                  cursor.pass(),
                  cursor.after()));
        });
    return new SubsetManifest(
        corpus.hash(),
        Sequence.TRAIN,
        settings.seed(),
        round,
        settings.tokens(),
        sources,
        drawn.drawn());
  }

  /** Weights before this round: those of the last, or the starting ones. */
  private SamplingWeights prior() {
    var known =
        previous.stream()
            .flatMap(before -> before.sources().stream())
            .collect(Collectors.toMap(SourceDraw::source, SourceDraw::weight));
    if (known.keySet().equals(sizes().keySet())) {
      return SamplingWeights.normalised(known);
    }
    return settings.start() == ResampleSettings.Start.UNIFORM
        ? SamplingWeights.uniform(sizes().keySet())
        : SamplingWeights.proportional(sizes());
  }

  /** Training tokens of the sources that may be drawn. */
  private Map<String, Long> sizes() {
    CorpusManifest manifest = corpus.manifest();
    var names = settings.sources().isEmpty() ? manifest.sourceNames() : settings.sources();
    var sizes = new TreeMap<String, Long>();
    for (String name : names) {
      var shards = manifest.shards(name, Sequence.TRAIN);
      if (shards.isEmpty()) {
        throw new InputException(
            "sources names %s, but %s has no training rows of it: its sources are %s",
            name, settings.corpus(), String.join(", ", manifest.sourceNames()));
      }
      sizes.put(name, shards.stream().mapToLong(Shard::tokens).sum());
    }
    return sizes;
  }

  private Map<String, Cursor> cursors() {
    return previous.stream()
        .flatMap(before -> before.sources().stream())
        .collect(Collectors.toMap(SourceDraw::source, Cursor::of));
  }
}
