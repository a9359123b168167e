package io.lorashear.sparse;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.lorashear.torch.kernel.Sparsity;

/**
 * SparseGPT (arXiv 2301.00774, Algorithm 1): Optimal Brain Surgeon, column by column.
 *
 * <pre>
 *   H = XᵀX + μI                              μ = damping · mean of XᵀX's diagonal
 *   H⁻¹ = UᵀU                                 U upper triangular (Cholesky)
 *   for each block of {@code width} columns:
 *     S_ij = (W_ij / U_jj)²                   compared within the block; with N:M, within each group
 *     M    = the lowest S                     with N:M, chosen when the sweep reaches the group
 *     for each column j of it, in order:
 *       E_j   = M_j · W_j / U_jj              0 where the weight stays
 *       W_j:  ← W_j: − E_j U_j,j:             all columns from j on
 * </pre>
 *
 * Row j of U, scaled, is the least-squares update of the columns after j that compensates for the
 * loss of column j; the columns before it are final. XᵀX is a sum where the paper has a mean, which
 * changes no score and no update. A matrix that no token reached has H = I, so that its scores are
 * those of magnitude.
 *
 * @param damping share of the mean of XᵀX's diagonal, in (0, 1]
 * @param width columns of a block, within which scores are compared
 */
record SparseGpt(Zeros zeros, double damping, int width) implements MatrixMethod {
  @Override
  public Reads reads() {
    return Reads.MOMENTS;
  }

  @Override
  public NDArray sparse(NDManager scope, NDArray weight, NDArray inputs) {
    var pattern = zeros.pattern();
    return Sparsity.surgery(
        scope,
        weight,
        inputs,
        damping,
        width,
        zeros.share(),
        pattern.group(),
        pattern.zeros()); // (out, in)
  }
}
