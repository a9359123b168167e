package io.lorashear.shape;

import io.lorashear.dependency.Groups;
import io.lorashear.dependency.PrunableAxis;

/**
 * One axis as a choice sees it.
 *
 * @param cost parameters that a group takes along
 * @param scores saliency of every group per parameter, of either sign
 * @param eligible groups that are still there, of this axis and of others
 * @param most how many of them may go at most
 */
@SuppressWarnings("ArrayRecordComponent") // scores of the groups of an axis, never compared
public record Candidates(PrunableAxis axis, long cost, double[] scores, Groups eligible, int most) {

  /** The axis's name. */
  public String name() {
    return axis.name();
  }

  /** How many groups are still there. */
  int width() {
    return eligible.count(name());
  }

  /** Those of this axis that are still there. */
  Groups groups() {
    return Groups.of(name(), eligible.indices(name()));
  }

  /** The same axis, of which only {@code groups} may go. */
  Candidates only(Groups groups) {
    return new Candidates(axis, cost, scores, groups, groups.count(name()));
  }
}
