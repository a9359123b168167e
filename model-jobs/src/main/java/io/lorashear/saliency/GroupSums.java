package io.lorashear.saliency;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.lorashear.torch.engine.HostArrays;
import io.lorashear.torch.kernel.AxisKernels;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Predicate;

/**
 * The three sums over a group's elements that the scores are computed from, for all groups of an
 * axis.
 *
 * <pre>
 *   w = x + u,  u = sBA
 *   squared[g] = ‖w_g‖² = ‖x_g‖² + 2⟨x_g, u_g⟩ + ‖u_g‖²
 *   along[g]   = ⟨w_g, u_g⟩ =        ⟨x_g, u_g⟩ + ‖u_g‖²
 *   update[g]  = ‖u_g‖²
 * </pre>
 *
 * @param elements number of elements of each group in these slices
 */
@SuppressWarnings("ArrayRecordComponent") // arrays over the groups of an axis, never compared
public record GroupSums(double[] squared, double[] along, double[] update, double[] elements) {

  /** Sums over the slices of {@code axis} that {@code counted} picks. */
  public static GroupSums of(AxisWeights axis, Predicate<SliceWeights> counted) {
    return of(List.of(axis), counted).get(0);
  }

  /** The same for several axes, fetched together. */
  public static List<GroupSums> of(List<AxisWeights> axes, Predicate<SliceWeights> counted) {
    var slices =
        axes.stream().map(axis -> axis.slices().stream().filter(counted).toList()).toList();
    var first = slices.stream().flatMap(List::stream).findFirst();
    if (first.isEmpty()) {
      return axes.stream().map(axis -> empty(List.of(), axis.size())).toList();
    }
    try (var scope = first.get().weight().getManager().newSubManager()) {
      var asked = new ArrayList<NDArray>();
      for (int i = 0; i < axes.size(); i++) {
        ask(scope, slices.get(i), axes.get(i).size(), asked);
      }
      var found = HostArrays.floats(asked).iterator();
      var all = new ArrayList<GroupSums>();
      for (int i = 0; i < axes.size(); i++) {
        var sums = empty(slices.get(i), axes.get(i).size());
        if (!slices.get(i).isEmpty()) {
          add(sums.squared, found.next(), 1);
        }
        if (!adapted(slices.get(i)).isEmpty()) {
          sums.addLora(found.next(), found.next());
        }
        all.add(sums);
      }
      return all;
    }
  }

  private static GroupSums empty(List<SliceWeights> slices, int groups) {
    return new GroupSums(
        new double[groups], new double[groups], new double[groups], elements(slices, groups));
  }

  /** Computes ‖x_g‖² and, if there are pairs, ⟨x_g, u_g⟩ and ‖u_g‖². */
  private static void ask(
      NDManager scope, List<SliceWeights> slices, int groups, List<NDArray> asked) {
    if (!slices.isEmpty()) {
      var x = slices.stream().map(SliceWeights::grouped).toList();
      asked.add(AxisKernels.squaredNorms(scope, x, groups));
    }
    var adapted = adapted(slices);
    if (!adapted.isEmpty()) {
      var x = adapted.stream().map(SliceWeights::grouped).toList();
      double s = scale(adapted);
      asked.add(AxisKernels.loraInnerProducts(scope, x, a(adapted), b(adapted), s, groups));
      asked.add(AxisKernels.loraSquaredNorms(scope, x, a(adapted), b(adapted), s, groups));
    }
  }

  private static List<SliceWeights> adapted(List<SliceWeights> slices) {
    return slices.stream().filter(slice -> slice.pair() != null).toList();
  }

  private void addLora(float[] inner, float[] norms) {
    add(update, norms, 1);
    add(along, inner, 1);
    add(along, norms, 1);
    add(squared, inner, 2);
    add(squared, norms, 1);
  }

  private static void add(double[] into, float[] values, double factor) {
    for (int g = 0; g < into.length; g++) {
      into[g] += factor * values[g];
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
