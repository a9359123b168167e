package io.lorashear.optim;

import io.lorashear.InputException;
import io.lorashear.compress.WidthPlan;
import io.lorashear.dependency.PrunableAxis;
import io.lorashear.saliency.AxisWeights;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.TreeMap;

/**
 * How many parameters are to go, and how many indices of each axis at most.
 *
 * @param total parameters of the whole model, embeddings included
 * @param remove how many of them are to go
 * @param cap largest share of an axis that may go, in (0, 1]; as many stay as must
 */
public record PruningBudget(long total, long remove, double cap) {

  /**
   * The budget for {@code ratio} of {@code total} parameters.
   *
   * @param axes the axes that may lose groups
   * @throws InputException when they do not hold enough, with the largest ratio they do
   */
  public static PruningBudget of(double ratio, long total, double cap, List<AxisWeights> axes) {
    var budget = new PruningBudget(total, Math.round(ratio * total), cap);
    long most = budget.reachable(axes);
    if (most < budget.remove) {
      throw new InputException(
          "ratio is %s of %d parameters, but the %d axes that may lose groups hold only %d of them"
              + " (at most %s of each axis): the largest ratio that can be reached is %s. Lower the"
              + " ratio, protect fewer axes, or raise the cap",
          ratio, total, axes.size(), most, cap, Math.floor(1e4 * most / total) / 1e4);
    }
    return budget;
  }

  /** Parameters that go when every axis of {@code axes} loses all it may. */
  public long reachable(List<AxisWeights> axes) {
    return axes.stream().mapToLong(axis -> axis.cost() * most(axis.axis())).sum();
  }

  /** The least salient groups that meet the budget within one group. */
  public WidthPlan choose(List<AxisWeights> axes, List<double[]> saliency) {
    var candidates = new ArrayList<Selection.Candidates>();
    for (int i = 0; i < axes.size(); i++) {
      var axis = axes.get(i);
      var all = new BitSet();
      all.set(0, axis.size());
      candidates.add(
          new Selection.Candidates(axis.cost(), saliency.get(i), all, most(axis.axis())));
    }
    var chosen = Selection.choose(candidates, remove, true);
    var removed = new TreeMap<String, BitSet>();
    for (int i = 0; i < axes.size(); i++) {
      if (!chosen.get(i).isEmpty()) {
        removed.put(axes.get(i).name(), chosen.get(i));
      }
    }
    return new WidthPlan(removed);
  }

  /** How many groups an axis may lose. */
  public int most(PrunableAxis axis) {
    return Math.min((int) Math.floor(cap * axis.size()), axis.size() - axis.least());
  }
}
