package io.lorashear.corpus;

import java.util.Arrays;

/**
 * What a model expects at every position of one row: its likeliest next tokens, and the rest of the
 * vocabulary as one.
 *
 * @param top k, how many tokens of each position are named
 * @param ids (positions · k,) the k likeliest tokens after each position, the likeliest first
 * @param logProbabilities (positions · k,) theirs, natural logarithms
 * @param tail (positions,) the logarithm of what all other tokens have together; −∞ where there are
 *     none
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

  /** Positions; the one at t says what comes after the tokens 0 … t of the row. */
  public int positions() {
    return tail.length;
  }

  /** Those of {@code count} positions from {@code start} on. */
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
