package io.lorashear.method;

import io.lorashear.dependency.Groups;
import io.lorashear.policy.Choice;
import io.lorashear.saliency.AxisWeights;
import io.lorashear.saliency.SameShare;
import java.util.ArrayList;
import java.util.List;

/**
 * A method that is an equation: it gives every group a score, and prunes the groups of lowest
 * score.
 *
 * <pre>
 *   allocation         the lowest of every axis, as many as the axis was given before round 1
 *   choice: global     the lowest of the whole model, until the budget is met
 *   choice: local      the lowest of every axis, the same share of each, until the budget is met
 *
 *   for n = 1 … rounds:
 *     s ← scores of the model as it is
 *     G ← the lowest of what is left, until n/rounds of the budget is met
 *     refit what is kept                                 by compensation, if the settings ask for it
 *     w_g ← 0 for g in G
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

  /** The groups to prune in one round. */
  @Override
  default Groups choose(Calibration calibration) {
    return choose(calibration, 1, 1);
  }

  @Override
  default Groups pruned(Calibration calibration) {
    var chosen = inRounds(calibration);
    refit(calibration, chosen.get(chosen.size() - 1));
    return Groups.union(chosen);
  }

  /**
   * What each round prunes. What it keeps is refitted for the next; after the last one it is not.
   */
  default List<Groups> inRounds(Calibration calibration) {
    int rounds = calibration.task().settings().rounds();
    var chosen = new ArrayList<Groups>();
    for (int round = 1; round < rounds; round++) {
      var leaving = choose(calibration, round, rounds);
      refit(calibration, leaving);
      calibration.prune(leaving);
      chosen.add(leaving);
    }
    chosen.add(choose(calibration, rounds, rounds));
    return chosen;
  }

  private Groups choose(Calibration calibration, int round, int rounds) {
    var task = calibration.task();
    var axes = calibration.axes();
    var kept = calibration.kept();
    var scores = scores(calibration);
    calibration.allocate(() -> scores);
    return calibration
        .budget()
        .choose(axes, compared(task, axes, scores, kept), kept, calibration.gone(), round, rounds);
  }

  /** The groups to prune by {@code scores}, which are in the order of {@code axes}. */
  default Groups choose(Task task, List<AxisWeights> axes, List<double[]> scores) {
    return task.budget().choose(axes, compared(task, axes, scores, AxisWeights.all(axes)));
  }

  private List<double[]> compared(
      Task task, List<AxisWeights> axes, List<double[]> scores, Groups kept) {
    boolean local = task.settings().choice().orElse(usually()) == Choice.LOCAL;
    return local ? SameShare.of(axes, scores, kept) : scores;
  }
}
