package io.lorashear.saliency;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.lorashear.torch.kernel.AxisKernels;
import io.lorashear.torch.kernel.GroupedTensor;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The live weights of one slice.
 *
 * @param name the parameter
 * @param grouped the parameter, as (out, in) if it is a matrix: a view of it if it is stored the
 *     other way round. Writing to it writes to the parameter
 * @param groupOf for every position along the slice's dimension the group that owns it, or −1
 * @param pair the LoRA pair of this weight, or null
 * @param zeroed whether zeroing the slice is what removes a group
 */
@SuppressWarnings("ArrayRecordComponent") // read, never compared
public record SliceWeights(
    String name, GroupedTensor grouped, int[] groupOf, @Nullable Pair pair, boolean zeroed) {

  /** A LoRA pair: {@code W + s·B·A}, A (rank, in), B (out, rank). */
  public record Pair(String aName, NDArray a, String bName, NDArray b, double scale) {}

  /** The live weights (out, in). */
  public NDArray weight() {
    return grouped.tensor();
  }

  /** The weights with LoRA's product (out, in): themselves if there is no pair, else a copy. */
  public NDArray effective(NDManager scope) {
    if (pair == null) {
      return weight();
    }
    var effective = weight().duplicate(); // (out, in)
    effective.attach(scope);
    var out = new Shape(effective.getShape().get(0));
    try (var kept = scope.ones(out, DataType.FLOAT32, effective.getDevice())) { // (out,)
      AxisKernels.fold(
          List.of(effective), List.of(pair.a()), List.of(pair.b()), List.of(kept), pair.scale());
    }
    return effective;
  }

  /** {@link #effective}, with the same owners. */
  public GroupedTensor effectiveGrouped(NDManager scope) {
    return pair == null
        ? grouped
        : new GroupedTensor(effective(scope), dimension(), grouped.groupOf());
  }

  /** 0 if groups own rows (out), 1 if they own columns (in). */
  public int dimension() {
    return grouped.dimension();
  }

  /** Number of elements at each position. */
  long width() {
    return weight().size() / groupOf.length;
  }
}
