package io.lorashear.checkpoint.gguf.block;

/**
 * The scale s of a group of numbers, as ggml's reference chooses it: weighted least squares over
 * trial codes.
 *
 * <pre>
 *   x_j ≈ s·q_j,   q_j = −Q … Q − 1          w_j = x_j²,  f the number farthest from zero
 *
 *   trial t = −0.9, −0.8 … 0.9:   q_j = −x_j·(Q + t)/f to nearest, in its range
 *     s = argmin Σ w_j·(s·q_j − x_j)² = Σwxq/Σwq²
 *     what is left of the sum:  Σwx² − (Σwxq)²/Σwq²
 * </pre>
 *
 * The trial with the smallest rest is taken. f gets the code −Q, which has no positive counterpart,
 * so s has the opposite sign of f.
 */
final class ScaleFit {
  private static final int TRIALS = 9;

  /**
   * Groups whose numbers all have a smaller magnitude become zero, because a half cannot represent
   * their scale.
   */
  static final float NOTHING = 1e-15f;

  private ScaleFit() {}

  /**
   * s for {@code count} numbers from {@code start} on.
   *
   * @param most Q
   */
  static float of(float[] x, int start, int count, int most) {
    float f = Extremes.farthest(x, start, count);
    if (Math.abs(f) < NOTHING) {
      return 0;
    }
    double best = 0;
    double scale = 0;
    for (int t = -TRIALS; t <= TRIALS; t++) {
      float inverse = -(most + 0.1f * t) / f;
      double wxq = 0;
      double wqq = 0;
      for (int j = start; j < start + count; j++) {
        int q = Math.max(-most, Math.min(most - 1, nearest(x[j] * inverse)));
        double w = (double) x[j] * x[j];
        wxq += w * x[j] * q;
        wqq += w * q * q;
      }
      if (wqq > 0 && wxq * wxq > best * wqq) {
        best = wxq * wxq / wqq;
        scale = wxq / wqq;
      }
    }
    return (float) scale;
  }

  /** The integer nearest to {@code number}; ties to even. */
  static int nearest(float number) {
    return (int) Math.rint(number);
  }
}
