package io.lorashear.spark.pipeline;

import ai.djl.Device;
import io.lorashear.evaluate.EvaluateSettings;
import io.lorashear.evaluate.EvaluateStage;
import io.lorashear.method.PruneSettings;
import io.lorashear.prune.AnalyzeSettings;
import io.lorashear.prune.AnalyzeStage;
import io.lorashear.prune.PruneStage;
import io.lorashear.recover.RecoverSettings;
import io.lorashear.recover.RecoverStage;
import io.lorashear.run.Progress;
import io.lorashear.run.PublishedDirectory;
import io.lorashear.spark.ingest.Ingest;
import io.lorashear.spark.ingest.IngestSettings;
import io.lorashear.spark.perplexity.Perplexity;
import io.lorashear.spark.perplexity.PerplexitySettings;
import io.lorashear.spark.resample.Resample;
import io.lorashear.spark.resample.ResampleSettings;
import io.lorashear.spark.tokenize.Tokenize;
import io.lorashear.spark.tokenize.TokenizeSettings;
import java.nio.file.Path;
import org.apache.spark.sql.SparkSession;

/** Runs a stage, or returns its published result; the type of the settings determines the stage. */
public final class Stages {
  private final SparkSession spark;
  private final Device device;
  private final Progress progress;
  private final boolean overwrite;
  private final StageRuns runs;

  /**
   * The stages; does not run anything yet.
   *
   * @param overwrite whether results of other inputs, settings or code may be replaced
   * @param runs reports and records each stage
   */
  public Stages(
      SparkSession spark, Device device, Progress progress, boolean overwrite, StageRuns runs) {
    this.spark = spark;
    this.device = device;
    this.progress = progress;
    this.overwrite = overwrite;
    this.runs = runs;
  }

  /** Raw corpora to documents. */
  public PublishedDirectory stage(String name, IngestSettings settings) {
    return runs.run(
        name,
        () -> {
          Ingest.run(spark, settings, overwrite);
          return PublishedDirectory.open(settings.output());
        });
  }

  /** Documents to sequences. */
  public PublishedDirectory stage(String name, TokenizeSettings settings) {
    return runs.run(name, () -> Tokenize.publish(spark, settings, overwrite));
  }

  /** The knowledge profile. */
  public PublishedDirectory stage(String name, AnalyzeSettings settings) {
    return runs.run(
        name, () -> AnalyzeStage.run(settings, overwrite, device, progress, runs.out()));
  }

  /** Says that a stage is left out, because no other stage reads its result. */
  void unread(String name) {
    runs.unread(name);
  }

  /** The smaller model. */
  public PublishedDirectory stage(String name, PruneSettings settings) {
    return runs.run(name, () -> PruneStage.run(settings, overwrite, device, progress));
  }

  /** Losses by source, or a teacher. */
  public PublishedDirectory stage(String name, PerplexitySettings settings) {
    return runs.run(name, () -> Perplexity.publish(spark, settings, overwrite));
  }

  /** The subset of a round. */
  public PublishedDirectory stage(String name, ResampleSettings settings) {
    return runs.run(name, () -> Resample.publish(spark, settings, overwrite));
  }

  /** The model trained on it. */
  public PublishedDirectory stage(String name, RecoverSettings settings) {
    return runs.run(name, () -> RecoverStage.run(settings, overwrite, device, progress));
  }

  /** Answers to questions. */
  public PublishedDirectory stage(String name, EvaluateSettings settings) {
    return runs.run(name, () -> EvaluateStage.run(settings, device, overwrite, progress));
  }

  /** A published stage that must not run again, even if its inputs have changed. */
  public PublishedDirectory done(String name, Path output) {
    return runs.run(name, () -> PublishedDirectory.open(output));
  }
}
