package io.lorashear.optim;

import java.util.Arrays;
import java.util.BitSet;
import java.util.List;

/**
 * Chooses the groups of the least saliency until a number of parameters is met.
 *
 * <pre>
 *   in ascending order of saliency: take g   if its cost is at most what is left of the budget
 *                                            and its axis may lose one more
 *   at the end, if asked to reach it: the least salient of the cheapest groups, so that the budget
 *   is passed by less than one group
 * </pre>
 */
final class Selection {
  /** One axis as the choice sees it: cost of a group, scores, who may go, and how many at most. */
  @SuppressWarnings("ArrayRecordComponent") // scores of the groups of an axis, never compared
  record Candidates(long cost, double[] scores, BitSet eligible, int most) {}

  private final List<Candidates> axes;
  private final List<BitSet> chosen;
  private final int[] starts; // number of each axis's first group
  private long left;

  private Selection(List<Candidates> axes, long parameters) {
    this.axes = axes;
    this.chosen = axes.stream().map(axis -> new BitSet()).toList();
    this.left = parameters;
    this.starts = new int[axes.size()];
    for (int i = 1; i < starts.length; i++) {
      starts[i] = starts[i - 1] + axes.get(i - 1).scores().length;
    }
  }

  /** The chosen groups of every axis. */
  static List<BitSet> choose(List<Candidates> axes, long parameters, boolean reach) {
    var selection = new Selection(axes, parameters);
    var order = selection.order();
    selection.takeWhatFits(order);
    if (reach && selection.left > 0) {
      selection.takeOneMore(order);
    }
    return selection.chosen;
  }

  /** Axis and group in the lower half, the score (not negative) as float bits in the upper. */
  private long[] order() {
    int all = axes.stream().mapToInt(axis -> axis.eligible().cardinality()).sum();
    var order = new long[all];
    int n = 0;
    for (int i = 0; i < starts.length; i++) {
      var eligible = axes.get(i).eligible();
      for (int g = eligible.nextSetBit(0); g >= 0; g = eligible.nextSetBit(g + 1)) {
        var score = (float) axes.get(i).scores()[g];
        order[n++] = (long) Float.floatToIntBits(score) << 32 | (starts[i] + g);
      }
    }
    Arrays.sort(order);
    return order;
  }

  private void takeWhatFits(long[] order) {
    for (long entry : order) {
      int axis = axis((int) entry);
      if (axes.get(axis).cost() <= left && mayLose(axis)) {
        take(axis, group((int) entry, axis));
      }
    }
  }

  private void takeOneMore(long[] order) {
    long best = -1;
    for (long entry : order) {
      int axis = axis((int) entry);
      boolean free = !chosen.get(axis).get(group((int) entry, axis)) && mayLose(axis);
      if (free && (best < 0 || axes.get(axis).cost() < axes.get(axis((int) best)).cost())) {
        best = entry;
      }
    }
    if (best >= 0) {
      int axis = axis((int) best);
      take(axis, group((int) best, axis));
    }
  }

  private boolean mayLose(int axis) {
    return chosen.get(axis).cardinality() < axes.get(axis).most();
  }

  private void take(int axis, int group) {
    chosen.get(axis).set(group);
    left -= axes.get(axis).cost();
  }

  private int axis(int number) {
    int at = Arrays.binarySearch(starts, number);
    return at >= 0 ? at : -at - 2;
  }

  private int group(int number, int axis) {
    return number - starts[axis];
  }
}
