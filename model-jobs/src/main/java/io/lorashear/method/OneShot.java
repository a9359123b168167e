package io.lorashear.method;

import io.lorashear.checkpoint.JsonFile;
import io.lorashear.compress.WidthPlan;
import io.lorashear.dependency.PruningSpace;
import io.lorashear.graph.ModelGraph;
import io.lorashear.lora.LoraBinding;
import io.lorashear.optim.PruningBudget;
import io.lorashear.saliency.AxisWeights;
import io.lorashear.saliency.Baselines;
import io.lorashear.torch.TorchModel;
import io.lorashear.train.AdaptedModel;
import java.util.List;
import java.util.Set;

/** Scores every group once and removes the least of them; what reads them is refitted if asked. */
final class OneShot implements PruningMethod {
  /** Scores of the groups of every axis, which are compared as they are. */
  private interface Scoring {
    List<double[]> of(Calibration calibration, List<AxisWeights> axes, Task task);
  }

  private final Scoring scoring;

  private OneShot(Scoring scoring) {
    this.scoring = scoring;
  }

  /** LLM-Pruner's element-wise first-order score. */
  static OneShot taylor() {
    return new OneShot(
        (calibration, axes, task) -> Baselines.comparable(axes, calibration.elements()));
  }

  /** Fisher's information of a factor on each group, per parameter. */
  static OneShot fisher() {
    return new OneShot(
        (calibration, axes, task) -> Baselines.perParameter(axes, calibration.fisher()));
  }

  /** Norms. */
  static OneShot magnitude() {
    return new OneShot(
        (calibration, axes, task) -> Baselines.comparable(axes, Baselines.magnitude(axes)));
  }

  /** Nothing but chance. */
  static OneShot random() {
    return new OneShot((calibration, axes, task) -> Baselines.random(axes, task.settings().seed()));
  }

  @Override
  public Outcome prune(Task task) {
    if (task.settings().lora().adapter().isPresent()) {
      return pruneMerged(task);
    }
    var precision = task.settings().train().precision();
    var tensors = List.of(task.tensors());
    var model = TorchModel.load(task.graph(), tensors, task.device(), precision, Set.of());
    try {
      var plan = plan(model, task);
      return new Result(plan, model.tensors(), JsonFile.object(), model::close);
    } catch (RuntimeException e) {
      model.close();
      throw e;
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
    var axes = axes(task, task.graph(), List.of(), model);
    var budget = budget(task);
    var calibration = new Calibration(task, model, axes);
    var gone = budget.choose(axes, scoring.of(calibration, axes, task));
    var compensation = calibration.compensation();
    compensation.measure(gone, AxisWeights.all(axes).minus(gone));
    compensation.add(1);
    return new WidthPlan(gone);
  }

  /**
   * The axes that may lose groups, with the live weights of {@code model}.
   *
   * @param graph that the model runs, with LoRA or without
   */
  static List<AxisWeights> axes(
      Task task, ModelGraph graph, List<LoraBinding> bindings, TorchModel model) {
    var space = PruningSpace.of(graph);
    return AxisWeights.of(
        space,
        space.prunable(PruningSpace.structures(task.settings().experts())).stream()
            .filter(axis -> !task.limits().protectedAxes().contains(axis.name()))
            .toList(),
        bindings,
        model::parameter);
  }

  /** What is to go. */
  static PruningBudget budget(Task task) {
    return task.limits().budget(task.settings(), task.graph().parameterCount());
  }
}
