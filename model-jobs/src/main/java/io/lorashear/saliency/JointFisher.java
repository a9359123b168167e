package io.lorashear.saliency;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Objects;

/**
 * Chooses groups by what they do together. The Fisher information of several factors m_g = 1 that
 * become 0 at once is that of the sum of their slopes (Kwon et al., arXiv 2204.09656, equation 5);
 * {@link FisherScore} is its diagonal. Of few rows the products of different groups are noisy, so
 * that they count by a part:
 *
 * <pre>
 *   G_rg = ∂loss of row r/∂m_g             {@link GroupSlopes}
 *   C(S) = ½(1−λ) Σ_r (Σ_{g∈S} G_rg)² + ½λ Σ_{g∈S} s_g                 λ = 1: each by itself
 *
 *   R_r ← Σ G_rg over what is removed already
 *   again and again the g of least Δ_g/c_g that fits:                 c_g: its parameters
 *     Δ_g = C(S + g) − C(S) = (1−λ) Σ_r R_r G_rg + ½s_g               of equals the first
 *     R_r ← R_r + G_rg
 * </pre>
 *
 * Δ of all groups is computed anew after 256 choices; in between, only the 2,048 groups with the
 * least Δ/c compete, and theirs follows every choice. Of no more groups than that, each choice is
 * the least of all.
 *
 * <p>A shape takes scores that are known beforehand. Those that it gets are in the order of the
 * choices, and a group that was not chosen comes after all those that it lost against:
 *
 * <pre>
 *   s_g = 2c_g · max over the choices up to g of Δ/c                  2Δ = s_g if S is empty
 *   s_g = 2c_g · max(Δ_g/c_g in the end, just above what the last choice had while g still fitted)
 * </pre>
 */
final class JointFisher {
  private static final int COMPETING = 2048;
  private static final int CHOICES = 256;

  private final List<AxisWeights> axes;
  private final GroupSlopes slopes;
  private final double share; // 1 − λ
  private final int[] axisOf;
  private final double[] cost; // c_g
  private final double[] own; // ½s_g

  /**
   * Chooses among the groups of {@code axes}.
   *
   * @param fisher with its slopes
   * @param diagonal λ, in [0, 1]
   */
  JointFisher(List<AxisWeights> axes, FisherInformation fisher, double diagonal) {
    this.axes = axes;
    this.slopes = Objects.requireNonNull(fisher.together());
    this.share = 1 - diagonal;
    this.own = fisher.each().stream().flatMapToDouble(Arrays::stream).map(s -> s / 2).toArray();
    this.axisOf = new int[own.length];
    this.cost = new double[own.length];
    int at = 0;
    for (int i = 0; i < axes.size(); i++) {
      int end = at + axes.get(i).size();
      Arrays.fill(axisOf, at, end, i);
      Arrays.fill(cost, at, end, (double) axes.get(i).cost());
      at = end;
    }
  }

  /** The scores of all groups; of those that are not kept 0. */
  List<double[]> scores(Allowance allowance) {
    var run = new Run(allowance);
    run.choose();
    return run.scores();
  }

  /** One choice of groups, until nothing fits any more. */
  private final class Run {
    private final boolean[] kept = new boolean[own.length];
    private final int[] room = new int[axes.size()];
    private final double[] level = new double[own.length]; // of what is chosen: its score
    private final boolean[] chosen = new boolean[own.length];
    private final double[] sums; // R
    private double[] marginal; // Δ
    private final double[] lost = new double[axes.size()]; // score of the last choice it lost
    private final BitSet closed = new BitSet(); // axes of which nothing fits any more
    private double last = Double.NEGATIVE_INFINITY;
    private long left;

    Run(Allowance allowance) {
      this.left = allowance.parameters();
      for (int i = 0; i < axes.size(); i++) {
        room[i] = allowance.most().getOrDefault(axes.get(i).name(), 0);
      }
      int first = 0;
      for (var axis : axes) {
        int from = first;
        allowance.kept().indices(axis.name()).stream().forEach(g -> kept[from + g] = true);
        first += axis.size();
      }
      this.sums = slopes.rows().stream().mapToDouble(this::removed).toArray();
      this.marginal = marginal();
      Arrays.fill(lost, last);
      close();
    }

    /** Notes of which axes nothing fits from here on. */
    private void close() {
      for (int i = closed.nextClearBit(0); i < lost.length; i = closed.nextClearBit(i + 1)) {
        lost[i] = last;
        closed.set(i, room[i] <= 0 || axes.get(i).cost() > left);
      }
    }

    private double removed(float[] row) {
      double sum = 0;
      for (int g = 0; g < row.length; g++) {
        sum += kept[g] ? 0 : row[g];
      }
      return sum;
    }

    private double[] marginal() {
      var joint = slopes.combined(sums);
      for (int g = 0; g < joint.length; g++) {
        joint[g] = share * joint[g] + own[g];
      }
      return joint;
    }

    private boolean open(int g) {
      return kept[g] && !chosen[g] && !closed.get(axisOf[g]);
    }

    void choose() {
      for (var some = competing(); some.length > 0; some = competing()) {
        choose(some, slopes.columns(some));
        marginal = marginal();
      }
    }

    /** The open groups of least Δ/c, ascending. */
    private int[] competing() {
      var open = new int[own.length];
      int n = 0;
      for (int g = 0; g < own.length; g++) {
        if (open(g)) {
          open[n++] = g;
        }
      }
      var all = Arrays.copyOf(open, n);
      if (n <= COMPETING) {
        return all;
      }
      var ascending = Arrays.stream(all).mapToDouble(g -> marginal[g] / cost[g]).toArray();
      Arrays.sort(ascending);
      double most = ascending[COMPETING - 1];
      return Arrays.stream(all).filter(g -> marginal[g] / cost[g] <= most).toArray();
    }

    /** Chooses among {@code some}; {@code columns} (rows, some) are their slopes. */
    private void choose(int[] some, double[][] columns) {
      var delta = Arrays.stream(some).mapToDouble(g -> marginal[g]).toArray();
      boolean all = some.length < COMPETING;
      for (int n = 0; all || n < CHOICES; n++) {
        int best = -1;
        for (int j = 0; j < some.length; j++) {
          boolean less = best < 0 || delta[j] / cost[some[j]] < delta[best] / cost[some[best]];
          best = less && open(some[j]) ? j : best;
        }
        if (best < 0) {
          return;
        }
        take(some[best], delta[best]);
        for (int r = 0; r < columns.length; r++) {
          var row = columns[r];
          double factor = share * row[best];
          sums[r] += row[best];
          for (int j = 0; j < delta.length; j++) {
            delta[j] += factor * row[j];
          }
        }
      }
    }

    private void take(int g, double delta) {
      last = Math.max(last, delta / cost[g]);
      level[g] = last;
      chosen[g] = true;
      room[axisOf[g]]--;
      left -= axes.get(axisOf[g]).cost();
      close();
    }

    List<double[]> scores() {
      double usual = 0;
      for (int g = 0; g < own.length; g++) {
        usual += own[g] / cost[g] / own.length;
      }
      var scores = new ArrayList<double[]>();
      int first = 0;
      for (int a = 0; a < axes.size(); a++) {
        var each = new double[axes.get(a).size()];
        // Scores are compared as floats, whose last digit is at 6e-8.
        double above = lost[a] + 1e-5 * Math.min(Math.abs(lost[a]) + usual, Double.MAX_VALUE);
        for (int i = 0; i < each.length; i++) {
          int g = first + i;
          double open = Math.max(marginal[g] / cost[g], above);
          each[i] = kept[g] ? 2 * cost[g] * (chosen[g] ? level[g] : open) : 0;
        }
        scores.add(each);
        first += each.length;
      }
      return scores;
    }
  }
}
