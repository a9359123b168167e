package io.lorashear.spark.pipeline;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lorashear.evaluate.EvaluateSettings;
import io.lorashear.method.PruneSettings;
import io.lorashear.prune.AnalyzeSettings;
import io.lorashear.recover.DistillationSettings;
import io.lorashear.recover.RecoverSettings;
import io.lorashear.settings.Key;
import io.lorashear.settings.Overrides;
import io.lorashear.settings.Settings;
import io.lorashear.spark.ingest.IngestSettings;
import io.lorashear.spark.perplexity.PerplexitySettings;
import io.lorashear.spark.pipeline.PipelineSettings.Teacher;
import io.lorashear.spark.resample.ResampleSettings;
import io.lorashear.spark.tokenize.TokenizeSettings;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A settings file of the pipeline. Paths between stages override the file, which must not give
 * them.
 */
public final class PipelineFile {
  private static final Key<ResampleSettings> TEXTS = Key.of(PipelineSettings::resample);
  private static final Key<ResampleSettings> INSTRUCTIONS =
      Key.of(PipelineSettings::instructSubset);
  private static final Key<RecoverSettings> RECOVER = Key.of(PipelineSettings::recover);
  private static final Key<RecoverSettings> INSTRUCT = Key.of(PipelineSettings::instruct);

  private final Path yaml;
  private final Overrides overrides;

  /**
   * A settings file; does not read it yet.
   *
   * @param overrides settings that take precedence over the file
   */
  public PipelineFile(Path yaml, Overrides overrides) {
    this.yaml = yaml;
    this.overrides = overrides;
  }

  /**
   * The settings; all mistakes are reported at once.
   *
   * @throws io.lorashear.InputException if there are mistakes
   */
  public PipelineSettings load() {
    var unplaced = new WorkFolder(Path.of("work"));
    var unread = paths(Path.of("model"), unplaced, Optional.of(unplaced.profile()));
    unread.add(predictions(RECOVER, unplaced.teacher("recover")));
    unread.add(predictions(INSTRUCT, unplaced.teacher("instruct")));
    return read(fixed(read(unread)));
  }

  /** The settings in the form of a file, without those that follow from others. */
  public ObjectNode given(PipelineSettings loaded) {
    return Settings.json(loaded, fixed(loaded));
  }

  private PipelineSettings read(List<String> fixed) {
    return Settings.load(PipelineSettings.class, yaml, overrides.and(Overrides.fixed(fixed)));
  }

  /** The settings that follow from others, including the paths of teachers that are used. */
  private static List<String> fixed(PipelineSettings known) {
    var work = new WorkFolder(known.work());
    var read = known.prune().readsProfile() ? Optional.of(work.profile()) : Optional.<Path>empty();
    var all = paths(known.model(), work, read);
    teacher(known, known.recover(), RECOVER, "recover").forEach(all::add);
    teacher(known, known.instruct(), INSTRUCT, "instruct").forEach(all::add);
    all.add(TEXTS.then(ResampleSettings::sources).is(known.texts()));
    all.add(INSTRUCTIONS.then(ResampleSettings::sources).is(known.instructions()));
    return all;
  }

  /** The teacher of a stage that learns from one, unless the file names a model of its own. */
  private static List<String> teacher(
      PipelineSettings known, RecoverSettings learner, Key<RecoverSettings> stage, String name) {
    var work = new WorkFolder(known.work());
    if (PipelineSettings.taught(learner) && known.teacher() == Teacher.CEILING) {
      var distillation = stage.then(RecoverSettings::distillation);
      var model = Optional.of(work.ceiling(name));
      return List.of(
          distillation.then(DistillationSettings::checkpoint).is(model),
          distillation.then(DistillationSettings::top).is(known.teacherTop()));
    }
    return learner.distillation().reported()
        ? List.of(predictions(stage, work.teacher(name)))
        : List.of();
  }

  private static String predictions(Key<RecoverSettings> stage, Path output) {
    return stage
        .then(RecoverSettings::distillation)
        .then(DistillationSettings::teacher)
        .is(Optional.of(output));
  }

  private static List<String> paths(Path model, WorkFolder work, Optional<Path> profile) {
    var ingest = Key.of(PipelineSettings::ingest);
    var tokenize = Key.of(PipelineSettings::tokenize);
    var analyze = Key.of(PipelineSettings::analyze);
    var prune = Key.of(PipelineSettings::prune);
    var perplexity = Key.of(PipelineSettings::perplexity);
    var evaluate = Key.of(PipelineSettings::evaluate);
    var all =
        new ArrayList<>(
            List.of(
                ingest.then(IngestSettings::tokenizer).is(model),
                ingest.then(IngestSettings::output).is(work.documents()),
                tokenize.then(TokenizeSettings::documents).is(work.documents()),
                tokenize.then(TokenizeSettings::tokenizer).is(model),
                tokenize.then(TokenizeSettings::output).is(work.corpus()),
                analyze.then(AnalyzeSettings::checkpoint).is(model),
                analyze.then(AnalyzeSettings::corpus).is(work.corpus()),
                analyze.then(AnalyzeSettings::output).is(work.profile()),
                prune.then(PruneSettings::checkpoint).is(model),
                prune.then(PruneSettings::corpus).is(work.corpus()),
                prune.then(PruneSettings::profile).is(profile),
                prune.then(PruneSettings::output).is(work.pruned()),
                perplexity.then(PerplexitySettings::corpus).is(work.corpus()),
                perplexity.then(PerplexitySettings::checkpoint).is(model),
                perplexity.then(PerplexitySettings::output).is(work.losses("dense")),
                INSTRUCT.then(RecoverSettings::stage).is(RecoverSettings.Kind.INSTRUCT),
                evaluate.then(EvaluateSettings::checkpoint).is(model),
                evaluate.then(EvaluateSettings::output).is(work.evaluation("dense"))));
    all.addAll(drawn(TEXTS, work, work.subset("resample")));
    all.addAll(drawn(INSTRUCTIONS, work, work.subset("instructSubset")));
    all.addAll(recovered(RECOVER, work, work.recovered("recover")));
    all.addAll(recovered(INSTRUCT, work, work.recovered("instruct")));
    return all;
  }

  private static List<String> drawn(Key<ResampleSettings> stage, WorkFolder work, Path output) {
    return List.of(
        stage.then(ResampleSettings::corpus).is(work.corpus()),
        stage.then(ResampleSettings::dense).is(work.losses("dense")),
        stage.then(ResampleSettings::pruned).is(work.losses("pruned")),
        stage.then(ResampleSettings::output).is(output));
  }

  private static List<String> recovered(Key<RecoverSettings> stage, WorkFolder work, Path output) {
    return List.of(
        stage.then(RecoverSettings::checkpoint).is(work.pruned()),
        stage.then(RecoverSettings::corpus).is(work.corpus()),
        stage.then(RecoverSettings::output).is(output));
  }
}
