package io.lorashear.optim;

import io.lorashear.InputException;
import io.lorashear.dependency.Groups;
import io.lorashear.dependency.PrunableAxis;
import io.lorashear.saliency.Allowance;
import io.lorashear.saliency.AxisWeights;
import io.lorashear.shape.Candidates;
import io.lorashear.shape.Free;
import io.lorashear.shape.ShapeRule;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * How many parameters to remove, at most how many indices of each axis, and which together.
 *
 * @param total parameters of the whole model, embeddings included
 * @param remove number of parameters to remove
 * @param cap largest share of an axis that may be removed, in (0, 1]; the minimum that an axis
 *     needs always stays
 * @param caps the same for single axes, by name
 * @param shape the shape that the smaller model is to have
 */
public record PruningBudget(
    long total, long remove, double cap, Map<String, Double> caps, ShapeRule shape) {

  /**
   * The budget for {@code ratio} of {@code total} parameters.
   *
   * @param axes the axes that may lose groups
   * @throws InputException when they do not have enough parameters; the message has the largest
   *     possible ratio
   */
  public static PruningBudget of(double ratio, long total, double cap, List<AxisWeights> axes) {
    var budget = new PruningBudget(total, Math.round(ratio * total), cap, Map.of(), Free.ANY);
    budget.check(ratio, axes.stream().map(axis -> budget.whole(axis.axis(), axis.cost())).toList());
    return budget;
  }

  /**
   * Refuses a budget that the shape cannot meet.
   *
   * @param ratio the requested ratio
   * @param axes all axes that may lose groups, before they lose any
   * @throws InputException when they do not have enough parameters; the message has the largest
   *     possible ratio
   */
  public void check(double ratio, List<Candidates> axes) {
    long most = reachable(axes);
    if (most < remove) {
      throw new InputException(
          "ratio is %s of %d parameters, but the %d axes that may lose groups hold only %d of them"
              + " (at most %s of each axis%s): the largest ratio that can be reached is %s. Lower"
              + " the ratio, protect fewer axes, or raise the cap",
          ratio,
          total,
          axes.size(),
          most,
          cap,
          shape.equals(Free.ANY) ? "" : ", in the shape that is asked for",
          Math.floor(1e4 * most / total) / 1e4);
    }
  }

  /** Parameters removed if everything is removed that may be, whatever the scores. */
  public long reachable(List<Candidates> axes) {
    return inAll(axes, shape.choose(axes, total, total));
  }

  /** An axis that has lost no group, with equal scores. */
  public Candidates whole(PrunableAxis axis, long cost) {
    return candidates(axis, cost, new double[axis.size()], Groups.all(List.of(axis)), 0);
  }

  /**
   * An axis as input to the choice of groups.
   *
   * @param scores saliency per parameter
   * @param kept groups that can still be chosen
   * @param gone how many groups are removed or being removed
   */
  Candidates candidates(PrunableAxis axis, long cost, double[] scores, Groups kept, int gone) {
    return new Candidates(axis, cost, scores, kept, most(axis) - gone);
  }

  /** The same budget in another shape. */
  public PruningBudget in(ShapeRule other) {
    return new PruningBudget(total, remove, cap, caps, other);
  }

  /** The least salient groups that meet the budget within one step of the shape. */
  public Groups choose(List<AxisWeights> axes, List<double[]> saliency) {
    return choose(axes, saliency, AxisWeights.all(axes), Groups.none(), 1, 1);
  }

  /**
   * The least salient groups that are still missing from a part of the budget.
   *
   * @param kept groups that can still be chosen
   * @param gone groups that are removed
   * @param part number of equal parts that are met then; from all of them it is met within one step
   *     of the shape
   * @param parts number of parts of the whole budget
   */
  public Groups choose(
      List<AxisWeights> axes,
      List<double[]> saliency,
      Groups kept,
      Groups gone,
      int part,
      int parts) {
    var candidates = new ArrayList<Candidates>();
    for (int i = 0; i < axes.size(); i++) {
      var axis = axes.get(i);
      int missing = gone.count(axis.name());
      candidates.add(candidates(axis.axis(), axis.cost(), saliency.get(i), kept, missing));
    }
    long before = removed(axes, gone);
    return shape.choose(candidates, remove * part / parts - before, remove - before);
  }

  /** What may still be removed in addition to {@code gone}. */
  public Allowance allowance(List<AxisWeights> axes, Groups kept, Groups gone) {
    var most = new HashMap<String, Integer>();
    axes.forEach(axis -> most.put(axis.name(), most(axis.axis()) - gone.count(axis.name())));
    return new Allowance(kept, Map.copyOf(most), remove - removed(axes, gone));
  }

  /** Number of parameters that are removed with {@code groups}. */
  long removed(List<AxisWeights> axes, Groups groups) {
    return axes.stream()
        .mapToLong(axis -> removed(axis.axis(), axis.cost(), groups.count(axis.name())))
        .sum();
  }

  /** The same for axes without their weights. */
  public Groups choose(List<Candidates> axes) {
    return shape.choose(axes, remove, remove);
  }

  private long inAll(List<Candidates> axes, Groups gone) {
    return axes.stream()
        .mapToLong(axis -> removed(axis.axis(), axis.cost(), gone.count(axis.name())))
        .sum();
  }

  /** Parameters removed with {@code groups} groups of an axis. */
  long removed(PrunableAxis axis, long cost, int groups) {
    return cost * groups + (groups == axis.size() ? shape.withTheLast(axis, cost) : 0);
  }

  /** How many groups an axis may lose. */
  public int most(PrunableAxis axis) {
    double share = Math.min(cap, caps.getOrDefault(axis.name(), cap));
    return Math.min((int) Math.floor(share * axis.size()), axis.size() - axis.least());
  }
}
