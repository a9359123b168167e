package io.lorashear.shape;

import io.lorashear.dependency.Groups;
import io.lorashear.dependency.PrunableAxis;

/**
 * One axis with the scores of its groups.
 *
 * @param cost number of parameters of a group
 * @param scores saliency of every group per parameter, of either sign
 * @param eligible remaining groups, of this axis and of others
 * @param most largest number of them that may be removed
 */
@SuppressWarnings("ArrayRecordComponent") // scores of the groups of an axis, never compared
public record Candidates(PrunableAxis axis, long cost, double[] scores, Groups eligible, int most) {

  /** The axis's name. */
  public String name() {
    return axis.name();
  }

  /** Number of remaining groups. */
  int width() {
    return eligible.count(name());
  }

  /** The remaining groups of this axis. */
  Groups groups() {
    return Groups.of(name(), eligible.indices(name()));
  }

  /** The same axis, of which only {@code groups} may be removed. */
  Candidates only(Groups groups) {
    return new Candidates(axis, cost, scores, groups, groups.count(name()));
  }
}
