package io.lorashear.statistics;

import java.util.Arrays;

/** From {@code low} to {@code high}: where a figure lies with 95 % confidence. */
public record Interval(double low, double high) {
  private static final double TAIL = 0.025;

  /** The middle 95 % of what resampling gave; sorts the values. */
  static Interval ofMiddle(double[] values) {
    Arrays.sort(values);
    int cut = (int) Math.floor(TAIL * values.length);
    return new Interval(values[cut], values[values.length - 1 - cut]);
  }

  /** Whether 0 is outside, so that the sign is sure. */
  public boolean excludesZero() {
    return low > 0 || high < 0;
  }
}
