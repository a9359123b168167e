package io.lorashear.dependency;

import io.lorashear.graph.Extent;
import io.lorashear.graph.Extent.Axis;
import io.lorashear.graph.Parameter;

/**
 * The share of one parameter that an axis owns: along one dimension, every position belongs to one
 * index of the axis or to none. One slice holds all removal groups of the axis, so that each rule
 * is one tensor operation over all of them.
 *
 * @param occurrence number of the axis's occurrence along that dimension, from 0
 */
public record ParameterSlice(
    Parameter parameter, int dimension, Axis axis, Access access, int occurrence) {

  /** Whether the group writes or reads its share. */
  public enum Access {
    /** The group's own output: rows, their biases, embedding columns, rows of LoRA's B. */
    WRITTEN,
    /** The next matrix's inputs: columns, columns of LoRA's A. */
    READ
  }

  /** For every position of the dimension, the index of the axis that owns it, or −1. */
  public int[] groupOf() {
    return Positions.owners(extent(), axis).get(occurrence);
  }

  /** The extent of the dimension. */
  public Extent extent() {
    return parameter.extents().get(dimension);
  }

  /** For example {@code model.norm.weight[0] written}. */
  @Override
  public String toString() {
    return parameter.name()
        + "["
        + dimension
        + "] "
        + (access == Access.WRITTEN ? "written" : "read");
  }
}
