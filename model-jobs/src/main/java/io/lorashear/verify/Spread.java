package io.lorashear.verify;

import java.util.Arrays;

/**
 * The distance of one vector from another, relative to the spread of the expected one's numbers.
 */
final class Spread {
  private Spread() {}

  /** √Σ(y − x)² / √Σ(x − x̄)²; 0 if both are equal, NaN if a number of either is NaN. */
  static double difference(float[] expected, float[] found) {
    if (Arrays.equals(expected, found)) {
      return 0;
    }
    double mean = 0;
    for (float x : expected) {
      mean += x / expected.length;
    }
    double apart = 0;
    double off = 0;
    for (int i = 0; i < expected.length; i++) {
      apart += (expected[i] - mean) * (expected[i] - mean);
      off += ((double) found[i] - expected[i]) * ((double) found[i] - expected[i]);
    }
    return Math.sqrt(off / apart);
  }
}
