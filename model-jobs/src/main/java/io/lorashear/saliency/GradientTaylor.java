package io.lorashear.saliency;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.lorashear.torch.TorchModel;
import io.lorashear.torch.kernel.AxisKernels;
import java.util.LinkedHashSet;
import java.util.List;

/**
 * First-order Taylor score by element (LLM-Pruner, arXiv 2305.11627, "Element1"), with true
 * gradients.
 *
 * <pre>
 *   s_g = Σ over every element of the group, written and read, of |w · ∂loss/∂w|
 * </pre>
 *
 * w is the weight plus the product of its LoRA pair, if it has one.
 */
public final class GradientTaylor {
  private GradientTaylor() {}

  /**
   * The score of every group.
   *
   * @param model other parameters are made trainable meanwhile; those trainable now keep their
   *     gradients
   * @param backward adds the gradients of the loss on calibration data
   */
  public static List<double[]> of(TorchModel model, List<AxisWeights> axes, Runnable backward) {
    var names = new LinkedHashSet<String>();
    axes.forEach(axis -> axis.slices().forEach(slice -> names.add(slice.name())));
    var orientation = new Orientation(model.graph());
    return model.learningInstead(
        names,
        () -> {
          backward.run();
          return GroupScores.of(
              model, axes, (scope, axis) -> scores(model, orientation, axis, scope));
        });
  }

  private static NDArray scores(
      TorchModel model, Orientation orientation, AxisWeights axis, NDManager scope) {
    var weights = axis.slices().stream().map(slice -> slice.effectiveGrouped(scope)).toList();
    var gradients =
        axis.slices().stream().map(slice -> gradient(model, orientation, slice, scope)).toList();
    return AxisKernels.absoluteProducts(scope, weights, gradients, axis.size());
  }

  /** The gradient of the parameter of {@code slice}, as (out, in). */
  public static NDArray gradient(
      TorchModel model, Orientation orientation, SliceWeights slice, NDManager scope) {
    var stored = model.gradient(scope, slice.name());
    var turned = orientation.outIn(slice.name(), stored);
    turned.attach(scope);
    return turned;
  }
}
