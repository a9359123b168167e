package io.lorashear.graph;

import java.util.List;

/**
 * Radians a position turns each of n rotary pairs by. Models made for longer texts than they were
 * first trained on (LongRoPE, arXiv 2402.13753) have two lists, of which a sequence's length
 * chooses, and turned pairs that are longer than they were.
 *
 * @param shorter n radians per position in sequences of at most {@code length} tokens
 * @param longer n radians per position in longer ones
 * @param length tokens, from 1
 * @param magnitude what cosines and sines are multiplied by
 */
public record RotaryTable(List<Double> shorter, List<Double> longer, int length, double magnitude) {

  /** Checks that both lists turn the same pairs. */
  public RotaryTable {
    shorter = List.copyOf(shorter);
    longer = List.copyOf(longer);
    if (shorter.size() != longer.size() || length < 1) {
      throw new IllegalArgumentException(
          shorter.size() + " and " + longer.size() + " pairs up to " + length + " tokens");
    }
  }

  /** The same radians at every length. */
  public static RotaryTable of(List<Double> frequencies) {
    return new RotaryTable(frequencies, frequencies, Integer.MAX_VALUE, 1);
  }

  /** n. */
  public int pairs() {
    return shorter.size();
  }

  /** Whether a sequence's length changes how its first tokens turn. */
  public boolean dependsOnLength() {
    return !shorter.equals(longer);
  }
}
