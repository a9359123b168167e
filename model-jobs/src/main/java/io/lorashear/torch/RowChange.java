package io.lorashear.torch;

import ai.djl.ndarray.NDArray;

/**
 * Rows or columns of a weight that were overwritten.
 *
 * @param name of the weight
 * @param dimension 0 for rows, 1 for columns, as the weight is stored
 * @param positions int64 (n,), on the device of the float32 weight
 */
public record RowChange(String name, int dimension, NDArray positions) {}
