package io.lorashear.rank;

import ai.djl.ndarray.NDArray;
import java.util.Map;

/** How much hangs on each component of a pair; those with the lowest scores go. */
interface RankScore {

  /** Looks at a step's gradients, of all its micro-batches and before they are clipped. */
  default void observe() {}

  /**
   * Scores of components.
   *
   * @param pair place of the pair in the list
   * @param kept indices of the components that are left, ascending
   */
  double[] of(int pair, int[] kept);

  /** Whether {@link #of} changed what the components are, so that old moments say nothing. */
  default boolean turns() {
    return false;
  }

  /** What it remembers from step to step; live. */
  default Map<String, NDArray> arrays() {
    return Map.of();
  }
}
