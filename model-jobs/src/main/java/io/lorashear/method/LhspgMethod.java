package io.lorashear.method;

import io.lorashear.dependency.PruningSpace;
import io.lorashear.optim.Lhspg;
import io.lorashear.optim.PairOptimizer;
import io.lorashear.policy.Limits;
import io.lorashear.saliency.Saliency;
import io.lorashear.train.AdaptedModel;

/** LoRAShear's progressive pruning: see {@link Lhspg}. */
final class LhspgMethod extends PairMethod {
  @Override
  PairOptimizer optimizer(AdaptedModel model, Task task) {
    var settings = task.settings();
    var running = model.model();
    var axes = task.axes(running, model.bindings());
    var calibration = new Calibration(task, running, axes);
    return new Lhspg(
        running,
        model.adam(task.adam()),
        model.fold(),
        task.budget(),
        settings.lhspg(),
        new Saliency(axes, settings.saliency(), calibration::scores),
        calibration.compensation());
  }

  @Override
  long steps(PruneSettings settings) {
    return settings.lhspg().steps();
  }

  @Override
  public void requireReach(PruneSettings settings, Limits limits, PruningSpace space) {
    Calibration.require(settings, limits, space);
  }
}
