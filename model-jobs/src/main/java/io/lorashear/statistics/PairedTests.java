package io.lorashear.statistics;

import java.util.Comparator;
import java.util.stream.IntStream;
import org.apache.commons.math3.distribution.BinomialDistribution;
import org.apache.commons.math3.stat.inference.TTest;

/** How likely a difference at least this large is where two models are in truth alike. */
public final class PairedTests {
  private static final double HALF = 0.5;

  private PairedTests() {}

  /**
   * McNemar's exact test, two-sided. Only things that one model got right and the other wrong tell
   * anything:
   *
   * <pre>
   *   n = onlyFirst + onlySecond       p = min(1, 2 P(X ≤ min(onlyFirst, onlySecond))), X ~ Bin(n, ½)
   * </pre>
   */
  public static double mcNemar(int onlyFirst, int onlySecond) {
    int fewer = Math.min(onlyFirst, onlySecond);
    var chance = new BinomialDistribution(null, onlyFirst + onlySecond, HALF);
    return Math.min(1, 2 * chance.cumulativeProbability(fewer));
  }

  /** Student's paired t test, two-sided; 1 where all differences are equal to 0. */
  public static double t(double[] first, double[] second) {
    boolean alike = IntStream.range(0, first.length).allMatch(i -> first[i] == second[i]);
    return alike || first.length < 2 ? 1 : new TTest().pairedTTest(first, second);
  }

  /**
   * Holm's correction for looking at many differences at once: with the p values in ascending
   * order, {@code p'_i = max_{j ≤ i} min(1, (m − j) p_j)}, j from 0.
   *
   * @return in the order given
   */
  public static double[] holm(double[] p) {
    var adjusted = new double[p.length];
    double most = 0;
    var ascending =
        IntStream.range(0, p.length).boxed().sorted(Comparator.comparingDouble(i -> p[i])).toList();
    for (int rank = 0; rank < p.length; rank++) {
      int i = ascending.get(rank);
      most = Math.max(most, Math.min(1, (p.length - rank) * p[i]));
      adjusted[i] = most;
    }
    return adjusted;
  }
}
