package io.lorashear.checkpoint.gguf.block;

import io.lorashear.checkpoint.HalfPrecision;
import java.nio.ByteBuffer;

/**
 * Q5_K: eight groups of 32 numbers.
 *
 * <pre>
 *   f16 d │ f16 e │ u6 s[8], m[8] │ u1 h[256] │ u4 q[256]
 *   x_j = d·s_g·(q_j + 16·h_j) − e·m_g      g = j/32
 *   h_j is bit g of byte j mod 32; s, m and q lie as in Q4_K
 * </pre>
 *
 * Written: {@link OffsetGroups} with Q = 31, t from −0.5 to 1.
 */
final class Q5K implements BlockCodec {
  private static final int PAIRS = 4;
  private static final int BITS = PAIRS + SixBitPairs.BYTES;
  private static final int HALVES = BITS + 32;

  @Override
  public int elements() {
    return 256;
  }

  @Override
  public int bytes() {
    return 176;
  }

  @Override
  public void decode(ByteBuffer source, float[] target, int start) {
    int block = source.position();
    float d = HalfPrecision.toFloat(source.getShort(block));
    float e = HalfPrecision.toFloat(source.getShort(block + 2));
    for (int g = 0; g < 8; g++) {
      float scale = d * SixBitPairs.scale(source, block + PAIRS, g);
      float least = e * SixBitPairs.offset(source, block + PAIRS, g);
      for (int j = 32 * g; j < 32 * g + 32; j++) {
        int q = source.get(block + HALVES + 32 * (j / 64) + j % 32) >>> 4 * (g % 2) & 15;
        int h = source.get(block + BITS + j % 32) >>> g & 1;
        target[start + j] = scale * (q + 16 * h) - least;
      }
    }
    source.position(block + bytes());
  }

  @Override
  public void encode(float[] numbers, int start, ByteBuffer target) {
    var q = OffsetGroups.put(numbers, start, 31, -0.5f, 16, target);
    for (int i = 0; i < 32; i++) {
      int bits = 0;
      for (int g = 0; g < 8; g++) {
        bits |= q[32 * g + i] >>> 4 << g;
      }
      target.put((byte) bits);
    }
    Q4K.putHalves(q, target);
  }
}
