package io.lorashear.spark.pipeline;

import io.lorashear.checkpoint.OutputType;
import io.lorashear.evaluate.EvaluateSettings;
import io.lorashear.recover.DistillationSettings;
import io.lorashear.recover.RecoverSettings;
import io.lorashear.recover.RecoverSettings.Kind;
import io.lorashear.settings.Problems;
import io.lorashear.spark.ingest.IngestSettings;
import io.lorashear.spark.perplexity.PerplexitySettings;
import io.lorashear.spark.perplexity.PerplexitySettings.Split;
import io.lorashear.spark.pipeline.PipelineSettings.Teacher;
import io.lorashear.spark.resample.ResampleSettings;
import io.lorashear.spark.resample.ResampleSettings.By;
import io.lorashear.spark.resample.ResampleSettings.Rule;
import io.lorashear.spark.tokenize.TokenizeSettings;
import io.lorashear.train.TrainSettings;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * The settings of each stage of a pipeline: those of the file, with the paths and values of one
 * round, model or teacher.
 */
record StageSettings(PipelineSettings line, WorkFolder work) {

  static StageSettings of(PipelineSettings line) {
    return new StageSettings(line, new WorkFolder(line.work()));
  }

  /** Checks the settings of every stage, as far as that is possible without results. */
  void check(Problems problems) {
    var any = line.work();
    problems.check(PipelineSettings::recover, recover(0, any, any));
    if (!line.instructions().isEmpty()) {
      problems.check(PipelineSettings::instruct, instruct(any, any));
    }
    for (var learner : List.of(line.recover(), line.instruct())) {
      if (learner.distillation().reported()) {
        problems.check(PipelineSettings::perplexity, teacher("any", any, learner));
      }
    }
    if (line.resample().by() == By.BUCKET || line.instructSubset().by() == By.BUCKET) {
      problems.check(PipelineSettings::perplexity, trainingLosses("any", any, line.sourceNames()));
    }
  }

  IngestSettings ingest(Path tokenizer) {
    return line.ingest().with(IngestSettings::tokenizer).as(tokenizer);
  }

  TokenizeSettings tokenize(Path tokenizer) {
    return line.tokenize().with(TokenizeSettings::tokenizer).as(tokenizer);
  }

  /** Settings for losses on validation rows, as the file says. */
  PerplexitySettings losses(String name, Path checkpoint) {
    return line.perplexity()
        .with(PerplexitySettings::checkpoint)
        .as(checkpoint)
        .with(PerplexitySettings::output)
        .as(work.losses(name));
  }

  /**
   * Settings for losses on training rows of some sources, by which documents are divided into
   * buckets.
   */
  PerplexitySettings trainingLosses(String name, Path checkpoint, List<String> sources) {
    return losses(name + "-train", checkpoint)
        .with(PerplexitySettings::split)
        .as(Split.TRAIN)
        .with(PerplexitySettings::sources)
        .as(sources)
        .with(PerplexitySettings::rows)
        .as(line.bucketRows());
  }

  /** Settings for losses on the instructions, which the second stage trains on. */
  PerplexitySettings responseLosses(String name, Path checkpoint) {
    return trainingLosses(name, checkpoint, line.instructions())
        .with(PerplexitySettings::responses)
        .as(line.instruct().stage() == Kind.INSTRUCT);
  }

  /** Settings for the dense model's predictions of a subset that {@code learner} trains on. */
  PerplexitySettings teacher(String name, Path subset, RecoverSettings learner) {
    return line.perplexity()
        .with(PerplexitySettings::subset)
        .as(Optional.of(subset))
        .with(PerplexitySettings::sources)
        .as(List.of())
        .with(PerplexitySettings::output)
        .as(work.teacher(name))
        .with(PerplexitySettings::tokens)
        .as(false)
        .with(PerplexitySettings::keepTop)
        .as(line.teacherTop())
        .with(PerplexitySettings::isolateDocuments)
        .as(learner.train().isolateDocuments());
  }

  /**
   * Settings of a draw.
   *
   * @param before losses of the model that the round before began with; read by one rule only
   */
  ResampleSettings subset(int round, Path dense, Path pruned, Path before) {
    var previous =
        round == 0 ? Optional.<Path>empty() : Optional.of(work.subset("round-" + (round - 1)));
    return line.resample()
        .with(ResampleSettings::dense)
        .as(dense)
        .with(ResampleSettings::pruned)
        .as(pruned)
        .with(ResampleSettings::output)
        .as(work.subset("round-" + round))
        .with(ResampleSettings::before)
        .as(
            line.resample().rule() == Rule.RECOVERED && round > 0
                ? Optional.of(before)
                : line.resample().before())
        .with(ResampleSettings::previous)
        .as(previous.or(line.resample()::previous));
  }

  ResampleSettings instructionSubset(Path dense, Path pruned) {
    return line.instructSubset()
        .with(ResampleSettings::dense)
        .as(dense)
        .with(ResampleSettings::pruned)
        .as(pruned);
  }

  /** Settings of one round; all rounds share one learning-rate schedule. */
  RecoverSettings recover(int round, Path checkpoint, Path subset) {
    var train = line.recover().train();
    double share = (train.to() - train.from()) / line.rounds();
    var part =
        train
            .with(TrainSettings::from)
            .as(train.from() + round * share)
            .with(TrainSettings::to)
            .as(Math.min(train.to(), train.from() + (round + 1) * share));
    return learner(line.recover(), "round-" + round, checkpoint, subset)
        .with(RecoverSettings::train)
        .as(part)
        .with(RecoverSettings::output)
        .as(work.recovered("round-" + round));
  }

  RecoverSettings instruct(Path checkpoint, Path subset) {
    return learner(line.instruct(), "instruct", checkpoint, subset);
  }

  /**
   * The same stage of recovery for the ceiling. Where the pruned model's number type is kept, that
   * is the type of what pruning writes. Where the ceiling teaches, it learns from nobody.
   */
  RecoverSettings ceiling(RecoverSettings stage, String name) {
    boolean first = stage.checkpoint().equals(line.model());
    return stage
        .with(RecoverSettings::outputType)
        .as(
            first && stage.outputType() == OutputType.KEEP
                ? line.prune().outputType()
                : stage.outputType())
        .with(RecoverSettings::distillation)
        .as(line.teacher() == Teacher.CEILING ? DistillationSettings.NONE : stage.distillation())
        .with(RecoverSettings::output)
        .as(work.ceiling(name));
  }

  /** The same stage of recovery, learning from the model {@code teacher}. */
  RecoverSettings taught(RecoverSettings stage, Path teacher) {
    return stage
        .with(RecoverSettings::distillation)
        .as(stage.distillation().with(DistillationSettings::checkpoint).as(Optional.of(teacher)));
  }

  private RecoverSettings learner(
      RecoverSettings stage, String name, Path checkpoint, Path subset) {
    var distillation = stage.distillation();
    return stage
        .with(RecoverSettings::checkpoint)
        .as(checkpoint)
        .with(RecoverSettings::subset)
        .as(Optional.of(subset))
        .with(RecoverSettings::distillation)
        .as(
            distillation.reported()
                ? distillation
                    .with(DistillationSettings::teacher)
                    .as(Optional.of(work.teacher(name)))
                : distillation);
  }

  EvaluateSettings evaluate(String name, Path checkpoint) {
    return line.evaluate()
        .with(EvaluateSettings::checkpoint)
        .as(checkpoint)
        .with(EvaluateSettings::output)
        .as(work.evaluation(name));
  }
}
