package io.lorashear.saliency;

import io.lorashear.dependency.Groups;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.List;

/**
 * Ranks instead of scores: a choice by them takes the same share of every axis, and within each
 * axis the groups with the lowest scores.
 *
 * <pre>
 *   q_g = (n_gone + r_g − ½) / n       r_g: rank of g among the n − n_gone left, lowest first
 * </pre>
 *
 * Because of the ½, an axis of few groups loses the whole number that is nearest to the share.
 */
public final class SameShare {
  private SameShare() {}

  /**
   * The ranks of every group that is left; 0 for the others.
   *
   * @param kept groups that are left
   */
  public static List<double[]> of(List<AxisWeights> axes, List<double[]> scores, Groups kept) {
    var ranks = new ArrayList<double[]>();
    for (int i = 0; i < axes.size(); i++) {
      ranks.add(ranks(scores.get(i), kept.indices(axes.get(i).name())));
    }
    return ranks;
  }

  /** The ranks of groups without known scores, which tell how many of each axis are removed. */
  public static double[] unknown(int groups) {
    var all = new BitSet();
    all.set(0, groups);
    return ranks(new double[groups], all);
  }

  private static double[] ranks(double[] scores, BitSet kept) {
    int gone = scores.length - kept.cardinality();
    var ranks = new double[scores.length];
    var order =
        kept.stream()
            .boxed()
            .sorted(Comparator.<Integer>comparingDouble(g -> scores[g]).thenComparing(g -> g))
            .toList();
    for (int r = 0; r < order.size(); r++) {
      ranks[order.get(r)] = (gone + r + 0.5) / scores.length;
    }
    return ranks;
  }
}
