package io.lorashear.sparse;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;

/** Decides which weights of one matrix go, and what becomes of the others. */
interface MatrixMethod {
  /** What a method knows of the inputs x of a matrix. */
  enum Reads {
    /** Nothing. */
    NOTHING,
    /** Σ x_j² of every input j, (in,). */
    NORMS,
    /** Σ xᵀx, (in, in). */
    MOMENTS
  }

  /** What it has to know. */
  Reads reads();

  /**
   * The matrix with zeros; {@code weight} itself stays as it is.
   *
   * @param weight (out, in)
   * @param inputs as {@link #reads} says; of an input that no row reached, zeros
   */
  NDArray sparse(NDManager scope, NDArray weight, NDArray inputs);
}
