package io.lorashear.plan;

import java.util.OptionalDouble;

/**
 * What is done to frozen weights.
 *
 * @param gradientScores whether gradients of the frozen weights are measured once
 * @param refits whether layers that read pruned groups are refitted by second moments of their
 *     inputs
 * @param fetched share of one axis that is copied while it shrinks or is restored; empty if no axis
 *     is processed
 * @param progressive how frozen weights change during training
 */
public record Pruning(
    boolean gradientScores, boolean refits, OptionalDouble fetched, Progressive progressive) {
  /** Nothing. */
  static final Pruning NONE = new Pruning(false, false, OptionalDouble.empty(), Progressive.NONE);

  /** Axes are processed, and a share of one is copied. */
  static Pruning axes(double fetched) {
    return new Pruning(false, false, OptionalDouble.of(fetched), Progressive.NONE);
  }

  /** The same without gradients of frozen weights. */
  Pruning withoutGradientScores() {
    return new Pruning(false, refits, fetched, progressive);
  }

  /** The same with layers refitted or not. */
  Pruning refitting(boolean wanted) {
    return new Pruning(gradientScores, wanted, fetched, progressive);
  }
}
