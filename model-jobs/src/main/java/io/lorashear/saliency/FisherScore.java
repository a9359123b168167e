package io.lorashear.saliency;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.lorashear.torch.TorchModel;
import io.lorashear.torch.kernel.AxisKernels;
import io.lorashear.torch.kernel.Kernels;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.IntConsumer;

/**
 * The Fisher information of a factor m_g = 1 on a group's output (Kwon et al., arXiv 2204.09656,
 * equation 8, diagonal): twice the increase of the loss when the group is removed, to second order.
 *
 * <pre>
 *   ∂loss/∂m_g = Σ over the elements w of the columns that read g of w · ∂loss/∂w
 *   s_g        = Σ over rows (∂loss of the row/∂m_g)²
 * </pre>
 *
 * w is the weight plus the product of its LoRA pair, if it has one, and the gradient is that of the
 * sum. If nothing reads a group by columns, the slices whose zeroing removes it are used instead.
 */
public final class FisherScore {
  private FisherScore() {}

  /**
   * The score of every group.
   *
   * @param model other parameters are made trainable meanwhile; those trainable now keep their
   *     gradients
   * @param rows number of rows
   * @param backward adds the gradients of the loss of one row
   */
  public static List<double[]> of(
      TorchModel model, List<AxisWeights> axes, int rows, IntConsumer backward) {
    var sums = axes.stream().map(axis -> new double[axis.size()]).toList();
    each(model, axes, rows, backward, slopes -> add(sums, slopes));
    return sums;
  }

  /** The same, with the slopes of every row. */
  public static FisherInformation together(
      TorchModel model, List<AxisWeights> axes, int rows, IntConsumer backward) {
    var sums = axes.stream().map(axis -> new double[axis.size()]).toList();
    var all = new ArrayList<float[]>();
    each(
        model,
        axes,
        rows,
        backward,
        slopes -> {
          add(sums, slopes);
          all.add(GroupSlopes.row(slopes));
        });
    return new FisherInformation(sums, new GroupSlopes(all));
  }

  private static void add(List<double[]> sums, List<double[]> slopes) {
    for (int i = 0; i < sums.size(); i++) {
      var sum = sums.get(i);
      for (int g = 0; g < sum.length; g++) {
        sum[g] += slopes.get(i)[g] * slopes.get(i)[g];
      }
    }
  }

  /** Hands over ∂loss/∂m of every group for each row. */
  private static void each(
      TorchModel model,
      List<AxisWeights> axes,
      int rows,
      IntConsumer backward,
      Consumer<List<double[]>> taken) {
    var names = new LinkedHashSet<String>();
    axes.forEach(axis -> axis.readers().forEach(slice -> names.add(slice.name())));
    var orientation = new Orientation(model.graph());
    model.learningInstead(
        names,
        () -> {
          for (int row = 0; row < rows; row++) {
            Kernels.zeroGradients(List.copyOf(model.trainable().values()));
            backward.accept(row);
            taken.accept(
                GroupScores.of(
                    model, axes, (scope, axis) -> slopes(model, orientation, axis, scope)));
          }
          return rows;
        });
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
