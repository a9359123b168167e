package io.lorashear.graph;

import io.lorashear.graph.Extent.Axis;

/** How many indices of each axis are left, and which. */
@FunctionalInterface
public interface Widths {
  /** All of them. */
  Widths TRACED = Axis::indices;

  /** How many indices of {@code axis} are left. */
  int size(Axis axis);

  /** Whether this index is left; if only the number is known, the first indices are. */
  default boolean keeps(Axis axis, int index) {
    return index < size(axis);
  }
}
