package io.lorashear.sparse;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;

/** Decides which weights of one matrix become zero, and how the others change. */
interface MatrixMethod {
  /** Which statistics of a matrix's inputs x a method needs. */
  enum Reads {
    /** Nothing. */
    NOTHING,
    /** Σ x_j² of every input j, (in,). */
    NORMS,
    /** Σ xᵀx, (in, in). */
    MOMENTS
  }

  /** The statistics it needs. */
  Reads reads();

  /**
   * The matrix with zeros; {@code weight} itself is not changed.
   *
   * @param weight (out, in)
   * @param inputs the statistics of {@link #reads}; all zeros if no token reached the matrix
   */
  NDArray sparse(NDManager scope, NDArray weight, NDArray inputs);
}
