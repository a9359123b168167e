package io.lorashear.spark.pipeline;

import io.lorashear.checkpoint.OutputType;
import io.lorashear.evaluate.EvaluateSettings;
import io.lorashear.method.PruneSettings;
import io.lorashear.prune.AnalyzeSettings;
import io.lorashear.recover.RecoverSettings;
import io.lorashear.settings.Default;
import io.lorashear.settings.Problems;
import io.lorashear.spark.ingest.IngestSettings;
import io.lorashear.spark.perplexity.PerplexitySettings;
import io.lorashear.spark.resample.ResampleSettings;
import io.lorashear.spark.resample.ResampleSettings.Deviation;
import io.lorashear.spark.source.SourceSettings;
import io.lorashear.spark.tokenize.TokenizeSettings;
import java.nio.file.Path;
import java.util.List;

/**
 * The settings of every stage of the pipeline. Paths between stages need not be given: each follows
 * from {@code model} and {@code work}.
 *
 * @param model the dense model: a Hugging Face directory or a GGUF file
 * @param work folder of all results
 * @param instructions sources of instructions, for the second stage; the first stage has all others
 * @param rounds maximum number of rounds of the first stage
 * @param bucketRows training rows of every source that are scored if {@code resample.by} or {@code
 *     instructSubset.by} is bucket; only documents in them can then be drawn
 * @param teacherTop number of the dense model's likeliest tokens that are kept for each position of
 *     a round's subset, if {@code recover.distillation} or {@code instruct.distillation} has a
 *     weight
 * @param teacher the model that recovery learns from, if {@code recover.distillation} or {@code
 *     instruct.distillation} has a weight
 * @param ceiling whether the dense model is also given the recovery of the pruned one, on the same
 *     rows with the same settings, and measured: what recovery can be compared with on this text
 * @param profile whether the knowledge profile is measured even if pruning does not read it ({@code
 *     prune.profileAs: protect} with {@code prune.unprunable: 0})
 */
public record PipelineSettings(
    Path model,
    Path work,
    @Default("[alpaca]") List<String> instructions,
    @Default("2") int rounds,
    @Default("1024") int bucketRows,
    @Default("32") int teacherTop,
    @Default("dense") Teacher teacher,
    @Default("false") boolean ceiling,
    @Default("false") boolean profile,
    IngestSettings ingest,
    TokenizeSettings tokenize,
    AnalyzeSettings analyze,
    PruneSettings prune,
    PerplexitySettings perplexity,
    ResampleSettings resample,
    RecoverSettings recover,
    ResampleSettings instructSubset,
    RecoverSettings instruct,
    EvaluateSettings evaluate) {

  /** Models that can teach. */
  public enum Teacher {
    /** The dense model as it was. */
    DENSE,

    /**
     * The dense model after training on the same subset, which the ceiling is (teacher correction,
     * Minitron, arXiv 2408.11796, section 2).
     */
    CEILING
  }

  private static final String FRESH =
      "is set, but every round of a run begins with fresh pairs: take it out, or"
          + " start pruning from it by prune.lora.adapter";

  private static final String DRAWN =
      "is set, but a run draws what each stage learns from: take it out, or run recover by"
          + " itself";

  /** Reports what does not fit together. */
  public void check(Problems problems) {
    problems.require(rounds >= 1, "rounds", "is %d: give at least 1", rounds);
    problems.require(bucketRows >= 1, "bucketRows", "is %d: give at least 1", bucketRows);
    problems.require(teacherTop >= 1, "teacherTop", "is %d: give at least 1", teacherTop);
    var names = sourceNames();
    for (var name : instructions) {
      problems.require(
          names.contains(name),
          "instructions",
          "names %s, which is no source: there are %s",
          name,
          String.join(", ", names));
    }
    problems.require(
        !instructions.containsAll(names),
        "instructions",
        "names every source: the first stage needs one of plain text");
    problems.require(recover.lora().adapter().isEmpty(), "recover.lora.adapter", FRESH);
    problems.require(instruct.lora().adapter().isEmpty(), "instruct.lora.adapter", FRESH);
    problems.require(recover.subset().isEmpty(), "recover.subset", DRAWN);
    problems.require(instruct.subset().isEmpty(), "instruct.subset", DRAWN);
    problems.require(
        ceiling || teacher != Teacher.CEILING,
        "teacher",
        "is ceiling, but there is none: set ceiling to true, or teacher to dense");
    problems.require(
        teacher != Teacher.CEILING || taught(recover) || taught(instruct),
        "teacher",
        "is ceiling, but nothing is learnt from it: give recover.distillation.weight, for example"
            + " 0.7, or leave teacher out");
    checkDraw(problems, "resample", resample);
    checkDraw(problems, "instructSubset", instructSubset);
    StageSettings.of(this).check(problems);
  }

  private void checkDraw(Problems problems, String key, ResampleSettings draw) {
    problems.require(
        draw.filter().isEmpty(),
        key + ".filter",
        "is set, but its loss reports are about a corpus that the run makes: take it out, or run"
            + " resample by itself");
    problems.require(
        draw.deviation() == Deviation.LOSS || perplexity.keepTop() > 0,
        key + ".deviation",
        "is divergence, but the loss reports keep no predictions: set perplexity.keepTop, for"
            + " example 32");
  }

  /** Whether a stage of recovery also learns from another model. */
  static boolean taught(RecoverSettings stage) {
    return stage.distillation().weight() > 0;
  }

  /** The number type of the models that recovery writes. */
  OutputType outputType() {
    return recover.outputType() == OutputType.KEEP ? prune.outputType() : recover.outputType();
  }

  /** Whether the knowledge profile is measured. */
  boolean analyzes() {
    return profile || prune.readsProfile();
  }

  List<String> sourceNames() {
    return ingest.sources().stream().map(SourceSettings::label).toList();
  }

  /** Sources of plain text, which the first stage learns from. */
  List<String> texts() {
    return sourceNames().stream().filter(name -> !instructions.contains(name)).toList();
  }
}
