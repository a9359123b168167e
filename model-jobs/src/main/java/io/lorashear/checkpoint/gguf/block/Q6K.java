package io.lorashear.checkpoint.gguf.block;

import io.lorashear.checkpoint.HalfPrecision;
import java.nio.ByteBuffer;

/**
 * Q6_K: sixteen groups of sixteen numbers.
 *
 * <pre>
 *   u4 q[256] │ u2 h[256] │ i8 s[16] │ f16 d          x_j = d·s_g·(q_j + 16·h_j − 32)      g = j/16
 *   with c = j/128, r = j/32 mod 4, i = j mod 32:
 *   q_j is the half r/2 of byte 64·c + 32·(r mod 2) + i, h_j the quarter r of byte 32·c + i
 * </pre>
 */
final class Q6K implements BlockFormat {
  private static final int QUARTERS = 128;
  private static final int SCALES = 192;
  private static final int FACTOR = 208;

  @Override
  public int elements() {
    return 256;
  }

  @Override
  public int bytes() {
    return 210;
  }

  @Override
  public void decode(ByteBuffer source, float[] target, int start) {
    int block = source.position();
    float d = HalfPrecision.toFloat(source.getShort(block + FACTOR));
    for (int j = 0; j < 256; j++) {
      int c = j / 128;
      int r = j / 32 % 4;
      int i = j % 32;
      float scale = d * source.get(block + SCALES + j / 16);
      int q = source.get(block + 64 * c + 32 * (r % 2) + i) >>> 4 * (r / 2) & 15;
      int h = source.get(block + QUARTERS + 32 * c + i) >>> 2 * r & 3;
      target[start + j] = scale * (q + 16 * h - 32);
    }
    source.position(block + bytes());
  }
}
