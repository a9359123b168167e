package io.lorashear.optim;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.lorashear.dependency.Groups;
import io.lorashear.saliency.AxisWeights;
import io.lorashear.saliency.SliceWeights;
import io.lorashear.torch.engine.HostArrays;
import java.util.Arrays;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * One mask for the LoRA factor of every zeroed slice: 0 where a row belongs to certain groups and 1
 * elsewhere; (out, 1) for B, or (1, in) for A if groups own columns.
 */
final class RowMasks {
  private final NDManager manager;
  private final Map<String, NDArray> masks = new LinkedHashMap<>();
  private final Map<String, NDArray> factors = new LinkedHashMap<>();

  /** Masks of {@code groups} of {@code axes}; kept under {@code parent}. */
  RowMasks(NDManager parent, List<AxisWeights> axes, Groups groups) {
    this.manager = parent.newSubManager();
    var rows = new LinkedHashMap<String, float[]>();
    var shapes = new LinkedHashMap<String, Shape>();
    for (var axis : axes) {
      var picked = groups.indices(axis.name());
      for (var slice : axis.zeroed()) {
        if (slice.pair() != null && !picked.isEmpty()) {
          mark(slice, picked, rows, shapes);
        }
      }
    }
    var sent = HostArrays.sendFloats(manager, List.copyOf(rows.values())).iterator();
    rows.forEach((name, row) -> masks.put(name, sent.next().reshape(shapes.get(name))));
  }

  private void mark(
      SliceWeights slice, BitSet groups, Map<String, float[]> rows, Map<String, Shape> shapes) {
    var pair = Objects.requireNonNull(slice.pair());
    boolean byRows = slice.dimension() == 0;
    var name = byRows ? pair.bName() : pair.aName();
    int size = slice.groupOf().length;
    factors.put(name, byRows ? pair.b() : pair.a());
    shapes.put(name, byRows ? new Shape(size, 1) : new Shape(1, size));
    var row = rows.computeIfAbsent(name, key -> ones(size));
    for (int p = 0; p < size; p++) {
      if (slice.groupOf()[p] >= 0 && groups.get(slice.groupOf()[p])) {
        row[p] = 0;
      }
    }
  }

  private static float[] ones(int size) {
    var ones = new float[size];
    Arrays.fill(ones, 1);
    return ones;
  }

  /** Stops training in the rows of the groups by zeroing their gradients. */
  void still() {
    masks.forEach(
        (name, keep) -> {
          try (var gradient = factor(name).getGradient()) {
            gradient.muli(keep);
          }
        });
  }

  /** Zeroes the rows of the groups, with moments and step counts as before any step. */
  void hold(AdamW adam) {
    masks.forEach(
        (name, keep) -> {
          factor(name).muli(keep);
          adam.restart(name, keep);
        });
  }

  private NDArray factor(String name) {
    return Objects.requireNonNull(factors.get(name));
  }

  void close() {
    manager.close();
  }
}
