package io.lorashear.saliency;

import ai.djl.ndarray.NDArray;
import io.lorashear.torch.GroupedTensor;
import org.jspecify.annotations.Nullable;

/**
 * The live weights of one slice.
 *
 * @param name the parameter
 * @param grouped the parameter, as (out, in) where it is a matrix: a view of it where it is stored
 *     the other way. Writing to it writes to the parameter
 * @param groupOf for every position along the slice's dimension the group that owns it, or −1
 * @param pair LoRA beside this weight, or null
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

  /** 0 where groups own rows (out), 1 where they own columns (in). */
  public int dimension() {
    return grouped.dimension();
  }

  /** Numbers that each position holds. */
  long width() {
    return weight().size() / groupOf.length;
  }
}
