package io.lorashear.method;

import io.lorashear.dependency.Groups;
import io.lorashear.policy.Choice;
import io.lorashear.saliency.AxisWeights;
import io.lorashear.saliency.SameShare;
import java.util.List;

/**
 * A method that is an equation: a number for every group, and the least go.
 *
 * <pre>
 *   choice: global     the least of the whole model, until the budget is met
 *   choice: local      the least of every axis, the same share of each, until the budget is met
 * </pre>
 */
interface ByScore extends OneShot {

  /**
   * What every group is worth, of either sign: the least go first. Where all groups compete they
   * are compared as they are, whatever their kind and size.
   *
   * @return in the order of the calibration's axes, an array over the groups of each
   */
  List<double[]> scores(Calibration calibration);

  /** Which groups compete where the settings do not say. */
  default Choice usually() {
    return Choice.GLOBAL;
  }

  @Override
  default Groups choose(Calibration calibration) {
    return choose(calibration.task(), calibration.axes(), scores(calibration));
  }

  /** The groups that go by {@code scores}, in the order of {@code axes}. */
  default Groups choose(Task task, List<AxisWeights> axes, List<double[]> scores) {
    boolean local = task.settings().choice().orElse(usually()) == Choice.LOCAL;
    return task.budget()
        .choose(axes, local ? SameShare.of(axes, scores, AxisWeights.all(axes)) : scores);
  }
}
