package io.lorashear.method;

import io.lorashear.compensate.Inputs;
import io.lorashear.compensate.ReadingMatrix;
import io.lorashear.dependency.Groups;
import io.lorashear.torch.TorchModel;
import io.lorashear.torch.engine.HostArrays;
import java.util.Objects;

/**
 * Wanda (arXiv 2306.11695) for whole structures: the baseline "Wanda-sp" of FLAP's code.
 *
 * <pre>
 *   s_j = mean over i of |W_ij| · ‖X_j‖              X_j: values of input j of W over all tokens
 *   s_g = Σ_{j ∈ g} s_j                              a channel has one input, a head many, a whole
 *                                                    expert all of its matrix, with inputs r_e x_e
 * </pre>
 *
 * The same share of every layer is pruned, and the input of each layer is computed by the pruned
 * earlier layers.
 */
final class WandaSp implements LayerByLayer {
  @Override
  public Groups choose(Layer layer, PruneSettings settings) {
    var statistics = layer.inputs().statistics(layer.matrices());
    return layer.least(
        (matrix, groups) -> {
          var x = Objects.requireNonNull(statistics.get(matrix.input()));
          return scores(layer.model(), matrix, x, groups);
        });
  }

  /** The scores of {@code groups} groups, not negative. */
  static double[] scores(TorchModel model, ReadingMatrix matrix, Inputs.Statistics x, int groups) {
    try (var scope = model.manager().newSubManager()) {
      var absolute = matrix.slice().weight().abs(); // (out, in)
      absolute.attach(scope);
      var mean = HostArrays.floats(absolute.mean(new int[] {0})); // (in,)
      var scores = new double[mean.length];
      for (int j = 0; j < scores.length; j++) {
        scores[j] = mean[j] * Math.sqrt(x.square()[j] * x.rows());
      }
      return matrix.byGroup(scores, groups);
    }
  }
}
