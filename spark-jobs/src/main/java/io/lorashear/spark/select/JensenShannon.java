package io.lorashear.spark.select;

import io.lorashear.corpus.SoftTargets;
import java.util.HashMap;

/**
 * Jensen-Shannon divergence of the predictions of two models, in nats: how far they are apart,
 * whatever the token that came. PASER (arXiv 2502.12594, section 3.3) ranks text by it.
 *
 * <pre>
 *   JSD(p, q) = ½ KL(p ‖ m) + ½ KL(q ‖ m)      m = ½ (p + q), 0 to log 2
 * </pre>
 *
 * Of each prediction, only the likeliest tokens are known. The outcomes are the tokens that both
 * name, and all others together; merging outcomes never raises the divergence, so the value is a
 * lower bound.
 */
public final class JensenShannon {
  private JensenShannon() {}

  /**
   * Sum over the positions of a row.
   *
   * @throws IllegalArgumentException if the numbers of positions differ
   */
  public static double sum(SoftTargets p, SoftTargets q) {
    if (p.positions() != q.positions()) {
      throw new IllegalArgumentException(
          "%d positions and %d".formatted(p.positions(), q.positions()));
    }
    double sum = 0;
    for (int t = 0; t < p.positions(); t++) {
      sum += at(t, p, q);
    }
    return sum;
  }

  private static double at(int t, SoftTargets p, SoftTargets q) {
    var ofQ = new HashMap<Integer, Double>();
    for (int k = t * q.top(); k < (t + 1) * q.top(); k++) {
      ofQ.put(q.ids()[k], Math.exp(q.logProbabilities()[k]));
    }
    double divergence = 0;
    double restOfP = 1;
    double restOfQ = 1;
    for (int k = t * p.top(); k < (t + 1) * p.top(); k++) {
      var theirs = ofQ.get(p.ids()[k]);
      if (theirs != null) {
        double ours = Math.exp(p.logProbabilities()[k]);
        divergence += term(ours, theirs);
        restOfP -= ours;
        restOfQ -= theirs;
      }
    }
    return divergence + term(Math.max(restOfP, 0), Math.max(restOfQ, 0));
  }

  private static double term(double p, double q) {
    double m = (p + q) / 2;
    return (half(p, m) + half(q, m)) / 2;
  }

  private static double half(double p, double m) {
    return p > 0 ? p * Math.log(p / m) : 0;
  }
}
