package io.lorashear.graph;

import java.util.List;
import java.util.stream.IntStream;

/**
 * Radians a position turns each of n rotary pairs by. In models made for longer texts than they
 * were first trained on, they depend on how many tokens N the sequence has, and turned pairs may be
 * longer than they were:
 *
 * <pre>
 *   shorter_i                                           N ≤ length
 *   longer_i · (1 + growth·(N/length − 1))^(−i/(n−1))   N &gt; length
 * </pre>
 *
 * LongRoPE (arXiv 2402.13753) has two lists and no growth, dynamic scaling one list that slows more
 * with every token. A text that is read token by token keeps its earlier keys as they were turned
 * when it was that short under growth, as transformers does; where there are two lists they are
 * turned anew.
 *
 * @param shorter n radians per position in sequences of at most {@code length} tokens
 * @param longer n radians per position in longer ones
 * @param length tokens, from 1
 * @param growth from 0, where longer sequences are all turned alike
 * @param magnitude what cosines and sines are multiplied by
 * @param emphasis β in what they are multiplied by besides, {@code 1 + β·ln(1 + ⌊p/step⌋)} at the
 *     position p: queries of long texts speak louder (Llama 4's attention); 0 for none
 * @param step positions after which that grows, from 1
 */
public record RotaryTable(
    List<Double> shorter,
    List<Double> longer,
    int length,
    double growth,
    double magnitude,
    double emphasis,
    int step) {

  /** Checks that both lists turn the same pairs. */
  public RotaryTable {
    shorter = List.copyOf(shorter);
    longer = List.copyOf(longer);
    if (shorter.size() != longer.size() || length < 1 || !(growth >= 0) || step < 1) {
      throw new IllegalArgumentException(
          "%d and %d pairs up to %d tokens, growing %s"
              .formatted(shorter.size(), longer.size(), length, growth));
    }
  }

  /** The same radians at every length. */
  public static RotaryTable of(List<Double> frequencies) {
    return changing(frequencies, frequencies, Integer.MAX_VALUE);
  }

  /** Others in sequences of more than {@code length} tokens. */
  public static RotaryTable changing(List<Double> shorter, List<Double> longer, int length) {
    return new RotaryTable(shorter, longer, length, 0, 1, 0, 1);
  }

  /** Fewer with every token after {@code length}. */
  public static RotaryTable growing(List<Double> frequencies, int length, double growth) {
    return new RotaryTable(frequencies, frequencies, length, growth, 1, 0, 1);
  }

  /** The same radians, cosines and sines multiplied by {@code factor}. */
  public RotaryTable times(double factor) {
    return new RotaryTable(shorter, longer, length, growth, magnitude * factor, emphasis, step);
  }

  /** The same radians, cosines and sines growing by β with the logarithm of the position. */
  public RotaryTable emphasised(double beta, int positions) {
    return new RotaryTable(shorter, longer, length, growth, magnitude, beta, positions);
  }

  /** n. */
  public int pairs() {
    return shorter.size();
  }

  /** Whether keys are turned anew when a text grows beyond {@link #length()}. */
  public boolean changes() {
    return !shorter.equals(longer);
  }

  /** What growth raises, for each pair: −i/(n−1), and 0 for the only one. */
  public List<Double> exponents() {
    return IntStream.range(0, pairs())
        .mapToObj(i -> i == 0 ? 0.0 : -(double) i / (pairs() - 1))
        .toList();
  }
}
