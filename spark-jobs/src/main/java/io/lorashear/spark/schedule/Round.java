package io.lorashear.spark.schedule;

import ai.djl.Device;
import io.lorashear.checkpoint.Checkpoint;
import io.lorashear.metrics.RunMetrics;
import io.lorashear.recover.RecoverSettings;
import io.lorashear.run.DiskSpace;
import io.lorashear.run.Progress;
import io.lorashear.run.Publication;
import io.lorashear.run.PublishedDirectory;
import io.lorashear.run.Refusals;
import io.lorashear.spark.ingest.IngestSettings;
import io.lorashear.spark.ingest.PublishedDocuments;
import io.lorashear.spark.perplexity.PerplexitySettings;
import io.lorashear.spark.pipeline.StageRuns;
import io.lorashear.spark.pipeline.Stages;
import io.lorashear.spark.resample.ResampleSettings;
import io.lorashear.spark.resample.ResampleSettings.Rule;
import io.lorashear.spark.tokenize.TokenizeSettings;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.apache.spark.sql.SparkSession;

/**
 * One round of a schedule.
 *
 * <pre>
 *   new raw files → documents → corpus, grown by them           (without any: the corpus stays)
 *   losses of the dense and of the current model
 *   subset ← resample over all of the corpus, from where the last round stopped
 *   model ← recover the current one on it
 * </pre>
 *
 * A published stage does not run again. New raw files are read until the corpus is published; files
 * that arrive later belong to the next round.
 */
public final class Round {
  private static final String COMMAND = "schedule";

  private final ScheduleSettings settings;
  private final Consumer<String> out;
  private final RunMetrics metrics;
  private final Stages stages;

  /**
   * A round; does not run anything yet.
   *
   * @param out receives a line for each finished stage
   */
  public Round(
      SparkSession spark,
      ScheduleFile file,
      Device device,
      Progress progress,
      Consumer<String> out) {
    this.settings = file.load();
    this.out = out;
    this.metrics = new RunMetrics(settings.work(), COMMAND);
    var runs = new StageRuns(COMMAND, file.given(settings), metrics, out);
    this.stages = new Stages(spark, device, progress, true, runs);
  }

  /** The folder in which a round publishes. */
  static Path folder(Path work, int round) {
    return work.resolve("rounds").resolve("%06d".formatted(round));
  }

  /** Runs the missing stages; returns the published folders, by kind. */
  public SortedMap<String, PublishedDirectory> run(State state) {
    check(settings, state);
    return metrics.all(() -> all(state));
  }

  private SortedMap<String, PublishedDirectory> all(State state) {
    var folder = folder(settings.work(), state.round());
    var outputs = new TreeMap<String, PublishedDirectory>();
    var tokenizer = Checkpoint.tokenizerOf(settings.model());
    outputs.put(State.DOCUMENTS, documents(folder, state, tokenizer));
    var corpus = corpus(folder, state, tokenizer, outputs);
    var dense = losses("dense", settings.model(), corpus, corpus.resolveSibling("losses-dense"));
    var current = losses("current", state.model(), corpus, folder.resolve("losses-current"));
    var subset = subset(folder, state, corpus, dense, current);
    outputs.put(State.SUBSET, subset);
    if (settings.recovery()) {
      outputs.put(State.MODEL, recovered(folder, state, corpus, subset));
    }
    return outputs;
  }

  /**
   * Checks before the first stage the models that later stages need.
   *
   * @throws io.lorashear.InputException if one is missing or damaged, or if there is too little
   *     disk space
   */
  static void check(ScheduleSettings settings, State state) {
    Refusals.together(
        () -> Checkpoint.open(settings.model()).close(),
        () -> checkCurrent(settings, state),
        () -> Publication.check(folder(settings.work(), state.round()).resolve("subset")));
  }

  private static void checkCurrent(ScheduleSettings settings, State state) {
    try (var current = Checkpoint.open(state.model())) {
      long bytes =
          settings.recovery() ? settings.recover().outputType().bytes(current.tensors()) : 0;
      DiskSpace.require(settings.work(), Math.max(1, bytes), "a round");
    }
  }

  private PublishedDirectory documents(Path folder, State state, Path tokenizer) {
    var target = folder.resolve("documents");
    if (settled(folder)) {
      return stages.done("ingest", target);
    }
    var placed =
        settings
            .ingest()
            .with(IngestSettings::tokenizer)
            .as(tokenizer)
            .with(IngestSettings::output)
            .as(target)
            .with(IngestSettings::earlier)
            .as(state.documents());
    return stages.stage("ingest", placed);
  }

  /** Whether the round's documents are final, so that new raw files belong to the next round. */
  private static boolean settled(Path folder) {
    return published(folder.resolve("documents"))
        && (published(folder.resolve("corpus"))
            || PublishedDocuments.open(folder.resolve("documents")).isEmpty());
  }

  static boolean published(Path folder) {
    return Files.isRegularFile(folder.resolve(Publication.MANIFEST));
  }

  private Path corpus(
      Path folder, State state, Path tokenizer, SortedMap<String, PublishedDirectory> outputs) {
    var documents = folder.resolve("documents");
    if (state.corpus().isPresent() && PublishedDocuments.open(documents).isEmpty()) {
      out.accept("no new text: the corpus stays");
      return state.corpus().get();
    }
    var placed =
        settings
            .tokenize()
            .with(TokenizeSettings::documents)
            .as(documents)
            .with(TokenizeSettings::tokenizer)
            .as(tokenizer)
            .with(TokenizeSettings::output)
            .as(folder.resolve("corpus"))
            .with(TokenizeSettings::grows)
            .as(state.corpus())
            .with(TokenizeSettings::earlier)
            .as(state.documents());
    outputs.put(State.CORPUS, stages.stage("tokenize", placed));
    return placed.output();
  }

  private Path losses(String name, Path checkpoint, Path corpus, Path output) {
    var placed =
        settings
            .perplexity()
            .with(PerplexitySettings::corpus)
            .as(corpus)
            .with(PerplexitySettings::checkpoint)
            .as(checkpoint)
            .with(PerplexitySettings::output)
            .as(output);
    stages.stage("perplexity of " + name, placed);
    return output;
  }

  /**
   * Losses of the model that the round before began with, if the rule reads them: on the corpus of
   * this round, because validation rows may have been added.
   */
  private Optional<Path> before(Path folder, State state, Path corpus) {
    return settings.resample().rule() == Rule.RECOVERED && state.subset().isPresent()
        ? Optional.of(losses("before", state.before(), corpus, folder.resolve("losses-before")))
        : Optional.empty();
  }

  private PublishedDirectory subset(
      Path folder, State state, Path corpus, Path dense, Path current) {
    var placed =
        settings
            .resample()
            .with(ResampleSettings::corpus)
            .as(corpus)
            .with(ResampleSettings::dense)
            .as(dense)
            .with(ResampleSettings::pruned)
            .as(current)
            .with(ResampleSettings::before)
            .as(before(folder, state, corpus))
            .with(ResampleSettings::output)
            .as(folder.resolve("subset"))
            .with(ResampleSettings::previous)
            .as(state.subset());
    return stages.stage("resample", placed);
  }

  private PublishedDirectory recovered(
      Path folder, State state, Path corpus, PublishedDirectory subset) {
    var placed =
        settings
            .recover()
            .with(RecoverSettings::checkpoint)
            .as(state.model())
            .with(RecoverSettings::corpus)
            .as(corpus)
            .with(RecoverSettings::subset)
            .as(Optional.of(subset.directory()))
            .with(RecoverSettings::output)
            .as(folder.resolve("model"));
    return stages.stage("recover", placed);
  }
}
