package io.lorashear.method;

import io.lorashear.checkpoint.JsonFile;
import io.lorashear.compress.WidthPlan;
import io.lorashear.dependency.PruningSpace;
import io.lorashear.optim.PruningBudget;
import io.lorashear.saliency.AxisWeights;
import io.lorashear.saliency.Baselines;
import io.lorashear.saliency.GradientTaylor;
import io.lorashear.torch.TorchModel;
import io.lorashear.train.AdaptedModel;
import io.lorashear.train.Batch;
import java.util.List;
import java.util.Set;

/** Scores every group once and removes the least of them; weights stay as they are. */
final class OneShot implements PruningMethod {
  /** Scores of the groups of every axis. */
  private interface Scoring {
    List<double[]> of(TorchModel model, List<AxisWeights> axes, Task task);
  }

  private final Scoring scoring;

  private OneShot(Scoring scoring) {
    this.scoring = scoring;
  }

  /** LLM-Pruner's element-wise first-order score. */
  static OneShot taylor() {
    return new OneShot(
        (model, axes, task) ->
            Baselines.comparable(
                axes, GradientTaylor.of(model, axes, () -> backward(model, task))));
  }

  /** Norms. */
  static OneShot magnitude() {
    return new OneShot(
        (model, axes, task) -> Baselines.comparable(axes, Baselines.magnitude(axes)));
  }

  /** Nothing but chance. */
  static OneShot random() {
    return new OneShot((model, axes, task) -> Baselines.random(axes, task.settings().seed()));
  }

  /** Adds the gradients of the loss on all calibration rows. */
  static void backward(TorchModel model, Task task) {
    var rows = task.settings().train().rows();
    var sequences = task.calibration();
    try (var work = task.progress().begin("calibrate", sequences.size(), "rows")) {
      for (int first = 0; first < sequences.size(); first += rows) {
        var last = Math.min(first + rows, sequences.size());
        var batch = Batch.of(sequences.subList(first, last));
        batch.backward(model, (double) batch.predicted());
        work.step(last - first);
      }
    }
  }

  @Override
  public Outcome prune(Task task) {
    if (task.settings().lora().adapter().isPresent()) {
      return pruneMerged(task);
    }
    var precision = task.settings().train().precision();
    var tensors = List.of(task.tensors());
    try (var model = TorchModel.load(task.graph(), tensors, task.device(), precision, Set.of())) {
      return new Result(plan(model, task), task.tensors(), JsonFile.object(), () -> {});
    }
  }

  /** The adapter is merged first: what goes is chosen by what the model is with it. */
  private Outcome pruneMerged(Task task) {
    var settings = task.settings();
    var model =
        AdaptedModel.load(
            task.graph(),
            task.tensors(),
            settings.lora(),
            settings.seed(),
            task.device(),
            settings.train().precision());
    try {
      model.fold().fold();
      var plan = plan(model.model(), task);
      return new Result(plan, model.baseTensors(), JsonFile.object(), model::close);
    } catch (RuntimeException e) {
      model.close();
      throw e;
    }
  }

  private WidthPlan plan(TorchModel model, Task task) {
    var space = PruningSpace.of(task.graph());
    var axes =
        AxisWeights.of(
            space,
            space.prunable(PruningSpace.structures(task.settings().experts())).stream()
                .filter(axis -> !task.protectedAxes().contains(axis.name()))
                .toList(),
            List.of(),
            model::parameter);
    var budget =
        PruningBudget.of(
            task.settings().ratio(), task.graph().parameterCount(), task.settings().cap(), axes);
    return budget.choose(axes, scoring.of(model, axes, task));
  }
}
