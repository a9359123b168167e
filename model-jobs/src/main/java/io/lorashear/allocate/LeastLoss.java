package io.lorashear.allocate;

import java.util.Arrays;
import java.util.List;
import java.util.stream.LongStream;

/**
 * One option of each axis, such that together they remove enough and the sum of their losses is
 * least: a knapsack with one item of each class, solved by dynamic programming.
 *
 * <pre>
 *   minimise  Σ_i loss_i(j_i)     subject to     Σ_i cost_i(j_i) ≥ R
 *
 *   u = g · ⌈R / (g · most)⌉             g: greatest common divisor of all costs
 *   c_i(j) = ⌊cost_i(j) / u⌋,   B = ⌈R / u⌉
 *   f_0(0) = 0,   f_0(b) = ∞ for b = 1 … B
 *   f_i(b) = min over j of loss_i(j) + f_{i−1}(max(0, b − c_i(j)))        the result is f_n(B)
 * </pre>
 *
 * Costs are rounded down and the budget up, so Σ c ≥ B implies Σ cost ≥ R: rounding never lets the
 * budget be missed. With u = g, which is so for most models, nothing is rounded and the choice is
 * exact. With a larger u it is exact for the rounded costs; if they cannot reach B though the costs
 * reach R, every axis has its largest cost.
 *
 * @param costs parameters that each option of each axis removes, at least 0; an axis's first option
 *     is the one preferred among equal losses
 * @param losses of the same options
 * @param most largest number of units of the budget, at least 1
 */
@SuppressWarnings("ArrayRecordComponent") // read, never compared
record LeastLoss(List<long[]> costs, List<double[]> losses, long most) {
  /** Units of the budget unless a caller says otherwise: tables of one byte for each and axis. */
  static final long UNITS = 1 << 20;

  /** Parameters of one unit u. */
  long unit(long budget) {
    long divisor = costs.stream().flatMapToLong(LongStream::of).reduce(0, LeastLoss::commonDivisor);
    return divisor == 0 ? 1 : divisor * Math.max(1, up(budget, divisor * most));
  }

  /**
   * The index of the chosen option of each axis.
   *
   * @param budget R, parameters to remove
   * @throws IllegalArgumentException if all axes together have fewer
   */
  int[] choose(long budget) {
    var largest = costs.stream().mapToInt(LeastLoss::largest).toArray();
    if (cost(largest) < budget) {
      throw new IllegalArgumentException(
          "%d parameters are to go, but the options have only %d".formatted(budget, cost(largest)));
    }
    long unit = unit(budget);
    int units = Math.toIntExact(Math.max(0, up(budget, unit)));
    var least = new double[units + 1];
    Arrays.fill(least, 1, units + 1, Double.POSITIVE_INFINITY);
    var taken = new byte[costs.size()][];
    for (int i = 0; i < taken.length; i++) {
      taken[i] = new byte[units + 1];
      least = next(least, rounded(costs.get(i), unit), losses.get(i), taken[i]);
    }
    return least[units] < Double.POSITIVE_INFINITY ? backwards(taken, units, unit) : largest;
  }

  /** f_i from f_{i−1}, and in {@code taken} the j of each minimum. */
  private static double[] next(double[] before, int[] costs, double[] losses, byte[] taken) {
    var least = new double[before.length];
    for (int b = 0; b < least.length; b++) {
      least[b] = Double.POSITIVE_INFINITY;
      for (int j = 0; j < costs.length; j++) {
        double loss = losses[j] + before[Math.max(0, b - costs[j])];
        if (loss < least[b]) {
          least[b] = loss;
          taken[b] = (byte) j;
        }
      }
    }
    return least;
  }

  private int[] backwards(byte[][] taken, int units, long unit) {
    var chosen = new int[taken.length];
    int b = units;
    for (int i = taken.length - 1; i >= 0; i--) {
      chosen[i] = taken[i][b];
      b = Math.max(0, b - rounded(costs.get(i), unit)[chosen[i]]);
    }
    return chosen;
  }

  /** Parameters of the chosen options. */
  long cost(int[] chosen) {
    long sum = 0;
    for (int i = 0; i < chosen.length; i++) {
      sum += costs.get(i)[chosen[i]];
    }
    return sum;
  }

  /** Costs in whole units, at most the largest number of them. */
  private static int[] rounded(long[] costs, long unit) {
    return LongStream.of(costs)
        .mapToInt(c -> (int) Math.min(Integer.MAX_VALUE, c / unit))
        .toArray();
  }

  private static int largest(long[] costs) {
    int largest = 0;
    for (int j = 1; j < costs.length; j++) {
      largest = costs[j] > costs[largest] ? j : largest;
    }
    return largest;
  }

  /** ⌈a / b⌉ of a number of either sign. */
  private static long up(long a, long b) {
    return -Math.floorDiv(-a, b);
  }

  private static long commonDivisor(long a, long b) {
    return b == 0 ? a : commonDivisor(b, a % b);
  }
}
