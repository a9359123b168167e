package io.lorashear.checkpoint.gguf.block;

import io.lorashear.checkpoint.HalfPrecision;
import java.nio.ByteBuffer;

/**
 * Q3_K: sixteen groups of sixteen numbers.
 *
 * <pre>
 *   u1 h[256] │ u2 q[256] │ u6 s[16] │ f16 d      x_j = d·(s_g − 32)·(q_j + 4·h_j − 4)      g = j/16
 *   h_j is bit j/32 of byte j mod 32; q_j lies as in Q2_K
 *   s_g: four bits from the half g/8 of byte g mod 8, two from the quarter g/4 of byte 8 + (g mod 4)
 * </pre>
 */
final class Q3K implements BlockFormat {
  private static final int QUARTERS = 32;
  private static final int SCALES = 96;
  private static final int FACTOR = 108;

  @Override
  public int elements() {
    return 256;
  }

  @Override
  public int bytes() {
    return 110;
  }

  @Override
  public void decode(ByteBuffer source, float[] target, int start) {
    int block = source.position();
    float d = HalfPrecision.toFloat(source.getShort(block + FACTOR));
    for (int g = 0; g < 16; g++) {
      float scale = d * (scale(source, block + SCALES, g) - 32);
      for (int j = 16 * g; j < 16 * g + 16; j++) {
        int h = source.get(block + j % 32) >>> j / 32 & 1;
        int q = source.get(block + QUARTERS + 32 * (j / 128) + j % 32) >>> 2 * (j / 32 % 4) & 3;
        target[start + j] = scale * (q + 4 * h - 4);
      }
    }
    source.position(block + bytes());
  }

  private static int scale(ByteBuffer source, int scales, int g) {
    int low = source.get(scales + g % 8) >>> 4 * (g / 8) & 15;
    int high = source.get(scales + 8 + g % 4) >>> 2 * (g / 4) & 3;
    return low + 16 * high;
  }
}
