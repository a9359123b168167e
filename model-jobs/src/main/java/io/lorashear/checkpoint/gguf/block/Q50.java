package io.lorashear.checkpoint.gguf.block;

import io.lorashear.checkpoint.HalfPrecision;
import java.nio.ByteBuffer;

/**
 * Q5_0.
 *
 * <pre>
 *   f16 d │ u1 h[32] │ u4 q[32]          x_j = (q_j + 16·h_j − 16)·d
 *   bit j of a little-endian word is h_j
 *   byte j holds q_j in its low half and q_{j+16} in its high half
 *
 *   written:  f the number farthest from zero
 *   d = −f/16          q_j + 16·h_j = min(31, ⌊x_j/d + 16.5⌋)
 * </pre>
 */
final class Q50 implements BlockCodec {

  @Override
  public int elements() {
    return 32;
  }

  @Override
  public int bytes() {
    return 22;
  }

  @Override
  public void decode(ByteBuffer source, float[] target, int start) {
    float d = HalfPrecision.toFloat(source.getShort());
    int h = source.getInt();
    for (int j = 0; j < 16; j++) {
      int pair = source.get();
      target[start + j] = ((pair & 15) + 16 * (h >>> j & 1) - 16) * d;
      target[start + j + 16] = ((pair >>> 4 & 15) + 16 * (h >>> j + 16 & 1) - 16) * d;
    }
  }

  @Override
  public void encode(float[] numbers, int start, ByteBuffer target) {
    float d = Extremes.farthest(numbers, start, 32) / -16;
    float inverse = d == 0 ? 0 : 1 / d;
    var q = new int[32];
    for (int j = 0; j < 32; j++) {
      q[j] = Math.min(31, (int) (numbers[start + j] * inverse + 16.5f));
    }
    target.putShort(HalfPrecision.fromFloat(d));
    putFiveBits(q, target);
  }

  /** Writes h and q in the layout above. */
  static void putFiveBits(int[] numbers, ByteBuffer target) {
    int h = 0;
    for (int j = 0; j < 32; j++) {
      h |= numbers[j] >>> 4 << j;
    }
    target.putInt(h);
    for (int j = 0; j < 16; j++) {
      target.put((byte) (numbers[j] & 15 | (numbers[j + 16] & 15) << 4));
    }
  }
}
