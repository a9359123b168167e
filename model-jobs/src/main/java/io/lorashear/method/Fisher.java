package io.lorashear.method;

import io.lorashear.dependency.PruningSpace;
import io.lorashear.policy.Limits;
import io.lorashear.saliency.Baselines;
import io.lorashear.saliency.FisherScore;
import io.lorashear.saliency.SaliencySettings;
import java.util.List;

/**
 * The Fisher information of a factor on each group, divided by the group's parameters: see {@link
 * FisherScore}, and {@link SaliencySettings#joint} for the information of many at once.
 */
final class Fisher implements ByScore {
  @Override
  public List<double[]> scores(Calibration calibration) {
    var axes = calibration.axes();
    double diagonal = calibration.task().settings().saliency().diagonal();
    var scores = calibration.fisher().scores(axes, diagonal, calibration.allowance());
    return Baselines.perParameter(axes, scores);
  }

  @Override
  public int passes(PruneSettings settings) {
    return 1;
  }

  @Override
  public void requireReach(PruneSettings settings, Limits limits, PruningSpace space) {
    Calibration.require(settings, limits, space);
  }
}
