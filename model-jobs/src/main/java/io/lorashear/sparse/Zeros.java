package io.lorashear.sparse;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.lorashear.torch.kernel.Sparsity;

/**
 * How many weights of a matrix become zero, and which are compared with each other.
 *
 * @param share share of the weights that become zero, in (0, 1)
 */
record Zeros(double share, Pattern pattern) {
  /**
   * W (out, in) with zeros in place of the weights of the lowest scores.
   *
   * @param scores (out, in)
   * @param compared number of scores compared with each other if zeros may be anywhere: those of a
   *     row, or of the whole matrix
   */
  NDArray take(NDManager scope, NDArray weight, NDArray scores, long compared) {
    return pattern.free()
        ? Sparsity.without(scope, weight, scores, compared, Math.round(share * compared))
        : Sparsity.without(scope, weight, scores, pattern.group(), pattern.zeros()); // (out, in)
  }
}
