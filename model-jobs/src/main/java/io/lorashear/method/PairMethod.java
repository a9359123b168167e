package io.lorashear.method;

import io.lorashear.dependency.Groups;
import io.lorashear.optim.PairOptimizer;
import io.lorashear.settings.Settings;
import io.lorashear.train.AdaptedModel;
import io.lorashear.train.Batches;
import io.lorashear.train.TrainLoop;
import io.lorashear.train.TrainingStore;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Prunes groups while LoRA pairs are trained and the base weights are frozen. */
abstract class PairMethod implements PruningMethod {

  /**
   * The groups to go, in rounds, if they are found before pairs are there; else none. The model
   * with pairs is not in memory then.
   */
  List<Groups> rounds(Task task) {
    return List.of();
  }

  /**
   * The optimizer that trains the pairs of {@code model} and prunes groups.
   *
   * @param calibration of the same model, with its axes
   * @param rounds what {@link #rounds} found
   */
  abstract PairOptimizer optimizer(
      AdaptedModel model, Calibration calibration, List<Groups> rounds);

  /** The number of optimizer steps. */
  abstract long steps(PruneSettings settings);

  @Override
  public final Outcome prune(Task task) {
    var settings = task.settings();
    var rounds = rounds(task);
    var model =
        AdaptedModel.load(
            task.graph(),
            task.tensors(),
            settings.lora(),
            settings.seed(),
            settings.train().placement(task.device()));
    try {
      var running = model.model();
      var calibration = new Calibration(task, running, task.axes(running, model.bindings()));
      var optimizer = optimizer(model, calibration, rounds);
      var batches =
          Batches.shuffled(
              task.calibration(),
              settings.train().rows(),
              settings.train().accumulate(),
              settings.seed());
      long steps = steps(settings);
      var loop =
          new TrainLoop(
              running, optimizer, settings.train().schedule(steps), batches, settings.train());
      try (var work = task.progress().begin("prune", steps, "steps")) {
        loop.run(steps, store(task), work, step -> {});
      }
      var plan = optimizer.finish();
      var report = optimizer.figures();
      report.put("tokens", loop.history().stream().mapToLong(step -> step.tokens()).sum());
      var losses = report.putArray("losses");
      loop.history().forEach(step -> losses.add(step.loss()));
      return new Result(
          task, plan, model.baseTensors(), report, calibration.allocation(), model::close);
    } catch (RuntimeException e) {
      model.close();
      throw e;
    }
  }

  private static @Nullable TrainingStore store(Task task) {
    var scratch = task.scratch();
    return scratch == null
        ? null
        : new TrainingStore(scratch.resolve("training"), Settings.canonical(task.settings()));
  }
}
