package io.lorashear.prune;

import ai.djl.Device;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lorashear.InputException;
import io.lorashear.checkpoint.Checkpoint;
import io.lorashear.checkpoint.JsonFile;
import io.lorashear.checkpoint.TensorSource;
import io.lorashear.compensate.CompensationSettings;
import io.lorashear.compress.WidthPlan;
import io.lorashear.corpus.Sequence;
import io.lorashear.corpus.SequenceReader;
import io.lorashear.dependency.PruningSpace;
import io.lorashear.family.ModelConfig;
import io.lorashear.graph.ModelGraph;
import io.lorashear.method.PruneSettings;
import io.lorashear.method.PruningMethod;
import io.lorashear.policy.Limits;
import io.lorashear.run.Progress;
import io.lorashear.train.Draw;
import io.lorashear.vocabulary.CutModel;
import io.lorashear.vocabulary.CutVocabulary;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * The model whose heads and channels are pruned: the dense one, or what it is without its rarest
 * tokens.
 *
 * @param companions its tokenizer and generation files
 * @param settings with the ratio that is left to prune, of the parameters that are left
 * @param calibration rows in the model's ids
 * @param whole whether nothing is left to prune
 * @param vocabulary what went of the vocabulary, if tokens were removed
 */
record Body(
    CutModel model,
    List<Path> companions,
    PruneSettings settings,
    Limits limits,
    List<Sequence> calibration,
    boolean whole,
    Optional<ObjectNode> vocabulary) {

  /**
   * Removes the tokens, if the settings ask for it.
   *
   * @throws io.lorashear.InputException if the model or the corpus does not allow it, or if the
   *     limits make the ratio unreachable
   */
  static Body of(PruneSettings settings, Checkpoint checkpoint, Path scratch) {
    var rows =
        Draw.text(settings.corpus(), checkpoint)
            .uniform(Sequence.TRAIN, settings.rows(), settings.seed());
    if (!settings.vocabulary().enabled()) {
      var model = new CutModel(checkpoint.config(), checkpoint.graph(), checkpoint.tensors());
      return new Body(
          model,
          checkpoint.companions(),
          settings,
          limits(settings, model),
          rows,
          false,
          Optional.empty());
    }
    var cut =
        CutVocabulary.of(
            checkpoint,
            SequenceReader.open(settings.corpus()),
            settings.vocabulary(),
            settings.ratio(),
            scratch.resolve("vocabulary"));
    var model = cut.model();
    long remove = Math.round(settings.ratio() * checkpoint.graph().parameterCount());
    long left = remove - cut.parameters();
    boolean whole = left == 0 || cut.full();
    var body = whole ? left(settings) : settings.ofBody((double) left / total(model));
    var after = rows.stream().map(cut.map()::after).toList();
    var report = cut.report().put("calibrationTokensLeftOut", cut.map().leftOut(rows));
    return new Body(
        model,
        cut.companions(),
        body,
        limitsOf(body, model, cut),
        after,
        whole,
        Optional.of(report));
  }

  private static long total(CutModel model) {
    return model.graph().parameterCount();
  }

  /** The settings where nothing is pruned, and so nothing is refitted. */
  private static PruneSettings left(PruneSettings settings) {
    return settings.ofBody(0).with(PruneSettings::compensation).as(CompensationSettings.NONE);
  }

  /**
   * The settings with the least that the body may have to lose, before it is known how many tokens
   * go: all but one.
   */
  static PruneSettings least(PruneSettings settings, Checkpoint checkpoint) {
    if (!settings.vocabulary().enabled()) {
      return settings;
    }
    long total = checkpoint.graph().parameterCount();
    long most = CutVocabulary.row(checkpoint.graph()) * (checkpoint.config().vocabularySize() - 1L);
    long left = Math.max(0, Math.round(settings.ratio() * total) - most);
    return settings.ofBody((double) left / total);
  }

  /** The limits, or a refusal that says where its ratio comes from. */
  private static Limits limitsOf(PruneSettings body, CutModel model, CutVocabulary cut) {
    try {
      return limits(body, model);
    } catch (InputException e) {
      throw new InputException(
          e,
          "tokens give %,d parameters of what is to go, and the rest cannot be had from the body:"
              + " %s",
          cut.parameters(),
          e.getMessage());
    }
  }

  private static Limits limits(PruneSettings settings, CutModel model) {
    return limits(settings, model.config(), model.graph());
  }

  /**
   * The limits of a model.
   *
   * @throws InputException if they make the ratio unreachable
   */
  static Limits limits(PruneSettings settings, ModelConfig config, ModelGraph graph) {
    var space = PruningSpace.of(graph);
    var limits = Limits.of(settings, config, space);
    settings.requireReach(limits, space);
    return limits;
  }

  /** The task of the method. */
  PruningMethod.Task task(Device device, Path scratch, Progress progress) {
    return new PruningMethod.Task(
        model.config(),
        model.graph(),
        model.tensors(),
        settings,
        limits,
        calibration,
        device,
        scratch,
        progress);
  }

  /** Prunes by the method of the settings; where nothing is left to prune, the model stays. */
  PruningMethod.Outcome prune(PruningMethod.Task task) {
    return whole ? new Whole(model) : settings.method().method().prune(task);
  }

  /** A model that loses nothing more. */
  private record Whole(CutModel model) implements PruningMethod.Outcome {
    @Override
    public WidthPlan plan() {
      return WidthPlan.everything();
    }

    @Override
    public ModelConfig config() {
      return model.config();
    }

    @Override
    public ModelGraph graph() {
      return model.graph();
    }

    @Override
    public TensorSource tensors() {
      return model.tensors();
    }

    @Override
    public ObjectNode report() {
      var report = JsonFile.object();
      report
          .putArray(PruningMethod.NOTES)
          .add("the tokens alone have as many parameters as the ratio removes: the body is whole");
      return report;
    }

    @Override
    public void close() {}
  }
}
