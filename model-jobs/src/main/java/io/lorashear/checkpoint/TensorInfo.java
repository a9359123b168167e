package io.lorashear.checkpoint;

import java.util.Arrays;

/**
 * Name, element type and extents of one tensor, slowest dimension first; a scalar has no extents.
 */
@SuppressWarnings("ArrayRecordComponent") // copied on construction and access, compared by content
public record TensorInfo(String name, DataType type, long[] shape) {

  public TensorInfo {
    shape = shape.clone();
    elements(name, shape);
  }

  /** The extents, a copy. */
  @Override
  public long[] shape() {
    return shape.clone();
  }

  /** Number of elements. */
  public long elements() {
    return elements(name, shape);
  }

  /** Number of bytes. */
  public long bytes() {
    return Math.multiplyExact(elements(), type.bytes());
  }

  /** The same tensor under another name. */
  public TensorInfo named(String other) {
    return new TensorInfo(other, type, shape);
  }

  private static long elements(String name, long[] shape) {
    long product = 1;
    for (long extent : shape) {
      if (extent < 0) {
        throw new IllegalArgumentException(name + " has the extent " + extent);
      }
      product = Math.multiplyExact(product, extent);
    }
    return product;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof TensorInfo that
        && name.equals(that.name)
        && type == that.type
        && Arrays.equals(shape, that.shape);
  }

  @Override
  public int hashCode() {
    return 31 * name.hashCode() + Arrays.hashCode(shape);
  }

  /** For example {@code model.norm.weight F32 [576]}. */
  @Override
  public String toString() {
    return name + " " + type + " " + Arrays.toString(shape);
  }
}
