package io.lorashear.verify;

import java.util.Locale;

/**
 * Checks how far answers are from the expected ones, up to an allowed share of their {@link
 * Spread}.
 */
final class Agreement {
  private final double allowed;
  private double worst;

  Agreement(double allowed) {
    this.allowed = allowed;
  }

  /** Logits (T, vocabulary) of a text, position by position. */
  void requireLogits(int text, float[][] expected, float[][] found) {
    for (int position = 0; position < expected.length; position++) {
      require(
          "logits at position %d of text %d".formatted(position + 1, text + 1),
          expected[position],
          found[position]);
    }
  }

  /**
   * Compares vectors.
   *
   * @param what what is compared, in the plural and with its position
   */
  void require(String what, float[] expected, float[] found) {
    double off = Spread.difference(expected, found);
    if (!(off <= allowed)) {
      SelfCheck.refuse(
          "%s differ by %.2g of their spread, and %.2g are allowed".formatted(what, off, allowed));
    }
    worst = Math.max(worst, off);
  }

  String told(String what, int texts) {
    return String.format(
        Locale.ROOT,
        "%s of %d texts differ by at most %.1e of their spread (allowed are %.1e)",
        what,
        texts,
        worst,
        allowed);
  }
}
