package io.lorashear.sparse;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;

/**
 * Wanda (arXiv 2306.11695, equation 1 and Algorithm 1).
 *
 * <pre>
 *   S_ij = |W_ij| · ‖X_j‖₂      compared within each row i, or within each group of M in it
 *   W_ij ← 0                    where S_ij is among the lowest
 * </pre>
 *
 * X_j is input j over all tokens. No weight is updated. A matrix that no token reached (of an
 * expert) is pruned by magnitude.
 */
record Wanda(Zeros zeros) implements MatrixMethod {
  @Override
  public Reads reads() {
    return Reads.NORMS;
  }

  @Override
  public NDArray sparse(NDManager scope, NDArray weight, NDArray inputs) {
    var norms = BlockInputs.reached(inputs) ? inputs.sqrt() : inputs.onesLike(); // (in,)
    var scores = weight.abs().mul(norms); // (out, in)
    return zeros.take(scope, weight, scores, weight.getShape().get(1)); // (out, in)
  }
}
