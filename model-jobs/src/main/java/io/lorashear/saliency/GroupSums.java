package io.lorashear.saliency;

import ai.djl.ndarray.NDArray;
import io.lorashear.torch.kernel.AxisKernels;
import java.util.List;
import java.util.Objects;
import java.util.function.Predicate;

/**
 * The three sums over a group's elements that the scores are made of, for all groups of an axis.
 *
 * <pre>
 *   w = x + u,  u = sBA
 *   squared[g] = ‖w_g‖² = ‖x_g‖² + 2⟨x_g, u_g⟩ + ‖u_g‖²
 *   along[g]   = ⟨w_g, u_g⟩ =        ⟨x_g, u_g⟩ + ‖u_g‖²
 *   update[g]  = ‖u_g‖²
 * </pre>
 *
 * @param elements numbers a group has in these slices
 */
@SuppressWarnings("ArrayRecordComponent") // arrays over the groups of an axis, never compared
public record GroupSums(double[] squared, double[] along, double[] update, double[] elements) {

  /** Sums over the slices of {@code axis} that {@code counted} picks. */
  public static GroupSums of(AxisWeights axis, Predicate<SliceWeights> counted) {
    var slices = axis.slices().stream().filter(counted).toList();
    int n = axis.size();
    var sums = new GroupSums(new double[n], new double[n], new double[n], elements(slices, n));
    if (slices.isEmpty()) {
      return sums;
    }
    try (var scope = slices.get(0).weight().getManager().newSubManager()) {
      var x = slices.stream().map(SliceWeights::grouped).toList();
      add(sums.squared, AxisKernels.squaredNorms(scope, x, n), 1);
      var adapted = slices.stream().filter(slice -> slice.pair() != null).toList();
      if (!adapted.isEmpty()) {
        var y = adapted.stream().map(SliceWeights::grouped).toList();
        sums.addLora(
            AxisKernels.loraInnerProducts(scope, y, a(adapted), b(adapted), scale(adapted), n),
            AxisKernels.loraSquaredNorms(scope, y, a(adapted), b(adapted), scale(adapted), n));
      }
    }
    return sums;
  }

  private void addLora(NDArray inner, NDArray norms) {
    add(update, norms, 1);
    add(along, inner, 1);
    add(along, norms, 1);
    add(squared, inner, 2);
    add(squared, norms, 1);
  }

  private static void add(double[] into, NDArray values, double factor) {
    var each = values.toFloatArray();
    for (int g = 0; g < into.length; g++) {
      into[g] += factor * each[g];
    }
  }

  private static double[] elements(List<SliceWeights> slices, int groups) {
    var elements = new double[groups];
    for (var slice : slices) {
      for (int group : slice.groupOf()) {
        if (group >= 0) {
          elements[group] += slice.width();
        }
      }
    }
    return elements;
  }

  private static List<NDArray> a(List<SliceWeights> slices) {
    return slices.stream().map(slice -> Objects.requireNonNull(slice.pair()).a()).toList();
  }

  private static List<NDArray> b(List<SliceWeights> slices) {
    return slices.stream().map(slice -> Objects.requireNonNull(slice.pair()).b()).toList();
  }

  private static double scale(List<SliceWeights> slices) {
    return Objects.requireNonNull(slices.get(0).pair()).scale();
  }
}
