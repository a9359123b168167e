package io.lorashear.checkpoint.gguf.block;

import io.lorashear.checkpoint.HalfPrecision;
import java.nio.ByteBuffer;

/**
 * Q2_K: sixteen groups of sixteen numbers.
 *
 * <pre>
 *   u4 s[16], m[16] │ u2 q[256] │ f16 d │ f16 e          x_j = d·s_g·q_j − e·m_g      g = j/16
 *   byte g holds s_g in its low half and m_g in its high half
 *   q_j is the quarter (j/32 mod 4) of byte 32·(j/128) + (j mod 32)
 * </pre>
 */
final class Q2K implements BlockFormat {
  private static final int QUARTERS = 16;
  private static final int FACTORS = 80;

  @Override
  public int elements() {
    return 256;
  }

  @Override
  public int bytes() {
    return 84;
  }

  @Override
  public void decode(ByteBuffer source, float[] target, int start) {
    int block = source.position();
    float d = HalfPrecision.toFloat(source.getShort(block + FACTORS));
    float e = HalfPrecision.toFloat(source.getShort(block + FACTORS + 2));
    for (int g = 0; g < 16; g++) {
      int pair = source.get(block + g);
      float scale = d * (pair & 15);
      float least = e * (pair >>> 4 & 15);
      for (int j = 16 * g; j < 16 * g + 16; j++) {
        int q = source.get(block + QUARTERS + 32 * (j / 128) + j % 32) >>> 2 * (j / 32 % 4) & 3;
        target[start + j] = scale * q - least;
      }
    }
    source.position(block + bytes());
  }
}
