package io.lorashear.shape;

import io.lorashear.dependency.Groups;
import io.lorashear.graph.AxisRole;
import java.util.Arrays;
import java.util.List;

/**
 * Narrows one axis from one allowed width to the next, always by the least salient remaining
 * groups.
 *
 * <pre>
 *   width 100, multiple 32:   100 → 96 → 64 → 32        the first step is due: 100 is no multiple
 *   score of a step = mean of its groups' scores, so that steps of an axis are in ascending order
 * </pre>
 */
final class Steps {
  private final Candidates axis;
  private final int[] order; // groups, the least salient first
  private final double[] sums; // of the first n scores
  private final int first;
  private final int each;
  private int taken;

  /**
   * Steps of {@code axis}, whose width must be a multiple of {@code multiple} if it belongs to an
   * MLP or the residual stream.
   */
  Steps(Candidates axis, int multiple) {
    this.axis = axis;
    this.order = order(axis);
    this.sums = new double[order.length + 1];
    for (int n = 0; n < order.length; n++) {
      sums[n + 1] = sums[n] + axis.scores()[order[n]];
    }
    this.each = hasMultiples(axis.axis().role()) ? multiple : 1;
    this.first = order.length % each == 0 ? each : order.length % each;
  }

  private static boolean hasMultiples(AxisRole role) {
    return role == AxisRole.CHANNELS || role == AxisRole.RESIDUAL;
  }

  /** The score in the upper half, as bits in the order of floats; the group in the lower. */
  private static int[] order(Candidates axis) {
    var packed = new long[axis.width()];
    int n = 0;
    var eligible = axis.eligible().indices(axis.name());
    for (int g = eligible.nextSetBit(0); g >= 0; g = eligible.nextSetBit(g + 1)) {
      double score = axis.scores()[g];
      if (Double.isNaN(score)) {
        throw new IllegalArgumentException(
            "the score of group %d of %s is no number".formatted(g, axis.name()));
      }
      packed[n++] = (long) ordered((float) score) << 32 | g;
    }
    Arrays.sort(packed);
    return Arrays.stream(packed).mapToInt(entry -> (int) entry).toArray();
  }

  /** Bits that are in order as the numbers are: of negative ones all but the sign are turned. */
  private static int ordered(float score) {
    int bits = Float.floatToIntBits(score);
    return bits ^ (bits >> 31 & Integer.MAX_VALUE);
  }

  Candidates axis() {
    return axis;
  }

  /** Number of groups of the next step; 0 if there is none. */
  int next() {
    int step = taken == 0 ? first : each;
    return taken + step <= axis.most() ? step : 0;
  }

  /** Whether the present width is not allowed. */
  boolean due() {
    return taken == 0 && first != each;
  }

  /** Number of parameters of the next step. */
  long cost() {
    return next() * axis.cost();
  }

  /** Mean score of the next step. */
  float score() {
    int n = next();
    return (float) ((sums[taken + n] - sums[taken]) / n);
  }

  /** Takes the next step. */
  void take() {
    taken += next();
  }

  /** Number of removed groups. */
  int taken() {
    return taken;
  }

  /** Sum of score · parameters of the {@code n} least salient groups. */
  double salience(int n) {
    return sums[n] * axis.cost();
  }

  /** The {@code n} least salient groups. */
  Groups least(int n) {
    return Groups.of(axis.name(), Arrays.copyOf(order, n));
  }

  /** All removed groups of {@code axes}. */
  static Groups taken(List<Steps> axes) {
    return Groups.union(axes.stream().map(axis -> axis.least(axis.taken)).toList());
  }
}
