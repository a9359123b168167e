package io.lorashear.optim;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.lorashear.dependency.Groups;
import io.lorashear.saliency.AxisWeights;
import io.lorashear.saliency.SliceWeights;
import io.lorashear.torch.engine.HostArrays;
import io.lorashear.torch.kernel.AxisKernels;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a run has changed of the frozen weights it began with: enough to have them again bit for
 * bit, and not the weights themselves.
 *
 * <pre>
 *   x = x₀ + s·B₁A₁ + … + s·BₙAₙ     the pairs of every fold, in their order
 *   x_g = what it is                 of groups on their way to zero
 *   x_g = 0                          of groups that are gone
 *   x = what it is                   of weights that change otherwise, which are saved whole
 * </pre>
 *
 * Pairs of folds are kept in the host's memory.
 */
final class WeightChanges {
  private final LoraFold fold;
  private final List<AxisWeights> axes;
  private final Map<String, NDArray> whole;
  private final NDManager host;
  private final List<Map<String, NDArray>> folds = new ArrayList<>();
  private Map<String, NDArray> rows = Map.of();
  private NDManager held;

  /**
   * Of the weights of {@code fold} and {@code axes}, before the first change.
   *
   * @param whole weights that change in other ways too, by name; live
   */
  WeightChanges(
      NDManager manager, LoraFold fold, List<AxisWeights> axes, Map<String, NDArray> whole) {
    this.fold = fold;
    this.axes = axes;
    this.whole = whole;
    this.host = manager.newSubManager(Device.cpu());
    this.held = manager.newSubManager();
  }

  /** Folds all pairs, and remembers them. */
  void fold() {
    folds.add(fold.copies(host, whole.keySet()));
    fold.fold();
  }

  /** How often it was folded. */
  int folds() {
    return folds.size();
  }

  /** As many folds as a saved state has, whose pairs are read into {@link #arrays}. */
  void expect(int count) {
    while (folds.size() < count) {
      folds.add(fold.copies(host, whole.keySet()));
    }
  }

  /** All that is to be saved; of {@code active} groups copies of what they are now. */
  Map<String, NDArray> arrays(ActiveGroups active) {
    var arrays = new LinkedHashMap<>(whole);
    for (int i = 0; i < folds.size(); i++) {
      var prefix = "fold." + i + ".";
      folds.get(i).forEach((name, pair) -> arrays.put(prefix + name, pair));
    }
    var scope = held.getParentManager().newSubManager();
    held.close();
    held = scope;
    rows = active.rows(scope, whole.keySet());
    rows.forEach((name, row) -> arrays.put("rows." + name, row));
    return arrays;
  }

  /**
   * Makes the weights, which are as the run began, what they were when a state was saved.
   *
   * @param active groups whose rows lie in what {@link #arrays} gave last
   * @param removed groups that are zero
   */
  void restore(@Nullable ActiveGroups active, Groups removed) {
    folds.forEach(fold::fold);
    if (active != null) {
      active.put(rows);
    }
    zero(held, axes, removed, whole.keySet());
  }

  /**
   * Makes {@code groups} zero, with one copy to the device for all axes.
   *
   * @param without weights that are left as they are
   */
  static void zero(NDManager manager, List<AxisWeights> axes, Groups groups, Set<String> without) {
    var zeroed = axes.stream().flatMap(axis -> axis.zeroed().stream()).findFirst();
    if (zeroed.isEmpty()) {
      return;
    }
    try (var scope = manager.newSubManager(zeroed.get().weight().getDevice())) {
      var masks = HostArrays.sendFloats(scope, axes.stream().map(a -> mask(a, groups)).toList());
      for (int i = 0; i < axes.size(); i++) {
        var weights =
            axes.get(i).zeroed().stream()
                .filter(slice -> !without.contains(slice.name()))
                .map(SliceWeights::grouped)
                .toList();
        if (!weights.isEmpty()) {
          AxisKernels.zero(weights, masks.get(i));
        }
      }
    }
  }

  private static float[] mask(AxisWeights axis, Groups groups) {
    var mask = new float[axis.size()];
    groups.indices(axis.name()).stream().forEach(g -> mask[g] = 1);
    return mask;
  }
}
