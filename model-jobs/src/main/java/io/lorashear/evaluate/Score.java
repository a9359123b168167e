package io.lorashear.evaluate;

/**
 * The answer to a {@link Request}: natural logarithm of the continuation's probability, and whether
 * each of its tokens was the most probable one.
 */
public record Score(double logLikelihood, boolean greedy) {}
