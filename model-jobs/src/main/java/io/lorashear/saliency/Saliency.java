package io.lorashear.saliency;

import io.lorashear.dependency.Groups;
import io.lorashear.graph.AxisRole;
import io.lorashear.saliency.SaliencySettings.Measure;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/**
 * Combines scores into one number per group. Head groups are a hundred times larger than channels,
 * so each score is taken per parameter and normalised to unit mean square among the groups of one
 * kind:
 *
 * <pre>
 *   ŝ_k(g) = (s_k(g) / c_g) / √(mean over the groups h of g's kind of (s_k(h) / c_h)²)
 *   saliency(g) = Σ_k weight_k · ŝ_k(g)                              smallest: most redundant
 * </pre>
 *
 * c is the group's cost in parameters. Removed groups are excluded from the mean. The Fisher score
 * is an increase of the loss for every kind, so its mean is over the groups of all kinds.
 */
public final class Saliency {
  private final List<AxisWeights> axes;
  private final SaliencySettings settings;
  private final Supplier<MeasuredScores> measure;
  private final MeasuredScores first;

  /**
   * Scores of the groups of {@code axes}.
   *
   * @param measure measures scores with true gradients on the model in its current state; called
   *     here and never again if the settings want a single measurement
   */
  public Saliency(
      List<AxisWeights> axes, SaliencySettings settings, Supplier<MeasuredScores> measure) {
    this.axes = List.copyOf(axes);
    this.settings = settings;
    this.measure = measure;
    this.first = settings.measure() == Measure.ONCE ? measure.get() : MeasuredScores.NONE;
  }

  /** The axes, in the order of all scores. */
  public List<AxisWeights> axes() {
    return axes;
  }

  /**
   * The weighted sum of all scores on the current weights.
   *
   * @param allowance the groups that are scored, and how many of them may be removed
   */
  public List<double[]> scores(Allowance allowance) {
    var measured = settings.measure() == Measure.ONCE ? first : measure.get();
    return of(axes, allowance, measured, settings);
  }

  /** Scores of the groups of one axis, and which of them still count. */
  @SuppressWarnings("ArrayRecordComponent") // arrays over the groups of an axis, never compared
  public record AxisScores(AxisRole role, long cost, double[] scores, BitSet counts) {}

  /** The normalised form of one score, in the order of {@code axes}. */
  public static List<double[]> normalised(List<AxisScores> axes) {
    return normalised(axes, false);
  }

  private static List<double[]> normalised(List<AxisScores> axes, boolean acrossKinds) {
    var squares = new EnumMap<AxisRole, double[]>(AxisRole.class);
    for (var axis : axes) {
      var kind = acrossKinds ? axes.get(0).role() : axis.role();
      var sum = squares.computeIfAbsent(kind, role -> new double[2]);
      for (int g = 0; g < axis.scores().length; g++) {
        if (axis.counts().get(g)) {
          double each = axis.scores()[g] / axis.cost();
          sum[0] += each * each;
          sum[1]++;
        }
      }
    }
    return axes.stream()
        .map(axis -> scaled(axis, acrossKinds ? axes.get(0).role() : axis.role(), squares))
        .toList();
  }

  private static double[] scaled(AxisScores axis, AxisRole kind, Map<AxisRole, double[]> squares) {
    var sum = squares.getOrDefault(kind, new double[2]);
    double root = Math.sqrt(sum[0] / Math.max(1, sum[1])) * axis.cost();
    var scaled = new double[axis.scores().length];
    for (int g = 0; g < scaled.length; g++) {
      scaled[g] = root > 0 ? axis.scores()[g] / root : 0;
    }
    return scaled;
  }

  private static List<double[]> of(
      List<AxisWeights> axes,
      Allowance allowance,
      MeasuredScores measured,
      SaliencySettings settings) {
    var counts = allowance.kept();
    var sums = GroupSums.of(axes, slice -> slice.zeroed() || settings.readToo());
    var total = axes.stream().map(axis -> new double[axis.size()]).toList();
    for (var score : Score.values()) {
      if (settings.weight(score) > 0) {
        var scores = scores(axes, counts, sums.stream().map(score::of).toList());
        add(total, normalised(scores), settings.weight(score));
      }
    }
    if (settings.gradient() > 0) {
      var scores = scores(axes, counts, measured.gradient());
      add(total, normalised(scores), settings.gradient());
    }
    if (settings.fisher() > 0) {
      var fisher = measured.fisher().scores(axes, settings.diagonal(), allowance);
      add(total, normalised(scores(axes, counts, fisher), true), settings.fisher());
    }
    return total;
  }

  static List<AxisScores> scores(List<AxisWeights> axes, Groups counts, List<double[]> scores) {
    var all = new ArrayList<AxisScores>();
    for (int i = 0; i < axes.size(); i++) {
      var axis = axes.get(i);
      all.add(new AxisScores(axis.role(), axis.cost(), scores.get(i), counts.indices(axis.name())));
    }
    return all;
  }

  private static void add(List<double[]> total, List<double[]> scores, double weight) {
    for (int i = 0; i < total.size(); i++) {
      for (int g = 0; g < total.get(i).length; g++) {
        total.get(i)[g] += weight * scores.get(i)[g];
      }
    }
  }
}
