package io.lorashear.sparse;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.lorashear.torch.kernel.Sparsity;

/**
 * How many weights of a matrix go, and which are compared with each other.
 *
 * @param share of the weights that goes, in (0, 1)
 */
record Zeros(double share, Pattern pattern) {
  /**
   * W (out, in) without the weights of the lowest scores.
   *
   * @param scores (out, in)
   * @param compared scores that are compared where zeros may stand anywhere: a row, or all
   */
  NDArray take(NDManager scope, NDArray weight, NDArray scores, long compared) {
    return pattern.free()
        ? Sparsity.without(scope, weight, scores, compared, Math.round(share * compared))
        : Sparsity.without(scope, weight, scores, pattern.group(), pattern.zeros()); // (out, in)
  }
}
