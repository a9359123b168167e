package io.lorashear.checkpoint.gguf.block;

import io.lorashear.checkpoint.HalfPrecision;
import java.nio.ByteBuffer;

/**
 * The common part of writing Q4_K and Q5_K: eight groups of 32 numbers.
 *
 * <pre>
 *   (S_g, M_g)   the group's {@link OffsetFit}
 *   d = max S/63     e = max M/63     as halves
 *   q_j(s, m) = (x_j + e·m)/(d·s) to nearest, 0 … Q
 *   (s_g, m_g)   of the nine pairs of whole numbers, 0 … 63, next to (S_g/d, M_g/e)
 *                that with the least Σ w_j·(d·s·q_j − e·m − x_j)²              g = j/32
 * </pre>
 *
 * ggml takes the nearest pair; trying the eight pairs around it costs little and gives a smaller
 * error.
 */
final class OffsetGroups {
  private static final int MOST = 63;

  private final float[] x;
  private final int start;
  private final int most;
  private final int[] s = new int[8];
  private final int[] m = new int[8];
  private final int[] q = new int[256];

  private OffsetGroups(float[] x, int start, int most) {
    this.x = x;
    this.start = start;
    this.most = most;
  }

  /**
   * Writes d, e, s and m; returns q.
   *
   * @param most Q
   * @param first see {@link OffsetFit#of}
   * @param trials see {@link OffsetFit#of}
   */
  static int[] put(float[] x, int start, int most, float first, int trials, ByteBuffer target) {
    var groups = new OffsetGroups(x, start, most);
    var weights = new float[8][];
    var scales = new float[8];
    var offsets = new float[8];
    for (int g = 0; g < 8; g++) {
      weights[g] = OffsetFit.weights(x, start + 32 * g, 32);
      var fit = OffsetFit.of(x, start + 32 * g, weights[g], most, first, trials);
      scales[g] = fit.scale();
      offsets[g] = fit.offset();
    }
    short dHalf = HalfPrecision.fromFloat(Extremes.greatest(scales, 0, 8) / MOST);
    short eHalf = HalfPrecision.fromFloat(Extremes.greatest(offsets, 0, 8) / MOST);
    float d = HalfPrecision.toFloat(dHalf);
    float e = HalfPrecision.toFloat(eHalf);
    for (int g = 0; g < 8; g++) {
      groups.choose(g, d, e, near(scales[g], d), near(offsets[g], e), weights[g]);
    }
    target.putShort(dHalf).putShort(eHalf);
    SixBitPairs.put(groups.s, groups.m, target);
    return groups.q;
  }

  private static int near(float value, float unit) {
    return unit == 0 ? 0 : Math.min(MOST, ScaleFit.nearest(value / unit));
  }

  private void choose(int g, float d, float e, int nearS, int nearM, float[] w) {
    double least = Double.MAX_VALUE;
    var codes = new int[32];
    for (int i = Math.max(0, nearS - 1); i <= Math.min(MOST, nearS + 1); i++) {
      for (int k = Math.max(0, nearM - 1); k <= Math.min(MOST, nearM + 1); k++) {
        double error = code(g, d * i, e * k, w, codes);
        if (error < least) {
          least = error;
          s[g] = i;
          m[g] = k;
          System.arraycopy(codes, 0, q, 32 * g, 32);
        }
      }
    }
  }

  /** Fills {@code codes} and returns the rest of the sum. */
  private double code(int g, float scale, float offset, float[] w, int[] codes) {
    float inverse = scale == 0 ? 0 : 1 / scale;
    double error = 0;
    for (int j = 0; j < 32; j++) {
      float number = x[start + 32 * g + j];
      codes[j] = Math.max(0, Math.min(most, (int) ((number + offset) * inverse + 0.5f)));
      float difference = scale * codes[j] - offset - number;
      error += (double) w[j] * difference * difference;
    }
    return error;
  }
}
