package io.lorashear.corpus;

import java.util.Arrays;

/**
 * Predictions of a model at every position of one row: its likeliest next tokens, and the rest of
 * the vocabulary together.
 *
 * @param top k, number of tokens that are named at each position
 * @param ids (positions · k,) the k likeliest tokens after each position, the likeliest first
 * @param logProbabilities (positions · k,) their log-probabilities, natural logarithms
 * @param tail (positions,) log-probability of all other tokens together; −∞ if there are none
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
public record SoftTargets(int top, int[] ids, float[] logProbabilities, float[] tail) {

  public SoftTargets {
    if (ids.length != top * tail.length || logProbabilities.length != ids.length) {
      throw new IllegalArgumentException(
          "%d ids and %d log-probabilities are not the %d likeliest of %d positions"
              .formatted(ids.length, logProbabilities.length, top, tail.length));
    }
  }

  /** Number of positions; position t predicts the token after the tokens 0 … t of the row. */
  public int positions() {
    return tail.length;
  }

  /** The targets of {@code count} positions from {@code start} on. */
  public SoftTargets of(int start, int count) {
    int from = start * top;
    int to = from + count * top;
    return new SoftTargets(
        top,
        Arrays.copyOfRange(ids, from, to),
        Arrays.copyOfRange(logProbabilities, from, to),
        Arrays.copyOfRange(tail, start, start + count));
  }
}
