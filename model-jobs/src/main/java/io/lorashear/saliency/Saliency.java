package io.lorashear.saliency;

import io.lorashear.graph.AxisRole;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * Joins scores to one number a group. Head groups are a hundred times larger than channels, so each
 * score is taken per parameter and brought to unit mean square among the groups of one kind:
 *
 * <pre>
 *   ŝ_k(g) = (s_k(g) / c_g) / √(mean over the groups h of g's kind of (s_k(h) / c_h)²)
 *   saliency(g) = Σ_k weight_k · ŝ_k(g)                              smallest: most redundant
 * </pre>
 *
 * c is the group's cost in parameters. Removed groups take no part in the mean.
 */
public final class Saliency {
  private Saliency() {}

  /** Scores of the groups of one axis, and which of them still count. */
  @SuppressWarnings("ArrayRecordComponent") // arrays over the groups of an axis, never compared
  public record AxisScores(AxisRole role, long cost, double[] scores, boolean[] counts) {}

  /** The normalised form of one score, in the order of {@code axes}. */
  public static List<double[]> normalised(List<AxisScores> axes) {
    var squares = new EnumMap<AxisRole, double[]>(AxisRole.class);
    for (var axis : axes) {
      var sum = squares.computeIfAbsent(axis.role(), role -> new double[2]);
      for (int g = 0; g < axis.scores().length; g++) {
        if (axis.counts()[g]) {
          double each = axis.scores()[g] / axis.cost();
          sum[0] += each * each;
          sum[1]++;
        }
      }
    }
    return axes.stream().map(axis -> scaled(axis, squares)).toList();
  }

  private static double[] scaled(AxisScores axis, Map<AxisRole, double[]> squares) {
    var sum = squares.getOrDefault(axis.role(), new double[2]);
    double root = Math.sqrt(sum[0] / Math.max(1, sum[1])) * axis.cost();
    var scaled = new double[axis.scores().length];
    for (int g = 0; g < scaled.length; g++) {
      scaled[g] = root > 0 ? axis.scores()[g] / root : 0;
    }
    return scaled;
  }

  /**
   * The weighted sum of the five scores on the current weights, and of one measured before.
   *
   * @param counts for every axis, which of its groups are still there
   * @param gradient {@link GradientTaylor}'s score; empty where its weight is 0
   */
  public static List<double[]> of(
      List<AxisWeights> axes,
      List<boolean[]> counts,
      List<double[]> gradient,
      SaliencySettings settings) {
    var sums = new ArrayList<GroupSums>();
    for (var axis : axes) {
      sums.add(GroupSums.of(axis, slice -> slice.zeroed() || settings.readToo()));
    }
    var total = axes.stream().map(axis -> new double[axis.size()]).toList();
    for (var score : Score.values()) {
      if (settings.weight(score) > 0) {
        add(total, axes, counts, sums.stream().map(score::of).toList(), settings.weight(score));
      }
    }
    if (settings.gradient() > 0) {
      add(total, axes, counts, gradient, settings.gradient());
    }
    return total;
  }

  private static void add(
      List<double[]> total,
      List<AxisWeights> axes,
      List<boolean[]> counts,
      List<double[]> scores,
      double weight) {
    var raw = new ArrayList<AxisScores>();
    for (int i = 0; i < axes.size(); i++) {
      var axis = axes.get(i);
      raw.add(new AxisScores(axis.role(), axis.cost(), scores.get(i), counts.get(i)));
    }
    var scaled = normalised(raw);
    for (int i = 0; i < total.size(); i++) {
      for (int g = 0; g < total.get(i).length; g++) {
        total.get(i)[g] += weight * scaled.get(i)[g];
      }
    }
  }
}
