package io.lorashear.saliency;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.Predicate;

/** Scores that use no data, for comparison. */
public final class Baselines {
  private Baselines() {}

  /** The norm of each group's weights, written and read. */
  public static List<double[]> magnitude(List<AxisWeights> axes) {
    return magnitude(axes, slice -> true);
  }

  /** The norm of each group's weights in the slices that {@code counted} picks. */
  public static List<double[]> magnitude(List<AxisWeights> axes, Predicate<SliceWeights> counted) {
    return GroupSums.of(axes, counted).stream().map(Score.MAGNITUDE::of).toList();
  }

  /** Uniform numbers in [0, 1). */
  public static List<double[]> random(List<AxisWeights> axes, long seed) {
    var random = new Random(seed);
    var scores = new ArrayList<double[]>();
    for (var axis : axes) {
      scores.add(random.doubles(axis.size()).toArray());
    }
    return scores;
  }

  /** {@code scores} per parameter. */
  public static List<double[]> perParameter(List<AxisWeights> axes, List<double[]> scores) {
    var each = new ArrayList<double[]>();
    for (int i = 0; i < axes.size(); i++) {
      double cost = axes.get(i).cost();
      each.add(Arrays.stream(scores.get(i)).map(score -> score / cost).toArray());
    }
    return each;
  }

  /** {@code scores} per parameter and with unit mean square in each kind of axis. */
  public static List<double[]> comparable(List<AxisWeights> axes, List<double[]> scores) {
    return Saliency.normalised(Saliency.scores(axes, AxisWeights.all(axes), scores));
  }
}
