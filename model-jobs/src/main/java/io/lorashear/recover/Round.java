package io.lorashear.recover;

import ai.djl.Device;
import io.lorashear.InputException;
import io.lorashear.checkpoint.TensorSource;
import io.lorashear.corpus.Sequence;
import io.lorashear.evaluate.Scorer;
import io.lorashear.evaluate.SourceLosses;
import io.lorashear.export.AdapterExport;
import io.lorashear.graph.ModelGraph;
import io.lorashear.run.Progress;
import io.lorashear.settings.Settings;
import io.lorashear.train.AdaptedModel;
import io.lorashear.train.Batches;
import io.lorashear.train.Distillation;
import io.lorashear.train.StepResult;
import io.lorashear.train.TrainLoop;
import io.lorashear.train.TrainingStore;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One round of recovery: pairs, fresh or of an adapter, are trained on a subset, scored on the way,
 * and the best of them are merged. A round that helps nothing leaves the model as it was.
 */
public final class Round implements AutoCloseable {
  private final AdaptedModel model;
  private final Scorer scorer;
  private final RecoverSettings settings;

  /**
   * A round on the model of {@code graph}.
   *
   * @param longest positions the model has
   */
  public Round(
      ModelGraph graph,
      TensorSource tensors,
      int longest,
      RecoverSettings settings,
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
   * @param sequences of the subset, in training order
   * @param heldOut rows of every source that matters
   * @param distillation what is learnt from a teacher too; null where there is none
   */
  public RoundResult run(
      List<Sequence> sequences,
      List<Sequence> heldOut,
      @Nullable Distillation distillation,
      Path scratch,
      Progress progress) {
    var train = settings.train();
    long rows = (long) train.rows() * train.accumulate();
    long steps = (sequences.size() * (long) settings.passes() + rows - 1) / rows;
    if (heldOut.isEmpty()) {
      throw new InputException(
          "the corpus has no validation rows to find the best state by: tokenize it with a larger"
              + " validation share");
    }
    var best = new BestPairs(model, scratch);
    var loop =
        new TrainLoop(
            model.model(),
            model.adam(settings.adam()),
            train.schedule(steps),
            Batches.shuffled(
                sequences, train.rows(), train.accumulate(), settings.seed(), distillation),
            train);
    var before = validate(0, heldOut);
    best.offer(before);
    try (var work = progress.begin("recover", steps, "steps")) {
      loop.run(
          steps,
          new TrainingStore(scratch.resolve("training"), Settings.canonical(settings)),
          step -> {
            work.step(1);
            work.note("loss %.3f".formatted(step.loss()));
            if (due(step, steps)) {
              best.offer(validate(step.step(), heldOut));
            }
          });
    }
    best.restore();
    model.fold().fold();
    long tokens = loop.history().stream().mapToLong(StepResult::tokens).sum();
    return new RoundResult(
        settings.stage(), before, best.best(), best.validations(), steps, tokens);
  }

  /** Whether a validation is due: they are spread evenly, the last at the end. */
  private boolean due(StepResult step, long steps) {
    long all = settings.validations();
    return step.step() * all / steps > (step.step() - 1) * all / steps;
  }

  private Validation validate(long step, List<Sequence> heldOut) {
    Map<String, Double> losses =
        settings.train().isolateDocuments()
            ? SourceLosses.documentsApart(scorer, heldOut)
            : SourceLosses.of(scorer, heldOut);
    return new Validation(step, losses);
  }

  /** The model with the best pairs merged; valid while this is open. */
  public TensorSource tensors() {
    return model.baseTensors();
  }

  /**
   * Writes the pairs that {@link #run} merged, as an adapter on the model before this round.
   *
   * @param scratch as given to run
   * @param base that model, a path or a name
   */
  public void writeAdapter(Path scratch, Path directory, String base) {
    try (var pairs = new BestPairs(model, scratch).open()) {
      AdapterExport.of(model.bindings(), pairs).write(directory, base);
    }
  }

  @Override
  public void close() {
    model.close();
  }
}
