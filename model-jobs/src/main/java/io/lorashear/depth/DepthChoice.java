package io.lorashear.depth;

import io.lorashear.InputException;
import io.lorashear.compress.WidthPlan;
import io.lorashear.dependency.Groups;
import io.lorashear.dependency.PruningSpace;
import io.lorashear.depth.DepthSettings.Rest;
import io.lorashear.depth.DepthSettings.What;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * Which parts of a model's depth are removed.
 *
 * <pre>
 *   order    again and again the group of least influence of those that may go now; of equals the
 *            first; one stays, whatever the budget
 *   taken    as many of that order as come nearest to the budget, of two as near the fewer;
 *            where the rest goes by width, nearest from below
 *
 *   may go   shape free    every group
 *            shape deci    no attention of layer 0, no MLP of the last, none whose layer attends
 * </pre>
 *
 * @param space of the model
 * @param groups that may be removed, apart from the shape's rule
 * @param deci whether the result must have the shape {@link io.lorashear.shape.Deci}
 */
public record DepthChoice(PruningSpace space, List<DepthGroup> groups, boolean deci) {

  /**
   * The choice among all groups of a model.
   *
   * @param kept names of axes that lose nothing
   */
  public static DepthChoice of(PruningSpace space, What what, Set<String> kept, boolean deci) {
    return new DepthChoice(space, DepthGroup.of(space, what, kept), deci);
  }

  /** Indices of the groups in the order of their removal. */
  public List<Integer> order(double[] influence) {
    var order = new ArrayList<Integer>();
    var next = next(order, influence);
    while (next >= 0) {
      order.add(next);
      next = next(order, influence);
    }
    boolean nothingLeft =
        order.stream().mapToInt(g -> groups.get(g).sublayers().size()).sum()
            == space.sublayers().size();
    return nothingLeft && !order.isEmpty() ? order.subList(0, order.size() - 1) : order;
  }

  private int next(List<Integer> gone, double[] influence) {
    int least = -1;
    for (int g = 0; g < groups.size(); g++) {
      boolean may = !gone.contains(g) && mayGo(groups.get(g), gone);
      if (may && (least < 0 || influence[g] < influence[least])) {
        least = g;
      }
    }
    return least;
  }

  private boolean mayGo(DepthGroup group, List<Integer> gone) {
    if (!deci) {
      return true;
    }
    int last = space.sublayers().stream().mapToInt(DepthGroup::number).max().orElse(0);
    boolean mlp = group.sublayers().stream().anyMatch(part -> !part.attention());
    return group.layer() > 0 && (!mlp || group.layer() < last && !attends(group, gone));
  }

  /** Whether the layer of {@code group} has attention that does not go with it. */
  private boolean attends(DepthGroup group, List<Integer> gone) {
    return space.sublayers().stream()
        .filter(part -> part.attention() && DepthGroup.number(part) == group.layer())
        .anyMatch(
            part ->
                !group.sublayers().contains(part)
                    && gone.stream().noneMatch(g -> groups.get(g).sublayers().contains(part)));
  }

  /**
   * The least influential groups whose parameters come nearest to {@code remove}; nearest from
   * below, possibly none, if the rest is removed by width.
   *
   * @throws InputException if no group fits and the rest stays
   */
  public List<Integer> take(double[] influence, long remove, Rest rest) {
    var order = order(influence);
    var costs = costs(order);
    int best =
        IntStream.rangeClosed(0, order.size())
            .filter(k -> rest == Rest.STAYS || costs[k] <= remove)
            .boxed()
            .min(Comparator.comparingLong(k -> Math.abs(costs[k] - remove)))
            .orElse(0);
    if (best == 0 && rest == Rest.STAYS) {
      throw new InputException(
          "%d of %d parameters are to go, but %s, which is least influential, alone has %d, more"
              + " than twice as many: raise the ratio to %s, choose another method, or let the rest"
              + " go by width (depth.rest: width)",
          remove,
          total(),
          groups.get(order.get(0)).name(),
          costs[1],
          Math.ceil(1e4 * costs[1] / total()) / 1e4);
    }
    return List.copyOf(order.subList(0, best));
  }

  /** How many parameters go with the first k of {@code order}, for every k. */
  private long[] costs(List<Integer> order) {
    var costs = new long[order.size() + 1];
    for (int k = 0; k <= order.size(); k++) {
      costs[k] = cost(order.subList(0, k));
    }
    return costs;
  }

  /** Number of parameters of {@code taken}. */
  public long cost(List<Integer> taken) {
    return total() - new WidthPlan(removed(taken)).parameters(space.graph());
  }

  /** The removal groups of {@code taken}. */
  public Groups removed(List<Integer> taken) {
    return Groups.union(taken.stream().map(g -> groups.get(g).groups()).toList());
  }

  private long total() {
    return space.graph().parameterCount();
  }

  /**
   * Refuses a budget that cannot be met, before anything is measured.
   *
   * @throws InputException with the largest ratio that can be reached
   */
  public void requireReach(double ratio) {
    var order = order(new double[groups.size()]);
    long most = cost(order);
    if (most < Math.round(ratio * total())) {
      throw new InputException(
          "ratio is %s of %d parameters, but the %d parts of the depth that may go%s hold only %d"
              + " of them: the largest ratio that can be reached is %s. Lower the ratio, or protect"
              + " fewer axes",
          ratio,
          total(),
          order.size(),
          deci ? " in the shape deci" : "",
          most,
          Math.floor(1e4 * most / total()) / 1e4);
    }
  }
}
