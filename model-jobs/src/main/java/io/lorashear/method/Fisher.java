package io.lorashear.method;

import io.lorashear.saliency.Baselines;
import io.lorashear.saliency.FisherScore;
import java.util.List;

/**
 * The Fisher information of a factor on each group, divided by the group's parameters: see {@link
 * FisherScore}.
 */
final class Fisher implements ByScore {
  @Override
  public List<double[]> scores(Calibration calibration) {
    return Baselines.perParameter(calibration.axes(), calibration.fisher());
  }

  @Override
  public int passes(PruneSettings settings) {
    return 1;
  }
}
