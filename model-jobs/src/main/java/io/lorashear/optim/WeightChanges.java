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
 * What a run has changed in the initial frozen weights: enough to restore them bit for bit without
 * storing the weights themselves.
 *
 * <pre>
 *   x = x₀ + s·B₁A₁ + … + s·BₙAₙ     the pairs of every fold, in order
 *   x_g = its current value          for groups that are being driven to zero
 *   x_g = 0                          for removed groups
 *   x = its current value            for weights that change in other ways, which are saved whole
 * </pre>
 *
 * Pairs of folds are kept in host memory.
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
   * For the weights of {@code fold} and {@code axes}, before the first change.
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

  /** Folds all pairs and keeps copies of them. */
  void fold() {
    folds.add(fold.copies(host, whole.keySet()));
    fold.fold();
  }

  /** How many folds were done. */
  int folds() {
    return folds.size();
  }

  /**
   * Prepares as many folds as a saved state has; their pairs are then read into {@link #arrays}.
   */
  void expect(int count) {
    while (folds.size() < count) {
      folds.add(fold.copies(host, whole.keySet()));
    }
  }

  /** All arrays to be saved, with copies of the current rows of {@code active} groups. */
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
   * Changes the initial weights into those of a saved state.
   *
   * @param active groups whose rows are in the last result of {@link #arrays}
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
   * Zeroes {@code groups}, with one copy to the device for all axes.
   *
   * @param without weights that are left unchanged
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
