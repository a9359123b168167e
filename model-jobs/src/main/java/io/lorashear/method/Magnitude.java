package io.lorashear.method;

import io.lorashear.saliency.Baselines;
import java.util.List;

/**
 * Magnitude: norms of groups, made comparable between kinds of groups.
 *
 * <pre>
 *   s_g = ‖W_g‖        W_g: the rows that write g and, with readToo, the columns that read it
 * </pre>
 */
final class Magnitude implements ByScore {
  @Override
  public List<double[]> scores(Calibration calibration) {
    var axes = calibration.axes();
    var settings = calibration.task().settings();
    boolean readToo = settings.own(settings.magnitude(), MagnitudeSettings.class).readToo();
    return Baselines.comparable(
        axes, Baselines.magnitude(axes, slice -> readToo || slice.zeroed()));
  }
}
