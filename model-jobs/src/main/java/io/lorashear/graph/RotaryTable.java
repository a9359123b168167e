package io.lorashear.graph;

import java.util.List;
import java.util.stream.IntStream;

/**
 * The frequencies of n rotary pairs: the angle in radians by which each is rotated per position. In
 * models extended to longer texts than they were first trained on, they depend on the number of
 * tokens N of the sequence, and rotated pairs may be scaled:
 *
 * <pre>
 *   shorter_i                                           N ≤ length
 *   longer_i · (1 + growth·(N/length − 1))^(−i/(n−1))   N &gt; length
 * </pre>
 *
 * LongRoPE (arXiv 2402.13753) has two lists and no growth; dynamic scaling has one list, whose
 * frequencies decrease with every token. If a text is read token by token under growth, its earlier
 * keys stay as they were rotated when the text was shorter, as in transformers; with two lists they
 * are rotated again.
 *
 * @param shorter n radians per position in sequences of at most {@code length} tokens
 * @param longer n radians per position in longer ones
 * @param length tokens, from 1
 * @param growth at least 0; with 0, all longer sequences have the same frequencies
 * @param magnitude factor on cosines and sines
 * @param emphasis β of a further factor on them, {@code 1 + β·ln(1 + ⌊p/step⌋)} at position p,
 *     which strengthens queries late in long texts (Llama 4's attention); 0 for none
 * @param step number of positions after which that factor grows, at least 1
 */
public record RotaryTable(
    List<Double> shorter,
    List<Double> longer,
    int length,
    double growth,
    double magnitude,
    double emphasis,
    int step) {

  /** Checks that both lists have the same number of pairs. */
  public RotaryTable {
    shorter = List.copyOf(shorter);
    longer = List.copyOf(longer);
    if (shorter.size() != longer.size() || length < 1 || !(growth >= 0) || step < 1) {
      throw new IllegalArgumentException(
          "%d and %d pairs up to %d tokens, growing %s"
              .formatted(shorter.size(), longer.size(), length, growth));
    }
  }

  /** The same frequencies at every length. */
  public static RotaryTable of(List<Double> frequencies) {
    return changing(frequencies, frequencies, Integer.MAX_VALUE);
  }

  /** Other frequencies in sequences of more than {@code length} tokens. */
  public static RotaryTable changing(List<Double> shorter, List<Double> longer, int length) {
    return new RotaryTable(shorter, longer, length, 0, 1, 0, 1);
  }

  /** Frequencies that decrease with every token after {@code length}. */
  public static RotaryTable growing(List<Double> frequencies, int length, double growth) {
    return new RotaryTable(frequencies, frequencies, length, growth, 1, 0, 1);
  }

  /** The same frequencies, with cosines and sines multiplied by {@code factor}. */
  public RotaryTable times(double factor) {
    return new RotaryTable(shorter, longer, length, growth, magnitude * factor, emphasis, step);
  }

  /**
   * The same frequencies, with cosines and sines that grow with β times the logarithm of the
   * position.
   */
  public RotaryTable emphasised(double beta, int positions) {
    return new RotaryTable(shorter, longer, length, growth, magnitude, beta, positions);
  }

  /** n. */
  public int pairs() {
    return shorter.size();
  }

  /** Whether keys are rotated again when a text grows beyond {@link #length()}. */
  public boolean changes() {
    return !shorter.equals(longer);
  }

  /** The exponent of the growth term for each pair: −i/(n−1), or 0 if there is only one pair. */
  public List<Double> exponents() {
    return IntStream.range(0, pairs())
        .mapToObj(i -> i == 0 ? 0.0 : -(double) i / (pairs() - 1))
        .toList();
  }
}
