package io.lorashear.saliency;

import ai.djl.ndarray.NDArray;
import io.lorashear.torch.TorchModel;
import io.lorashear.torch.kernel.AxisKernels;
import io.lorashear.torch.kernel.Kernels;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.function.IntConsumer;

/**
 * The Fisher information of a factor m_g = 1 on what a group gives its readers (Kwon et al., arXiv
 * 2204.09656, equation 8, diagonal): twice the rise of the loss when the group goes, to second
 * order.
 *
 * <pre>
 *   ∂loss/∂m_g = Σ over the elements w of the columns that read g of w · ∂loss/∂w
 *   s_g        = Σ over rows (∂loss of the row/∂m_g)²
 * </pre>
 *
 * w is the weight with LoRA's product, where a pair stands beside it, and so is its gradient. Where
 * nothing reads a group by columns, the slices whose zeroing removes it stand for them.
 */
public final class FisherScore {
  private FisherScore() {}

  /**
   * The score of every group.
   *
   * @param model other parameters learn meanwhile; those that do now keep their gradients
   * @param rows how many rows there are
   * @param backward adds the gradients of the loss of one row
   */
  public static List<double[]> of(
      TorchModel model, List<AxisWeights> axes, int rows, IntConsumer backward) {
    var factors = axes.stream().map(AxisWeights::readers).toList();
    var names = new LinkedHashSet<String>();
    factors.forEach(slices -> slices.forEach(slice -> names.add(slice.name())));
    return model.learningInstead(names, () -> sums(model, axes, factors, rows, backward));
  }

  private static List<double[]> sums(
      TorchModel model,
      List<AxisWeights> axes,
      List<List<SliceWeights>> factors,
      int rows,
      IntConsumer backward) {
    var sums = axes.stream().map(axis -> new double[axis.size()]).toList();
    var orientation = new Orientation(model.graph());
    for (int row = 0; row < rows; row++) {
      Kernels.zeroGradients(List.copyOf(model.trainable().values()));
      backward.accept(row);
      for (int i = 0; i < sums.size(); i++) {
        add(model, orientation, factors.get(i), sums.get(i));
      }
    }
    return sums;
  }

  /** {@code sum ← sum + (Σ w · ∂loss/∂w)²}: (groups,). */
  private static void add(
      TorchModel model, Orientation orientation, List<SliceWeights> slices, double[] sum) {
    try (var scope = model.manager().newSubManager()) {
      var weights = slices.stream().map(slice -> slice.effectiveGrouped(scope)).toList();
      var gradients =
          slices.stream()
              .map(slice -> GradientTaylor.gradient(model, orientation, slice, scope))
              .toList();
      // Weights and their gradients may be in the host's memory, so the sum is in Java's.
      var products = AxisKernels.innerProducts(scope, weights, gradients, sum.length); // (groups,)
      var each = products.toFloatArray();
      for (int g = 0; g < sum.length; g++) {
        sum[g] += (double) each[g] * each[g];
      }
    }
  }

  /** {@code values} as Java has them. */
  public static double[] doubles(NDArray values) {
    var floats = values.toFloatArray();
    var doubles = new double[floats.length];
    for (int g = 0; g < doubles.length; g++) {
      doubles[g] = floats[g];
    }
    return doubles;
  }
}
