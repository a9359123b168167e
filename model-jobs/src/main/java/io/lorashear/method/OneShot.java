package io.lorashear.method;

import io.lorashear.compress.WidthPlan;
import io.lorashear.dependency.Groups;
import io.lorashear.saliency.AxisWeights;
import io.lorashear.torch.TorchModel;
import io.lorashear.train.AdaptedModel;
import java.util.List;
import java.util.Set;

/**
 * The frame of methods that look at the model once, choose, and are done.
 *
 * <pre>
 *   task ← prepared(task)          a method may want more parameters than the model has
 *   load the model; an adapter is merged first: what goes is chosen by what the model is with it
 *   gone ← choose
 *   refit what stays               by compensation where the settings want it
 * </pre>
 */
interface OneShot extends PruningMethod {

  /** The groups that go, as many as the budget says; may change the live weights. */
  Groups choose(Calibration calibration);

  /** Changes the live weights of what stays, to make up for what goes. */
  default void refit(Calibration calibration, Groups gone) {
    var compensation = calibration.compensation();
    compensation.measure(gone, AxisWeights.all(calibration.axes()).minus(gone));
    compensation.add(1);
  }

  /**
   * The task with the model that is to be loaded: as it is, or with parameters that it did not
   * have, such as biases of zero, and a configuration that says so.
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
    var precision = task.settings().train().precision().on(task.device());
    var tensors = List.of(task.tensors());
    var model = TorchModel.load(task.graph(), tensors, task.device(), precision, Set.of());
    try {
      var calibration = new Calibration(task, model);
      var plan = plan(calibration);
      return new Result(task, plan, model.tensors(), calibration.report(), model::close);
    } catch (RuntimeException e) {
      model.close();
      throw e;
    }
  }

  private Outcome pruneMerged(Task task) {
    var settings = task.settings();
    var model =
        AdaptedModel.load(
            task.graph(),
            task.tensors(),
            settings.lora(),
            settings.seed(),
            task.device(),
            settings.train().precision().on(task.device()));
    try {
      model.fold().fold();
      var calibration = new Calibration(task, model.model());
      var plan = plan(calibration);
      return new Result(task, plan, model.baseTensors(), calibration.report(), model::close);
    } catch (RuntimeException e) {
      model.close();
      throw e;
    }
  }

  private WidthPlan plan(Calibration calibration) {
    var gone = choose(calibration);
    refit(calibration, gone);
    return new WidthPlan(gone);
  }
}
