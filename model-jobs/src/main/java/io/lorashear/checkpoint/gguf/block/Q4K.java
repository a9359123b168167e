package io.lorashear.checkpoint.gguf.block;

import io.lorashear.checkpoint.HalfPrecision;
import java.nio.ByteBuffer;

/**
 * Q4_K: eight groups of 32 numbers.
 *
 * <pre>
 *   f16 d │ f16 e │ u6 s[8], m[8] │ u4 q[256]          x_j = d·s_g·q_j − e·m_g      g = j/32
 *   s and m: see {@link SixBitPairs}
 *   q_j is the half (j/32 mod 2) of byte 32·(j/64) + (j mod 32)
 * </pre>
 *
 * Written: {@link OffsetGroups} with Q = 15, t from −1 to 1.
 */
final class Q4K implements BlockCodec {
  private static final int PAIRS = 4;
  private static final int HALVES = PAIRS + SixBitPairs.BYTES;

  @Override
  public int elements() {
    return 256;
  }

  @Override
  public int bytes() {
    return 144;
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
        target[start + j] = scale * q - least;
      }
    }
    source.position(block + bytes());
  }

  @Override
  public void encode(float[] numbers, int start, ByteBuffer target) {
    var q = OffsetGroups.put(numbers, start, 15, -1, 21, target);
    putHalves(q, target);
  }

  /** Writes the low four bits of each code in the layout above. */
  static void putHalves(int[] q, ByteBuffer target) {
    for (int c = 0; c < 256; c += 64) {
      for (int j = c; j < c + 32; j++) {
        target.put((byte) (q[j] & 15 | (q[j + 32] & 15) << 4));
      }
    }
  }
}
