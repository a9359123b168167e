package io.lorashear.optim;

import io.lorashear.InputException;
import io.lorashear.dependency.Groups;
import io.lorashear.dependency.PrunableAxis;
import io.lorashear.saliency.AxisWeights;
import io.lorashear.shape.Candidates;
import io.lorashear.shape.Free;
import io.lorashear.shape.ShapeRule;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * How many parameters are to go, how many indices of each axis at most, and which go together.
 *
 * @param total parameters of the whole model, embeddings included
 * @param remove how many of them are to go
 * @param cap largest share of an axis that may go, in (0, 1]; as many stay as must
 * @param caps the same of single axes, by name
 * @param shape what the smaller model is to look like
 */
public record PruningBudget(
    long total, long remove, double cap, Map<String, Double> caps, ShapeRule shape) {

  /**
   * The budget for {@code ratio} of {@code total} parameters.
   *
   * @param axes the axes that may lose groups
   * @throws InputException when they do not hold enough, with the largest ratio they do
   */
  public static PruningBudget of(double ratio, long total, double cap, List<AxisWeights> axes) {
    var budget = new PruningBudget(total, Math.round(ratio * total), cap, Map.of(), Free.ANY);
    budget.check(ratio, axes.stream().map(axis -> budget.whole(axis.axis(), axis.cost())).toList());
    return budget;
  }

  /**
   * Refuses a budget that the shape cannot meet.
   *
   * @param ratio that was asked for
   * @param axes all that may lose groups, whole
   * @throws InputException when they do not hold enough, with the largest ratio they do
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

  /** Parameters that go when all that may go has gone; all scores are the same to that. */
  public long reachable(List<Candidates> axes) {
    return removed(axes, shape.choose(axes, total, total));
  }

  /** An axis that has lost nothing, its groups all alike. */
  public Candidates whole(PrunableAxis axis, long cost) {
    return candidates(axis, cost, new double[axis.size()], Groups.all(List.of(axis)), 0);
  }

  /**
   * An axis as the choice sees it.
   *
   * @param scores saliency per parameter
   * @param kept groups that are still there
   * @param gone how many groups have gone or are going
   */
  Candidates candidates(PrunableAxis axis, long cost, double[] scores, Groups kept, int gone) {
    return new Candidates(axis, cost, scores, kept, most(axis) - gone);
  }

  /** The least salient groups that meet the budget within one step of the shape. */
  public Groups choose(List<AxisWeights> axes, List<double[]> saliency) {
    var all = AxisWeights.all(axes);
    var candidates = new ArrayList<Candidates>();
    for (int i = 0; i < axes.size(); i++) {
      var axis = axes.get(i);
      candidates.add(candidates(axis.axis(), axis.cost(), saliency.get(i), all, 0));
    }
    return choose(candidates);
  }

  /** The same of axes whose weights nobody has read. */
  public Groups choose(List<Candidates> axes) {
    return shape.choose(axes, remove, remove);
  }

  private long removed(List<Candidates> axes, Groups gone) {
    return axes.stream()
        .mapToLong(axis -> removed(axis.axis(), axis.cost(), gone.count(axis.name())))
        .sum();
  }

  /** Parameters that go with {@code groups} groups of an axis. */
  long removed(PrunableAxis axis, long cost, int groups) {
    return cost * groups + (groups == axis.size() ? shape.withTheLast(axis, cost) : 0);
  }

  /** How many groups an axis may lose. */
  public int most(PrunableAxis axis) {
    double share = Math.min(cap, caps.getOrDefault(axis.name(), cap));
    return Math.min((int) Math.floor(share * axis.size()), axis.size() - axis.least());
  }
}
