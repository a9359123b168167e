package io.lorashear.method;

import io.lorashear.saliency.Baselines;
import java.util.List;

/**
 * Norms, comparable between kinds.
 *
 * <pre>
 *   s_g = ‖W_g‖        W_g: the rows that write g, and the columns that read it if they count
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
