package io.lorashear.score;

import io.lorashear.corpus.SoftTargets;

/**
 * What a model expected of one sequence.
 *
 * @param losses (length − 1,) negative log-likelihood, in nats, of every token from the second on
 * @param targets what it expected in their places: length − 1 positions
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
public record Prediction(double[] losses, SoftTargets targets) {}
