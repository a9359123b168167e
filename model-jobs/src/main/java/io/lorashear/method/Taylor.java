package io.lorashear.method;

import io.lorashear.saliency.Baselines;
import io.lorashear.saliency.GradientTaylor;
import java.util.List;

/**
 * The element-wise first-order score of {@link GradientTaylor}, made comparable between kinds of
 * groups.
 */
final class Taylor implements ByScore {
  @Override
  public List<double[]> scores(Calibration calibration) {
    return Baselines.comparable(calibration.axes(), calibration.elements());
  }

  @Override
  public int passes(PruneSettings settings) {
    return 1;
  }
}
