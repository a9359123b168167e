package io.lorashear.rank;

import ai.djl.ndarray.NDArray;
import java.util.Map;

/** Scores the components of pairs; those with the lowest scores are removed. */
interface RankScore {

  /** Observes a step's gradients, accumulated over all its micro-batches, before clipping. */
  default void observe() {}

  /**
   * Scores of components.
   *
   * @param pair index of the pair in the list
   * @param kept indices of the remaining components, ascending
   */
  double[] of(int pair, int[] kept);

  /** Whether {@link #of} rotated the components, so that old moments are invalid. */
  default boolean turns() {
    return false;
  }

  /** Its state between steps; live. */
  default Map<String, NDArray> arrays() {
    return Map.of();
  }
}
