package io.lorashear.torch;

import ai.djl.ndarray.NDArray;

/**
 * What a teacher expects at every position of a batch, and how much it counts.
 *
 * @param ids int32 (B·T, k): the k tokens it names at each position
 * @param logProbabilities float32 (B·T, k + 1): theirs, and that of all others together
 * @param weight a, share of the loss, in [0, 1]
 * @param temperature T, above 0
 */
public record SoftLabels(
    NDArray ids, NDArray logProbabilities, double weight, double temperature) {}
