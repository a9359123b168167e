package io.lorashear.verify;

/**
 * How far numbers may be from the original ones.
 *
 * <pre>
 *   |w′ − w| ≤ relative·|w| + absolute + largest·max|w|        max over w's tensor
 *   √mean((l′ − l)²) ≤ logits·√mean((l − l̄)²)                  over the vocabulary, at each position
 * </pre>
 *
 * @param relative half a unit in the last place, for types whose numbers have their own exponent
 * @param absolute the same below the smallest normal number
 * @param largest half a step of the coarsest block, for types that share a scale
 * @param logits allowed difference of logits l, as a share of their spread, if they are computed
 *     from anything but the weights as written
 */
public record Rounding(double relative, double absolute, double largest, double logits) {
  /** Logits of two forward passes with the same weights, as a share of their spread. */
  public static final double SAME_WEIGHTS = 1e-3;

  /** How far {@code weight} may be off in a tensor whose largest magnitude is {@code most}. */
  double allowed(double weight, double most) {
    return relative * Math.abs(weight) + absolute + largest * most;
  }
}
