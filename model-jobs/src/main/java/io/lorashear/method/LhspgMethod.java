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
  PairOptimizer optimizer(AdaptedModel model, Calibration calibration) {
    var task = calibration.task();
    var settings = task.settings();
    var saliency = new Saliency(calibration.axes(), settings.saliency(), calibration::scores);
    calibration.allocate(() -> saliency.scores(calibration.allowance()));
    return new Lhspg(
        calibration.model(),
        model.adam(task.adam()),
        model.fold(),
        calibration.budget(),
        settings.lhspg(),
        saliency,
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
