package io.lorashear.method;

import io.lorashear.dependency.Groups;
import io.lorashear.optim.LoraPrune;
import io.lorashear.optim.LoraPruneSettings;
import io.lorashear.optim.PairOptimizer;
import io.lorashear.train.AdaptedModel;
import java.util.List;

/** LoRAPrune: see {@link LoraPrune}. */
final class LoraPruneMethod extends PairMethod {
  @Override
  PairOptimizer optimizer(AdaptedModel model, Calibration calibration, List<Groups> rounds) {
    var task = calibration.task();
    return new LoraPrune(
        calibration.model().manager(),
        model.adam(task.adam()),
        model.fold(),
        task.budget(),
        own(task.settings()),
        calibration.axes());
  }

  @Override
  long steps(PruneSettings settings) {
    return own(settings).steps();
  }

  /** The LoRA pairs compensate for pruned groups during training; there is no refit. */
  @Override
  public boolean refitsItself() {
    return true;
  }

  @Override
  public boolean sameShare() {
    return true;
  }

  private static LoraPruneSettings own(PruneSettings settings) {
    return settings.own(settings.loraPrune(), LoraPruneSettings.class);
  }
}
