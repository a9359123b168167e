package io.lorashear.saliency;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
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
    var names = new LinkedHashSet<String>();
    axes.forEach(axis -> axis.readers().forEach(slice -> names.add(slice.name())));
    return model.learningInstead(names, () -> sums(model, axes, rows, backward));
  }

  private static List<double[]> sums(
      TorchModel model, List<AxisWeights> axes, int rows, IntConsumer backward) {
    var sums = axes.stream().map(axis -> new double[axis.size()]).toList();
    var orientation = new Orientation(model.graph());
    for (int row = 0; row < rows; row++) {
      Kernels.zeroGradients(List.copyOf(model.trainable().values()));
      backward.accept(row);
      var slopes =
          GroupScores.of(
              model, axes, (scope, axis) -> slopes(model, orientation, axis, scope)); // ∂loss/∂m
      for (int i = 0; i < sums.size(); i++) {
        var sum = sums.get(i);
        for (int g = 0; g < sum.length; g++) {
          sum[g] += slopes.get(i)[g] * slopes.get(i)[g];
        }
      }
    }
    return sums;
  }

  /** {@code Σ w · ∂loss/∂w}: (groups,). */
  private static NDArray slopes(
      TorchModel model, Orientation orientation, AxisWeights axis, NDManager scope) {
    var slices = axis.readers();
    var weights = slices.stream().map(slice -> slice.effectiveGrouped(scope)).toList();
    var gradients =
        slices.stream()
            .map(slice -> GradientTaylor.gradient(model, orientation, slice, scope))
            .toList();
    return AxisKernels.innerProducts(scope, weights, gradients, axis.size());
  }
}
