package io.lorashear.method;

import io.lorashear.checkpoint.TensorSource;
import io.lorashear.compress.WidthPlan;
import io.lorashear.dependency.Groups;
import io.lorashear.torch.TorchModel;
import io.lorashear.train.AdaptedModel;
import java.util.List;
import java.util.Set;

/**
 * The frame of methods that measure the model once, choose the groups, and refit the rest.
 *
 * <pre>
 *   task ← prepared(task)          a method may add parameters to the model
 *   load the model; an adapter is merged before groups are chosen
 *   gone ← choose
 *   refit what is kept             by compensation, if the settings ask for it
 * </pre>
 */
interface OneShot extends PruningMethod {

  /** The groups to prune, as many as the budget says; may change the live weights. */
  Groups choose(Calibration calibration);

  /** Changes the live weights of what is kept, to compensate for what is pruned now. */
  default void refit(Calibration calibration, Groups gone) {
    var compensation = calibration.compensation();
    compensation.measure(gone, calibration.kept().minus(gone));
    compensation.add(1);
  }

  /** All groups to prune, after what is kept was refitted. */
  default Groups pruned(Calibration calibration) {
    var gone = choose(calibration);
    refit(calibration, gone);
    return gone;
  }

  /**
   * The task with the model to be loaded: unchanged, or with parameters added, such as zero biases,
   * and a configuration that has them.
   */
  default Task prepared(Task task) {
    return task;
  }

  @Override
  default Outcome prune(Task given) {
    var task = prepared(given);
    if (task.settings().lora().adapter().isPresent()) {
      return pruneMerged(task);
    }
    var placement = task.settings().train().placement(task.device());
    var tensors = List.of(task.tensors());
    var model = TorchModel.load(task.graph(), tensors, placement, Set.of());
    try {
      var calibration = new Calibration(task, model);
      var plan = new WidthPlan(pruned(calibration));
      return result(task, plan, model.tensors(), calibration, model::close);
    } catch (RuntimeException e) {
      model.close();
      throw e;
    }
  }

  private static Outcome result(
      Task task, WidthPlan plan, TensorSource tensors, Calibration calibration, Runnable closing) {
    return new Result(task, plan, tensors, calibration.report(), calibration.allocation(), closing);
  }

  private Outcome pruneMerged(Task task) {
    var settings = task.settings();
    var model =
        AdaptedModel.load(
            task.graph(),
            task.tensors(),
            settings.lora(),
            settings.seed(),
            settings.train().placement(task.device()));
    try {
      model.fold().fold();
      var calibration = new Calibration(task, model.model());
      var plan = new WidthPlan(pruned(calibration));
      return result(task, plan, model.baseTensors(), calibration, model::close);
    } catch (RuntimeException e) {
      model.close();
      throw e;
    }
  }
}
