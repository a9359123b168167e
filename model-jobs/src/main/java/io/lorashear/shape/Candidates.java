package io.lorashear.shape;

import io.lorashear.dependency.PrunableAxis;
import java.util.BitSet;

/**
 * One axis as a choice sees it.
 *
 * @param cost parameters that a group takes along
 * @param scores saliency of every group per parameter, not negative
 * @param eligible groups that are still there
 * @param most how many of them may go at most
 */
@SuppressWarnings("ArrayRecordComponent") // scores of the groups of an axis, never compared
public record Candidates(PrunableAxis axis, long cost, double[] scores, BitSet eligible, int most) {

  /** How many groups are still there. */
  int width() {
    return eligible.cardinality();
  }

  /** The same axis, of which only {@code groups} may go. */
  Candidates only(BitSet groups) {
    return new Candidates(axis, cost, scores, groups, groups.cardinality());
  }
}
