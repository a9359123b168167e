package io.lorashear.recover;

import ai.djl.Device;
import io.lorashear.checkpoint.TensorSource;
import io.lorashear.corpus.Sequence;
import io.lorashear.export.AdapterExport;
import io.lorashear.graph.ModelGraph;
import io.lorashear.optim.Averaging;
import io.lorashear.run.Progress;
import io.lorashear.score.Scorer;
import io.lorashear.settings.Settings;
import io.lorashear.sparse.SparsityRecord;
import io.lorashear.train.AdaptedModel;
import io.lorashear.train.Batches;
import io.lorashear.train.Distillation;
import io.lorashear.train.StepResult;
import io.lorashear.train.TrainLoop;
import io.lorashear.train.TrainingStore;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One round of recovery: LoRA pairs, new or from an adapter, or weights of the model itself are
 * trained on a subset and validated during training, and the best of them are merged. A round that
 * never lowers the loss leaves the model unchanged.
 */
public final class Round implements AutoCloseable {
  private final AdaptedModel model;
  private final Scorer scorer;
  private final RecoverSettings settings;

  /** A round on the model of {@code graph} that keeps no zeros. */
  public Round(
      ModelGraph graph,
      TensorSource tensors,
      int longest,
      RecoverSettings settings,
      Device device) {
    this(graph, tensors, longest, settings, Optional.empty(), device);
  }

  /**
   * A round on the model of {@code graph}.
   *
   * @param longest maximum number of positions of the model
   * @param kept the record of zeros to keep
   * @throws io.lorashear.InputException if the record is of another model
   */
  public Round(
      ModelGraph graph,
      TensorSource tensors,
      int longest,
      RecoverSettings settings,
      Optional<SparsityRecord> kept,
      Device device) {
    this.settings = settings;
    this.model =
        AdaptedModel.load(
            graph,
            tensors,
            settings.lora(),
            settings.learn(),
            kept.map(SparsityRecord::matrices).orElse(Set.of()),
            settings.seed(),
            settings.train().placement(device));
    this.scorer = Scorer.over(model.model(), longest);
    try {
      kept.ifPresent(record -> KeptZeros.require(record, model));
    } catch (RuntimeException e) {
      model.close();
      throw e;
    }
  }

  /**
   * Runs, or resumes from the state that an earlier run left in {@code scratch}.
   *
   * @param sequences sequences of the subset, in training order
   * @param heldOut held-out rows, from every source of interest
   * @param distillation the teacher to learn from in addition; null if there is none
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
    var held = new HeldOut(scorer, heldOut, train.isolateDocuments(), settings.validations());
    var best = new BestWeights(model, scratch);
    var adam = model.adam(settings.adam().at(train.tokens(sequences)));
    var averaging = new Averaging(adam, model.model().manager(), steps - settings.averaged(steps));
    var loop =
        new TrainLoop(
            model.model(),
            settings.average() > 0 ? averaging : adam,
            train.schedule(steps),
            Batches.shuffled(
                sequences,
                train.rows(),
                train.accumulate(),
                settings.seed(),
                distillation == null || !settings.distillation().falls()
                    ? distillation
                    : distillation.falling(steps)),
            train);
    var before = held.validate(0);
    best.offer(before);
    try (var work = progress.begin("recover", steps, "steps")) {
      work.validated(0, before.mean());
      loop.run(
          steps,
          new TrainingStore(scratch.resolve("training"), Settings.canonical(settings)),
          work,
          step -> {
            if (held.due(step.step(), steps)) {
              var validation = held.validate(step.step());
              work.validated(step.step(), validation.mean());
              best.offer(validation);
            }
          });
    }
    var average = average(averaging, held, best, steps);
    best.restore();
    model.fold().fold();
    long tokens = loop.history().stream().mapToLong(StepResult::tokens).sum();
    return new RoundResult(
        settings.stage(), before, best.best(), best.validations(), average, steps, tokens);
  }

  /** Scores the average of the last steps, if some were averaged, and offers it. */
  private static Optional<RoundResult.Average> average(
      Averaging averaging, HeldOut held, BestWeights best, long steps) {
    if (averaging.steps() == 0) {
      return Optional.empty();
    }
    averaging.put();
    var validation = held.validate(steps);
    best.offerAverage(validation);
    return Optional.of(new RoundResult.Average(validation, averaging.steps(), best.average()));
  }

  /**
   * Held-out losses of the model as written; loads it into this round's model.
   *
   * @param written the model of {@link #tensors}, read back from its file
   * @param step step of its state
   */
  public Validation written(TensorSource written, List<Sequence> heldOut, long step) {
    model.put(written);
    var train = settings.train();
    return new HeldOut(scorer, heldOut, train.isolateDocuments(), settings.validations())
        .validate(step);
  }

  /** Count of zero weights in the matrices of blocks; LoRA pairs do not count. */
  public long zeros() {
    return KeptZeros.zeros(model).values().stream().mapToLong(Long::longValue).sum();
  }

  /** The model with its best weights, pairs merged; valid while this is open. */
  public TensorSource tensors() {
    return model.baseTensors();
  }

  /** Number of weights that learn. */
  public long learning() {
    var graph = model.model().graph();
    return model.model().trainable().keySet().stream()
        .mapToLong(name -> graph.parameter(name).elements())
        .sum();
  }

  /**
   * Writes the pairs that {@link #run} merged, as an adapter on the model before this round.
   *
   * @param scratch the folder given to {@link #run}
   * @param base path or name of that model
   */
  public void writeAdapter(Path scratch, Path directory, String base) {
    try (var pairs = new BestWeights(model, scratch).open()) {
      AdapterExport.of(model.bindings(), pairs).write(directory, base);
    }
  }

  @Override
  public void close() {
    model.close();
  }
}
