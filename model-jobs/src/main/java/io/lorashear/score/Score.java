package io.lorashear.score;

/**
 * The answer to a {@link Request}: natural logarithm of the continuation's probability, and whether
 * each of its tokens was the most probable one.
 */
public record Score(double logLikelihood, boolean greedy) {
  /** The score of an empty continuation. */
  public static final Score OF_NOTHING = new Score(0, true);
}
