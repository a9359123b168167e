package io.lorashear.sparse;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;

/**
 * Magnitude pruning (Han et al., arXiv 1506.02626), the baseline of the other methods.
 *
 * <pre>
 *   S_ij = |W_ij|        compared within the whole matrix, or within each group of M
 *   W_ij ← 0             where S_ij is among the lowest
 * </pre>
 */
record Magnitude(Zeros zeros) implements MatrixMethod {
  @Override
  public Reads reads() {
    return Reads.NOTHING;
  }

  @Override
  public NDArray sparse(NDManager scope, NDArray weight, NDArray inputs) {
    return zeros.take(scope, weight, weight.abs(), weight.size()); // (out, in)
  }
}
