package io.lorashear.rank;

import java.util.Random;

/**
 * Random scores, the control for all others.
 *
 * <pre>
 *   S_j ~ U(0, 1)      a new draw for every pair and number of remaining components
 * </pre>
 */
record RandomScore(long seed) implements RankScore {
  @Override
  public double[] of(int pair, int[] kept) {
    var random = new Random((seed * 1_000_003 + pair) * 1_000_003 + kept.length);
    return random.doubles(kept.length).toArray();
  }
}
