package io.lorashear.optim;

import io.lorashear.InputException;
import io.lorashear.compress.WidthPlan;
import io.lorashear.dependency.PrunableAxis;
import io.lorashear.saliency.AxisWeights;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * How many parameters are to go, and how many indices of each axis at most.
 *
 * @param total parameters of the whole model, embeddings included
 * @param remove how many of them are to go
 * @param cap largest share of an axis that may go, in (0, 1]; as many stay as must
 * @param caps the same of single axes, by name
 */
public record PruningBudget(long total, long remove, double cap, Map<String, Double> caps) {

  /**
   * The budget for {@code ratio} of {@code total} parameters.
   *
   * @param axes the axes that may lose groups
   * @throws InputException when they do not hold enough, with the largest ratio they do
   */
  public static PruningBudget of(
      double ratio, long total, double cap, Map<String, Double> caps, List<AxisWeights> axes) {
    var budget = new PruningBudget(total, Math.round(ratio * total), cap, caps);
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

  /** The same where no axis has a cap of its own. */
  public static PruningBudget of(double ratio, long total, double cap, List<AxisWeights> axes) {
    return of(ratio, total, cap, Map.of(), axes);
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
    double share = Math.min(cap, caps.getOrDefault(axis.name(), cap));
    return Math.min((int) Math.floor(share * axis.size()), axis.size() - axis.least());
  }
}
