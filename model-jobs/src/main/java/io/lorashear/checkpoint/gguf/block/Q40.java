package io.lorashear.checkpoint.gguf.block;

import io.lorashear.checkpoint.HalfPrecision;
import java.nio.ByteBuffer;

/**
 * Q4_0.
 *
 * <pre>
 *   f16 d │ u4 q[32]          x_j = (q_j − 8)·d
 *   byte j holds q_j in its low half and q_{j+16} in its high half
 *
 *   written:  f the number farthest from zero
 *   d = −f/8          q_j = min(15, ⌊x_j/d + 8.5⌋)
 * </pre>
 *
 * f becomes q = 0, whatever its sign: exact but for the rounding of d.
 */
final class Q40 implements BlockCodec {

  @Override
  public int elements() {
    return 32;
  }

  @Override
  public int bytes() {
    return 18;
  }

  @Override
  public void decode(ByteBuffer source, float[] target, int start) {
    float d = HalfPrecision.toFloat(source.getShort());
    for (int j = 0; j < 16; j++) {
      int pair = source.get();
      target[start + j] = ((pair & 15) - 8) * d;
      target[start + j + 16] = ((pair >>> 4 & 15) - 8) * d;
    }
  }

  @Override
  public void encode(float[] numbers, int start, ByteBuffer target) {
    float d = Extremes.farthest(numbers, start, 32) / -8;
    float inverse = d == 0 ? 0 : 1 / d;
    target.putShort(HalfPrecision.fromFloat(d));
    for (int j = start; j < start + 16; j++) {
      int low = Math.min(15, (int) (numbers[j] * inverse + 8.5f));
      int high = Math.min(15, (int) (numbers[j + 16] * inverse + 8.5f));
      target.put((byte) (low | high << 4));
    }
  }
}
