package io.lorashear.saliency;

/**
 * The five scores of a group, with LoRA's product instead of the gradient: when training starts
 * from B = 0, sBA is minus an accumulated, projected gradient step (only_train_once,
 * importance_score/*).
 *
 * <pre>
 *   MAGNITUDE           ‖w‖
 *   AVERAGE_MAGNITUDE   ‖w‖ / number of elements
 *   COSINE              ⟨w, u⟩ / (‖w‖‖u‖) + 1         0: training is shrinking the group
 *   TAYLOR_1            |⟨w, u⟩|
 *   TAYLOR_2            ½⟨w, u⟩²
 * </pre>
 */
public enum Score {
  MAGNITUDE,
  AVERAGE_MAGNITUDE,
  COSINE,
  TAYLOR_1,
  TAYLOR_2;

  /** The score of every group of one axis. */
  public double[] of(GroupSums sums) {
    var scores = new double[sums.squared().length];
    for (int g = 0; g < scores.length; g++) {
      double norm = Math.sqrt(sums.squared()[g]);
      double along = sums.along()[g];
      scores[g] =
          switch (this) {
            case MAGNITUDE -> norm;
            case AVERAGE_MAGNITUDE -> norm / Math.max(1, sums.elements()[g]);
            case COSINE -> cosine(along, norm * Math.sqrt(sums.update()[g])) + 1;
            case TAYLOR_1 -> Math.abs(along);
            case TAYLOR_2 -> along * along / 2;
          };
    }
    return scores;
  }

  private static double cosine(double along, double norms) {
    return norms > 0 ? along / norms : 0;
  }
}
