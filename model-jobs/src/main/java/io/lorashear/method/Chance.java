package io.lorashear.method;

import io.lorashear.saliency.Baselines;
import java.util.List;

/** Nothing but chance: uniform numbers by the seed. */
final class Chance implements ByScore {
  @Override
  public List<double[]> scores(Calibration calibration) {
    return Baselines.random(calibration.axes(), calibration.task().settings().seed());
  }
}
