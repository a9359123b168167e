package io.lorashear.torch.kernel;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.lorashear.torch.engine.HostArrays;
import java.util.Arrays;

/**
 * One dimension of a tensor whose positions belong to the groups of one axis.
 *
 * @param tensor any shape
 * @param dimension 0 for rows, 1 for columns
 * @param groupOf int64 (size of the dimension): the group of each position; the number of groups
 *     means none
 */
public record GroupedTensor(NDArray tensor, int dimension, NDArray groupOf) {

  /** The groups of all positions as an array; −1 in {@code groupOf} means none. */
  public static NDArray owners(NDManager scope, int[] groupOf, int groups) {
    return HostArrays.send(
        scope, Arrays.stream(groupOf).mapToLong(g -> g < 0 ? groups : g).toArray());
  }
}
