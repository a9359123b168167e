package io.lorashear.saliency;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The measured Fisher information of the groups' factors.
 *
 * @param each s_g of every group of every axis, without regard to others: {@link FisherScore}
 * @param together the slopes that it is the sum of squares of, if groups are to be chosen by what
 *     they do together ({@link JointFisher}); otherwise null
 */
public record FisherInformation(List<double[]> each, @Nullable GroupSlopes together) {
  /** Nothing measured. */
  public static final FisherInformation NONE = new FisherInformation(List.of(), null);

  /**
   * The same after the groups' activations have shrunk to a share of their mean square: {@code
   * s_g·u_g}, and {@code G_rg·√u_g}.
   *
   * @param shares u, in [0, 1], in the order of {@link #each}
   */
  public FisherInformation times(List<double[]> shares) {
    var scaled = new ArrayList<double[]>();
    for (int i = 0; i < each.size(); i++) {
      var scores = each.get(i).clone();
      for (int g = 0; g < scores.length; g++) {
        scores[g] *= shares.get(i)[g];
      }
      scaled.add(scores);
    }
    if (together == null) {
      return new FisherInformation(scaled, null);
    }
    var roots = shares.stream().flatMapToDouble(Arrays::stream).map(Math::sqrt);
    return new FisherInformation(scaled, together.times(roots.toArray()));
  }

  /**
   * The score of every group.
   *
   * @param diagonal λ of {@link JointFisher}; unused if groups are not chosen together
   */
  public List<double[]> scores(List<AxisWeights> axes, double diagonal, Allowance allowance) {
    return together == null ? each : new JointFisher(axes, this, diagonal).scores(allowance);
  }
}
