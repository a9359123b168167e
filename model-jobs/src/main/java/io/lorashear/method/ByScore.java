package io.lorashear.method;

import io.lorashear.dependency.Groups;
import io.lorashear.policy.Choice;
import io.lorashear.saliency.AxisWeights;
import io.lorashear.saliency.SameShare;
import java.util.List;

/**
 * A method that is an equation: it gives every group a score, and prunes the groups of lowest
 * score.
 *
 * <pre>
 *   choice: global     the lowest of the whole model, until the budget is met
 *   choice: local      the lowest of every axis, the same share of each, until the budget is met
 * </pre>
 */
interface ByScore extends OneShot {

  /**
   * The score of every group, of either sign: the lowest are pruned first. If all groups compete,
   * the scores are compared unchanged, whatever the groups' kind and size.
   *
   * @return an array over the groups for each axis, in the order of the calibration's axes
   */
  List<double[]> scores(Calibration calibration);

  /** Which groups compete if the settings do not say. */
  default Choice usually() {
    return Choice.GLOBAL;
  }

  @Override
  default Groups choose(Calibration calibration) {
    return choose(calibration.task(), calibration.axes(), scores(calibration));
  }

  /** The groups to prune by {@code scores}, which are in the order of {@code axes}. */
  default Groups choose(Task task, List<AxisWeights> axes, List<double[]> scores) {
    boolean local = task.settings().choice().orElse(usually()) == Choice.LOCAL;
    return task.budget()
        .choose(axes, local ? SameShare.of(axes, scores, AxisWeights.all(axes)) : scores);
  }
}
