package io.lorashear.score;

import io.lorashear.corpus.SoftTargets;

/**
 * A model's predictions for one sequence.
 *
 * @param losses (length − 1,) negative log-likelihood, in nats, of every token from the second on
 * @param targets its predictions in their positions: length − 1 of them
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
public record Prediction(double[] losses, SoftTargets targets) {}
