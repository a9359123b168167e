package io.lorashear.saliency;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.lorashear.torch.TorchModel;
import io.lorashear.torch.kernel.Arithmetic;
import io.lorashear.torch.kernel.AxisKernels;
import io.lorashear.torch.kernel.Kernels;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.IntConsumer;

/**
 * LLM-Pruner's scores of a group (arXiv 2305.11627, section 3.2), summed over all coupled matrices,
 * the rows that write it and the columns that read it.
 *
 * <pre>
 *   g = 1/n Σ_r ∂loss_r/∂w     h = 1/n Σ_r (∂loss_r/∂w)²                over calibration rows r
 *
 *   WEIGHT     Σ w²
 *   VECTOR     Σ_v |Σ_{w ∈ v} w·g|                   v: each single row or column of the group
 *   ELEMENT1   Σ |w·g|
 *   ELEMENT2   Σ |w·h·w|
 *   MIX        Σ |w·g − ½·w·h·w|
 * </pre>
 *
 * h approximates the Hessian's diagonal. The loss of a row is the mean over its tokens.
 */
public enum ElementScore {
  WEIGHT(false, false),
  VECTOR(true, false),
  ELEMENT1(true, false),
  ELEMENT2(false, true),
  MIX(true, true);

  private final boolean first;
  private final boolean second;

  ElementScore(boolean first, boolean second) {
    this.first = first;
    this.second = second;
  }

  /** Number of forward and backward passes per row. */
  public int passes() {
    return (first ? 1 : 0) + (second ? 1 : 0);
  }

  /**
   * The score of every group.
   *
   * @param model other parameters are made trainable meanwhile; those trainable now keep their
   *     gradients
   * @param rows n
   * @param backward adds the gradients of the loss of one row
   */
  public List<double[]> of(
      TorchModel model, List<AxisWeights> axes, int rows, IntConsumer backward) {
    if (this == WEIGHT) {
      return GroupSums.of(axes, slice -> true).stream().map(GroupSums::squared).toList();
    }
    var names = new LinkedHashSet<String>();
    axes.forEach(axis -> axis.slices().forEach(slice -> names.add(slice.name())));
    return model.learningInstead(names, () -> measured(model, axes, rows, backward));
  }

  private List<double[]> measured(
      TorchModel model, List<AxisWeights> axes, int rows, IntConsumer backward) {
    try (var scope = model.manager().newSubManager()) {
      var h = second ? squares(model, scope, rows, backward) : Map.<String, NDArray>of();
      for (int row = 0; first && row < rows; row++) {
        backward.accept(row);
      }
      var orientation = new Orientation(model.graph());
      return GroupScores.of(
          model, axes, (pass, axis) -> scores(model, orientation, axis, h, rows, pass));
    }
  }

  /** h of every trainable parameter; leaves the gradients at zero. */
  private static Map<String, NDArray> squares(
      TorchModel model, NDManager scope, int rows, IntConsumer backward) {
    var h = new HashMap<String, NDArray>();
    model
        .trainable()
        .forEach(
            (name, w) -> h.put(name, scope.zeros(w.getShape(), w.getDataType(), w.getDevice())));
    var learning = List.copyOf(model.trainable().values());
    for (int row = 0; row < rows; row++) {
      backward.accept(row);
      try (var pass = scope.newSubManager()) {
        h.forEach(
            (name, sum) -> {
              var gradient = model.gradient(pass, name);
              sum.addi(Arithmetic.over(pass, gradient.mul(gradient), rows));
            });
      }
      Kernels.zeroGradients(learning);
    }
    return h;
  }

  private NDArray scores(
      TorchModel model,
      Orientation orientation,
      AxisWeights axis,
      Map<String, NDArray> h,
      int n,
      NDManager scope) {
    var weights = axis.slices().stream().map(slice -> slice.effectiveGrouped(scope)).toList();
    var factors = new ArrayList<NDArray>();
    for (int i = 0; i < weights.size(); i++) {
      var slice = axis.slices().get(i);
      var slope = GradientTaylor.gradient(model, orientation, slice, scope);
      var g = Arithmetic.over(scope, slope, n);
      var w = weights.get(i).tensor();
      factors.add(second ? factor(orientation.outIn(slice.name(), found(h, slice)), w, g) : g);
    }
    return this == VECTOR
        ? AxisKernels.absoluteVectorProducts(scope, weights, factors, axis.size())
        : AxisKernels.absoluteProducts(scope, weights, factors, axis.size());
  }

  private static NDArray found(Map<String, NDArray> h, SliceWeights slice) {
    return Objects.requireNonNull(h.get(slice.name()));
  }

  /** What w is multiplied by: h·w, or g − ½·h·w. */
  private NDArray factor(NDArray h, NDArray w, NDArray g) {
    var curvature = g.zerosLike().add(h).mul(w);
    return this == MIX ? g.sub(Arithmetic.times(g.getManager(), curvature, 0.5)) : curvature;
  }
}
