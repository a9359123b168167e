package io.lorashear.method;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lorashear.dependency.Groups;
import io.lorashear.dependency.PruningSpace;
import io.lorashear.depth.BlockInfluence;
import io.lorashear.depth.DepthChoice;
import io.lorashear.depth.DepthSettings;
import io.lorashear.depth.DepthSettings.Rest;
import io.lorashear.depth.DepthSettings.What;
import io.lorashear.optim.PruningBudget;
import io.lorashear.policy.Limits;
import io.lorashear.saliency.AxisWeights;
import io.lorashear.saliency.Baselines;
import io.lorashear.shape.Deci;
import java.util.ArrayList;
import java.util.List;

/**
 * Prunes whole blocks, attentions or MLPs by their influence (see {@link BlockInfluence}); the rest
 * of the budget is pruned by width if the settings ask for it, groups with the least Fisher
 * information first.
 */
final class Depth implements OneShot {

  @Override
  public Groups choose(Calibration calibration) {
    var task = calibration.task();
    var choice = choice(task.settings(), task.limits(), PruningSpace.of(task.graph()));
    var influence =
        BlockInfluence.of(
            calibration.model(), calibration.batches(), choice.groups(), task.progress());
    var rest = depth(task.settings()).rest();
    var taken = choice.take(influence, task.budget().remove(), rest);
    report(calibration.report(), choice, influence, taken);
    if (taken.isEmpty()) {
      calibration.note(
          "no %s goes: the smallest has more than the %,d parameters that are to go, or all are"
              + " protected; heads and channels alone go",
          depth(task.settings()).what() == What.BLOCKS ? "block" : "attention or MLP",
          task.budget().remove());
    }
    var gone = choice.removed(taken);
    return rest == Rest.STAYS
        ? gone
        : gone.plus(width(calibration, gone, task.budget().remove() - choice.cost(taken)));
  }

  @Override
  public void requireReach(PruneSettings settings, Limits limits, PruningSpace space) {
    if (!settings.byWidth()) {
      choice(settings, limits, space).requireReach(settings.ratio());
    }
  }

  @Override
  public int passes(PruneSettings settings) {
    return settings.byWidth() ? 1 : 0;
  }

  /**
   * Each block runs once for every part that may be pruned, and once more to compute the next
   * block's inputs.
   */
  @Override
  public int looks(PruneSettings settings) {
    return depth(settings).what() == What.BLOCKS ? 2 : 3;
  }

  @Override
  public boolean blockByBlock() {
    return true;
  }

  private static DepthSettings depth(PruneSettings settings) {
    return settings.own(settings.depth(), DepthSettings.class);
  }

  private static DepthChoice choice(PruneSettings settings, Limits limits, PruningSpace space) {
    boolean deci = limits.shape() instanceof Deci;
    return DepthChoice.of(space, depth(settings).what(), limits.protectedAxes(), deci);
  }

  /** Groups of the remaining axes that have {@code rest} parameters together. */
  private static Groups width(Calibration calibration, Groups gone, long rest) {
    var axes = new ArrayList<AxisWeights>();
    var scores = new ArrayList<double[]>();
    var all = Baselines.perParameter(calibration.axes(), calibration.fisher().each());
    for (int i = 0; i < all.size(); i++) {
      if (!gone.axes().contains(calibration.axes().get(i).name())) {
        axes.add(calibration.axes().get(i));
        scores.add(all.get(i));
      }
    }
    var budget = calibration.task().budget();
    return new PruningBudget(budget.total(), rest, budget.cap(), budget.caps(), budget.shape())
        .choose(axes, scores);
  }

  private static void report(
      ObjectNode report, DepthChoice choice, double[] influence, List<Integer> taken) {
    var all = report.putArray("influence");
    for (int g = 0; g < influence.length; g++) {
      all.addObject()
          .put("part", choice.groups().get(g).name())
          .put("influence", influence[g])
          .put("gone", taken.contains(g));
    }
    report.put("parametersOfDepth", choice.cost(taken));
  }
}
