package io.lorashear.allocate;

import io.lorashear.InputException;
import io.lorashear.dependency.PrunableAxis;
import io.lorashear.dependency.PruningSpace;
import io.lorashear.dependency.Sublayer;
import io.lorashear.graph.AxisRole;
import io.lorashear.graph.Widths;
import io.lorashear.optim.PruningBudget;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.TreeSet;

/**
 * The widths of one axis that are compared.
 *
 * <pre>
 *   32 channels, shares 0.25, 0.5, 0.9, 1, cap 0.8        0, 8, 16, 32 groups go
 *   100 channels, the same, multiple 32                   4, 36, 68, 100: widths 96, 64, 32, none
 *   3 heads, shares 0.125, 0.25, 0.375, 0.5, 1            0, 1, 2, 3
 * </pre>
 *
 * Whole attentions and MLPs are options where removing them removes all that they add to the
 * residual stream, so not where they add a bias of their own; the last of the model is none, so
 * that some layer is left.
 *
 * @param cost parameters of one group
 * @param beside parameters that go besides its groups when all of them go
 * @param step widths differ by multiples of so many groups
 * @param removed numbers of groups that go, ascending
 */
public record AxisOptions(
    PrunableAxis axis, long cost, long beside, int step, List<Integer> removed) {

  /**
   * The options of every axis.
   *
   * @param multiple that channels are a multiple of
   */
  public static List<AxisOptions> of(
      PruningSpace space,
      List<PrunableAxis> axes,
      PruningBudget budget,
      int multiple,
      List<Double> shares) {
    var whole = new HashMap<String, Sublayer>();
    space.sublayers().stream()
        .limit(Math.max(0, space.sublayers().size() - 1))
        .filter(part -> part.biases().isEmpty())
        .forEach(part -> whole.put(part.axis().name(), part));
    var options = new ArrayList<AxisOptions>();
    for (var axis : axes) {
      var part = whole.get(axis.name());
      long each = space.cost(axis.axis(), Widths.TRACED);
      int step = axis.role() == AxisRole.CHANNELS ? multiple : 1;
      var removed = new TreeSet<Integer>(List.of(axis.size() % step));
      for (double share : shares) {
        int gone = axis.size() - step * (int) Math.round((1 - share) * axis.size() / step);
        if (share == 1 ? part != null : gone <= budget.most(axis)) {
          removed.add(Math.max(removed.first(), gone));
        }
      }
      long beside = part == null ? 0 : part.elements(space.graph()) - each * axis.size();
      options.add(new AxisOptions(axis, each, beside, step, List.copyOf(removed)));
    }
    return List.copyOf(options);
  }

  /**
   * Refuses a budget that the options cannot meet, before anything is measured.
   *
   * @throws InputException with the largest ratio that can be reached
   */
  public static void requireReach(List<AxisOptions> options, PruningBudget budget) {
    long most = options.stream().mapToLong(AxisOptions::most).sum();
    if (most < budget.remove()) {
      throw new InputException(
          "%d of %d parameters are to go, but the widths that allocation.shares allows remove at"
              + " most %d of them: the largest ratio that can be reached is %s. Lower the ratio,"
              + " give larger shares (those above the cap of %s are left out, but 1), or protect"
              + " fewer axes",
          budget.remove(),
          budget.total(),
          most,
          Math.floor(1e4 * most / budget.total()) / 1e4,
          budget.cap());
    }
  }

  private long most() {
    return parameters(removed.get(removed.size() - 1));
  }

  /** Parameters that go with {@code groups} groups. */
  long parameters(int groups) {
    return cost * groups + (groups == axis.size() ? beside : 0);
  }

  /** Parameters that go with each option. */
  long[] parameters() {
    return removed.stream().mapToLong(this::parameters).toArray();
  }
}
