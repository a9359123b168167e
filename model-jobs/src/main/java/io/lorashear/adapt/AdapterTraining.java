package io.lorashear.adapt;

import ai.djl.Device;
import io.lorashear.InputException;
import io.lorashear.checkpoint.TensorSource;
import io.lorashear.checkpoint.adapter.PeftAdapter.Training;
import io.lorashear.corpus.Sequence;
import io.lorashear.export.AdapterExport;
import io.lorashear.graph.ModelGraph;
import io.lorashear.recover.BestPairs;
import io.lorashear.recover.HeldOut;
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

/**
 * Pairs are trained beside a frozen model and scored on the way; those of the lowest held-out loss
 * are left in the model.
 */
final class AdapterTraining implements AutoCloseable {
  private final AdaptedModel model;
  private final Scorer scorer;
  private final AdapterSettings settings;

  /**
   * Nothing runs yet.
   *
   * @param longest positions the model has
   */
  AdapterTraining(
      ModelGraph graph,
      TensorSource tensors,
      int longest,
      AdapterSettings settings,
      Device device) {
    this.settings = settings;
    this.model =
        AdaptedModel.load(
            graph, tensors, settings.lora(), settings.seed(), device, settings.train().precision());
    this.scorer = Scorer.over(model.model(), longest);
  }

  /**
   * Runs, or goes on from what an earlier run left in {@code scratch}.
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
    var held = new HeldOut(scorer, heldOut, train.isolateDocuments(), settings.validations());
    var best = new BestPairs(model, scratch);
    var loop =
        new TrainLoop(
            model.model(),
            model.adam(settings.adam()),
            train.schedule(steps),
            Batches.shuffled(sequences, train.rows(), train.accumulate(), settings.seed()),
            train);
    best.offer(held.validate(0));
    try (var work = progress.begin("lora", steps, "steps")) {
      loop.run(
          steps,
          new TrainingStore(scratch.resolve("training"), Settings.canonical(settings)),
          step -> {
            work.step(1);
            work.note("loss %.3f".formatted(step.loss()));
            if (held.due(step.step(), steps)) {
              best.offer(held.validate(step.step()));
            }
          });
    }
    best.restore();
    long tokens = loop.history().stream().mapToLong(StepResult::tokens).sum();
    return new AdapterResult(settings.stage(), best.validations(), best.best(), steps, tokens);
  }

  /**
   * Writes the pairs as they are now.
   *
   * @param base the model they belong to, a path or a name
   */
  void writeAdapter(Path directory, String base) {
    AdapterExport.of(model.bindings(), model.model().tensors())
        .write(directory, base, new Training(settings.lora().rsLora(), 0));
  }

  /** The model with the pairs folded in, which ends their training; valid while this is open. */
  TensorSource merged() {
    model.fold().fold();
    return model.baseTensors();
  }

  @Override
  public void close() {
    model.close();
  }
}
