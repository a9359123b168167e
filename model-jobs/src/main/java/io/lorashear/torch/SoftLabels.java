package io.lorashear.torch;

import ai.djl.ndarray.NDArray;

/**
 * A teacher's predictions at every position of a batch, and their weight in the loss.
 *
 * @param ids int32 (B·T, k): the teacher's k tokens at each position
 * @param logProbabilities float32 (B·T, k + 1): their log-probabilities, then that of all other
 *     tokens together
 * @param weight a, their share of the loss, in [0, 1]
 * @param temperature T, above 0
 */
public record SoftLabels(
    NDArray ids, NDArray logProbabilities, double weight, double temperature) {}
