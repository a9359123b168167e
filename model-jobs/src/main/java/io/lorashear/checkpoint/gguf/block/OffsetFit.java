package io.lorashear.checkpoint.gguf.block;

/**
 * Scale s ≥ 0 and offset m ≥ 0 of a group of n numbers, as ggml's reference chooses them: weighted
 * least squares over trial codes.
 *
 * <pre>
 *   x_j ≈ s·q_j − m,   q_j = 0 … Q          w_j = √(Σ x²/n) + |x_j|
 *   a = min(0, min x)     b = max x
 *
 *   trial t:   q_j = ⌊(x_j − a)·(Q + t)/(b − a) + ½⌋, at most Q
 *     (s, m) = argmin Σ w_j·(s·q_j − m − x_j)²
 *            s = (Σw·Σwxq − Σwx·Σwq)/D     m = (Σwq·Σwxq − Σwq²·Σwx)/D     D = Σw·Σwq² − (Σwq)²
 *            s = Σwxq/Σwq²                 m = 0                            if m would be negative
 *     what is left of the sum:  Σwx² − s·Σwxq + m·Σwx
 * </pre>
 *
 * The trial with the smallest rest is taken; without trials, t = 0 with s = (b − a)/Q and m = −a.
 */
record OffsetFit(float scale, float offset) {

  /**
   * The fit of the numbers from {@code start} on.
   *
   * @param w as {@link #weights} gives them
   * @param most Q
   * @param first the first t; the others follow by tenths
   * @param trials how many
   */
  static OffsetFit of(float[] x, int start, float[] w, int most, float first, int trials) {
    float a = Math.min(0, Extremes.least(x, start, w.length));
    float b = Extremes.greatest(x, start, w.length);
    if (a == b) {
      return new OffsetFit(0, -a);
    }
    var sums = new Sums(x, start, w);
    var best = new OffsetFit((b - a) / most, -a);
    double least = sums.left(best.scale, best.offset, a, most / (b - a), most);
    for (int i = 0; i < trials; i++) {
      sums.add(a, (most + first + i * 0.1f) / (b - a), most);
      double d = sums.w * sums.wqq - sums.wq * sums.wq;
      if (d > 0) {
        double s = (sums.w * sums.wxq - sums.wx * sums.wq) / d;
        double m = (sums.wq * sums.wxq - sums.wqq * sums.wx) / d;
        if (m < 0) {
          m = 0;
          s = sums.wxq / sums.wqq;
        }
        double left = sums.wxx - s * sums.wxq + m * sums.wx;
        if (left < least) {
          least = left;
          best = new OffsetFit((float) s, (float) m);
        }
      }
    }
    return best;
  }

  /** w of {@code count} numbers from {@code start} on. */
  static float[] weights(float[] x, int start, int count) {
    double squares = 0;
    for (int j = start; j < start + count; j++) {
      squares += (double) x[j] * x[j];
    }
    float mean = (float) Math.sqrt(squares / count);
    var w = new float[count];
    for (int j = 0; j < count; j++) {
      w[j] = mean + Math.abs(x[start + j]);
    }
    return w;
  }

  /** The sums, in binary64, in which their differences are accurate enough. */
  private static final class Sums {
    private final float[] x;
    private final int start;
    private final float[] weights;
    private final double w;
    private final double wx;
    private final double wxx;
    private double wq;
    private double wqq;
    private double wxq;

    Sums(float[] x, int start, float[] weights) {
      this.x = x;
      this.start = start;
      this.weights = weights;
      double w = 0;
      double wx = 0;
      double wxx = 0;
      for (int j = 0; j < weights.length; j++) {
        float number = x[start + j];
        w += weights[j];
        wx += (double) weights[j] * number;
        wxx += (double) weights[j] * number * number;
      }
      this.w = w;
      this.wx = wx;
      this.wxx = wxx;
    }

    /** Adds the sums for the codes at {@code inverse} codes per unit. */
    void add(float a, float inverse, int most) {
      double wq = 0;
      double wqq = 0;
      double wxq = 0;
      for (int j = 0; j < weights.length; j++) {
        float number = x[start + j];
        int q = Math.min(most, (int) ((number - a) * inverse + 0.5f));
        double part = (double) weights[j] * q;
        wq += part;
        wqq += part * q;
        wxq += part * number;
      }
      this.wq = wq;
      this.wqq = wqq;
      this.wxq = wxq;
    }

    /** The rest of the sum for any s and m, with the codes at {@code inverse} codes per unit. */
    double left(float s, float m, float a, float inverse, int most) {
      add(a, inverse, most);
      return s * s * wqq + (double) m * m * w + wxx - 2 * ((double) s * m * wq + s * wxq - m * wx);
    }
  }
}
