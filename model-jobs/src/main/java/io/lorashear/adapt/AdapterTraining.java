package io.lorashear.adapt;

import ai.djl.Device;
import io.lorashear.InputException;
import io.lorashear.checkpoint.TensorSource;
import io.lorashear.checkpoint.adapter.PeftAdapter;
import io.lorashear.checkpoint.adapter.PeftAdapter.Training;
import io.lorashear.corpus.Sequence;
import io.lorashear.export.AdapterExport;
import io.lorashear.graph.ModelGraph;
import io.lorashear.optim.AdamW;
import io.lorashear.optim.Optimizer;
import io.lorashear.rank.CutPairs;
import io.lorashear.rank.RankPruner;
import io.lorashear.recover.BestWeights;
import io.lorashear.recover.HeldOut;
import io.lorashear.recover.Validation;
import io.lorashear.run.Progress;
import io.lorashear.score.Scorer;
import io.lorashear.settings.Settings;
import io.lorashear.train.AdaptedModel;
import io.lorashear.train.Batches;
import io.lorashear.train.StepResult;
import io.lorashear.train.TrainLoop;
import io.lorashear.train.TrainingStore;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Pairs are trained beside a frozen model and scored on the way; those of the lowest held-out loss
 * are left in the model.
 */
final class AdapterTraining implements AutoCloseable {
  private final AdaptedModel model;
  private final Scorer scorer;
  private final AdapterSettings settings;
  private final AdamW adam;
  private final Optional<RankPruner> pruner;

  /**
   * Nothing runs yet.
   *
   * @param longest positions the model has
   * @param stepTokens tokens of a step
   */
  AdapterTraining(
      ModelGraph graph,
      TensorSource tensors,
      int longest,
      AdapterSettings settings,
      long stepTokens,
      Device device) {
    this.settings = settings;
    this.model =
        AdaptedModel.load(
            graph, tensors, settings.start(), settings.seed(), settings.train().placement(device));
    this.scorer = Scorer.over(model.model(), longest);
    this.adam = model.adam(settings.adam().at(stepTokens));
    this.pruner = settings.prunedLora().wanted() ? Optional.of(pruner()) : Optional.empty();
  }

  private RankPruner pruner() {
    return new RankPruner(
        model.model().manager(),
        adam,
        model.bindings(),
        model.model()::parameter,
        settings.prunedLora(),
        settings.lora().rank(),
        settings.seed());
  }

  /**
   * Runs, or resumes from what an earlier run left in {@code scratch}.
   *
   * @param heldOut rows of every source that matters
   */
  AdapterResult run(
      List<Sequence> sequences, List<Sequence> heldOut, Path scratch, Progress progress) {
    if (sequences.isEmpty()) {
      throw new InputException("the corpus has no training rows: nothing can be learnt from it");
    }
    var train = settings.train();
    long steps = settings.steps(sequences.size(), sequences.get(0).inputIds().length);
    pruner.ifPresent(pruning -> settings.prunedLora().requireRoom(settings.lora().rank(), steps));
    var held = new HeldOut(scorer, heldOut, train.isolateDocuments(), settings.validations());
    var best = new BestWeights(model, scratch);
    var loop =
        new TrainLoop(
            model.model(),
            pruner.<Optimizer>map(pruning -> pruning).orElse(adam),
            train.schedule(steps),
            Batches.shuffled(sequences, train.rows(), train.accumulate(), settings.seed()),
            train);
    var before = held.validate(0);
    offer(best, before);
    try (var work = progress.begin("lora", steps, "steps")) {
      work.validated(0, before.mean());
      loop.run(
          steps,
          new TrainingStore(scratch.resolve("training"), Settings.canonical(settings)),
          work,
          step -> {
            if (held.due(step.step(), steps)) {
              var validation = held.validate(step.step());
              work.validated(step.step(), validation.mean());
              offer(best, validation);
            }
          });
    }
    requireNumbers(best.best());
    best.restore();
    long tokens = loop.history().stream().mapToLong(StepResult::tokens).sum();
    return new AdapterResult(
        settings.stage(),
        best.validations(),
        best.best(),
        steps,
        tokens,
        pruner.map(RankPruner::events).orElse(List.of()),
        ranks());
  }

  /** Pairs that still have too many components are never the best. */
  private void offer(BestWeights best, Validation validation) {
    if (pruner.isEmpty() || pruner.get().done()) {
      best.offer(validation);
    } else {
      best.note(validation);
    }
  }

  private void requireNumbers(Validation best) {
    if (!Double.isFinite(best.mean())) {
      throw new InputException(
          "training went astray: the lowest held-out loss is %s. Give a train.learningRate below"
              + " %s",
          best.mean(), settings.train().learningRate());
    }
  }

  private Map<String, Integer> ranks() {
    var ranks = new TreeMap<String, Integer>();
    for (var pair : adapter().pairs()) {
      ranks.put(pair.module(), pair.rank());
    }
    return ranks;
  }

  private PeftAdapter adapter() {
    var all = model.model().tensors();
    var tensors =
        pruner
            .map(pruning -> CutPairs.of(model.model().graph(), all, pruning.kept()).tensors())
            .orElse(all);
    return AdapterExport.of(model.bindings(), tensors);
  }

  /**
   * Writes the pairs as they are now.
   *
   * @param base the model they belong to, a path or a name
   */
  void writeAdapter(Path directory, String base) {
    adapter()
        .write(directory, base, new Training(settings.lora().rsLora(), settings.lora().dropout()));
  }

  /** The model with the pairs folded in, which ends their training; valid while this is open. */
  TensorSource merged() {
    model.fold().fold();
    return model.baseTensors();
  }

  /**
   * Held-out losses of the merged model as it was written.
   *
   * @param written the model of {@link #merged} in a file
   * @param step of the pairs in it
   */
  Validation written(TensorSource written, List<Sequence> heldOut, long step) {
    model.put(written);
    return new HeldOut(scorer, heldOut, settings.train().isolateDocuments(), settings.validations())
        .validate(step);
  }

  @Override
  public void close() {
    model.close();
  }
}
