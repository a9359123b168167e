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
 * @param beside numbers of each value of the residual stream that are held while the dense model is
 *     computed beside the pruned one, for all tokens together; 0: it is not
 */
public record Pruning(
    boolean gradientScores,
    boolean refits,
    OptionalDouble fetched,
    Progressive progressive,
    long beside) {
  /** Nothing. */
  static final Pruning NONE =
      new Pruning(false, false, OptionalDouble.empty(), Progressive.NONE, 0);

  /** Axes are processed, and a share of one is copied. */
  static Pruning axes(double fetched) {
    return new Pruning(false, false, OptionalDouble.of(fetched), Progressive.NONE, 0);
  }

  /** The same without gradients of frozen weights. */
  Pruning withoutGradientScores() {
    return new Pruning(false, refits, fetched, progressive, beside);
  }

  /** The same with layers refitted or not. */
  Pruning refitting(boolean wanted) {
    return new Pruning(gradientScores, wanted, fetched, progressive, beside);
  }

  /** The same with the dense model beside the pruned one. */
  Pruning beside(long numbers) {
    return new Pruning(gradientScores, refits, fetched, progressive, numbers);
  }
}
