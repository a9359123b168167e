package io.lorashear.spark.resample;

import io.lorashear.InputException;
import io.lorashear.corpus.DocumentBuckets;
import io.lorashear.corpus.LossDeviation;
import io.lorashear.corpus.LossReport;
import io.lorashear.corpus.Sequence;
import io.lorashear.corpus.SequenceReader;
import io.lorashear.corpus.SubsetManifest;
import io.lorashear.corpus.TeacherReader;
import io.lorashear.run.ContentHash;
import io.lorashear.run.PublishedDirectory;
import io.lorashear.run.Refusals;
import io.lorashear.run.Stage;
import io.lorashear.spark.select.ConditionalLossReduction;
import java.nio.file.Path;
import java.util.Optional;

/**
 * What a draw reads, checked to belong together.
 *
 * @param before losses of the model that the round before began with
 * @param previous the round before
 * @param buckets with {@code by: bucket}: those of the round before, or new ones
 * @param kept with {@code filter}: the documents that may be drawn
 */
record DrawInputs(
    SequenceReader corpus,
    LossReport dense,
    LossReport pruned,
    Optional<LossReport> before,
    Optional<SubsetManifest> previous,
    Optional<DocumentBuckets> buckets,
    Optional<DocumentBuckets> kept) {

  /**
   * Reads everything.
   *
   * @throws InputException with all inputs that are missing or damaged, or if they do not belong
   *     together
   */
  static DrawInputs read(ResampleSettings settings) {
    Refusals.together(
        () -> SequenceReader.open(settings.corpus()),
        () -> LossReport.read(settings.dense()),
        () -> LossReport.read(settings.pruned()),
        () -> settings.before().ifPresent(LossReport::read),
        () -> checkPredictions(settings),
        () -> settings.previous().ifPresent(SubsetManifest::read),
        () -> settings.filter().ifPresent(filter -> LossReport.read(filter.prior())),
        () -> settings.filter().ifPresent(filter -> LossReport.read(filter.conditional())));
    var corpus = SequenceReader.open(settings.corpus());
    var dense = LossReport.read(settings.dense());
    var pruned = LossReport.read(settings.pruned());
    requireCorpus(settings, corpus, "the loss report " + settings.dense(), dense.corpus());
    requireCorpus(settings, corpus, "the loss report " + settings.pruned(), pruned.corpus());
    var before = settings.before().map(LossReport::read);
    before.ifPresent(dense::requireSameRows);
    var previous = settings.previous().map(SubsetManifest::read);
    previous.ifPresent(round -> requireSameDraw(settings, corpus, round));
    return new DrawInputs(
        corpus,
        dense,
        pruned,
        before,
        previous,
        buckets(settings, dense, pruned),
        settings.filter().map(filter -> kept(settings, corpus, filter)));
  }

  private static void checkPredictions(ResampleSettings settings) {
    if (settings.deviation() == ResampleSettings.Deviation.DIVERGENCE) {
      Refusals.together(
          () -> TeacherReader.open(settings.dense()), () -> TeacherReader.open(settings.pruned()));
    }
  }

  private static void requireCorpus(
      ResampleSettings settings, SequenceReader corpus, String what, String hash) {
    if (!hash.equals(corpus.hash())) {
      throw new InputException(
          "%s is about another corpus than %s: make it again from this corpus",
          what, settings.corpus());
    }
  }

  private static void requireTraining(String setting, Path path, LossReport report) {
    if (!(report.split() + ",").startsWith(Sequence.TRAIN + ",")) {
      throw new InputException(
          "%s, but the loss report %s is about %s rows: run perplexity with split: train for both"
              + " models",
          setting, path, report.split());
    }
  }

  /** Refuses a change of the corpus, the seed or the groups between rounds. */
  private static void requireSameDraw(
      ResampleSettings settings, SequenceReader corpus, SubsetManifest before) {
    var path = settings.previous().orElseThrow();
    if (!corpus.manifest().earlier().contains(before.corpus())) {
      requireCorpus(settings, corpus, "the subset " + path, before.corpus());
    }
    if (before.seed() != settings.seed()) {
      throw new InputException(
          "seed is %d, but the round before was drawn with %d: sequences would come twice;"
              + " keep the seed",
          settings.seed(), before.seed());
    }
    boolean byBucket = DocumentBuckets.in(PublishedDirectory.open(path)).isPresent();
    if (byBucket != (settings.by() == ResampleSettings.By.BUCKET)) {
      throw new InputException(
          "by is %s, but the round before, %s, was drawn by %s: sequences would come twice; keep"
              + " by",
          byBucket ? "source" : "bucket", path, byBucket ? "bucket" : "source");
    }
  }

  private static Optional<DocumentBuckets> buckets(
      ResampleSettings settings, LossReport dense, LossReport pruned) {
    if (settings.by() != ResampleSettings.By.BUCKET) {
      return Optional.empty();
    }
    requireTraining("by is bucket", settings.pruned(), pruned);
    var earlier =
        settings.previous().flatMap(path -> DocumentBuckets.in(PublishedDirectory.open(path)));
    return earlier.or(
        () -> Optional.of(LossDeviation.of(dense, pruned).buckets(settings.buckets())));
  }

  private static DocumentBuckets kept(
      ResampleSettings settings, SequenceReader corpus, FilterSettings filter) {
    var prior = LossReport.read(filter.prior());
    requireTraining("filter is given", filter.prior(), prior);
    requireCorpus(settings, corpus, "the loss report " + filter.prior(), prior.corpus());
    var conditional = LossReport.read(filter.conditional());
    return ConditionalLossReduction.of(prior, conditional).kept(filter.keep());
  }

  /** The documents whose rows can be drawn, with their groups; empty if all rows can be. */
  Optional<DocumentBuckets> drawable() {
    if (buckets.isEmpty() || kept.isEmpty()) {
      return buckets.or(() -> kept);
    }
    return Optional.of(buckets.orElseThrow().among(kept.orElseThrow()));
  }

  /** Names all of this as parents of a stage. */
  void addTo(Stage stage, ResampleSettings settings) {
    stage
        .parent("corpus", corpus.hash())
        .parent("dense", ContentHash.of(settings.dense()))
        .parent("pruned", ContentHash.of(settings.pruned()));
    settings.before().ifPresent(path -> stage.parent("before", ContentHash.of(path)));
    settings.previous().ifPresent(path -> stage.parent("previous", ContentHash.of(path)));
    settings
        .filter()
        .ifPresent(
            filter ->
                stage
                    .parent("prior", ContentHash.of(filter.prior()))
                    .parent("conditional", ContentHash.of(filter.conditional())));
  }
}
