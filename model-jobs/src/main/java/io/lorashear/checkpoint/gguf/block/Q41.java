package io.lorashear.checkpoint.gguf.block;

import io.lorashear.checkpoint.HalfPrecision;
import java.nio.ByteBuffer;

/**
 * Q4_1.
 *
 * <pre>
 *   f16 d │ f16 m │ u4 q[32]          x_j = q_j·d + m
 *   byte j holds q_j in its low half and q_{j+16} in its high half
 *
 *   written:
 *   m = min x          d = (max x − m)/15          q_j = min(15, ⌊(x_j − m)/d + 0.5⌋)
 * </pre>
 */
final class Q41 implements BlockCodec {

  @Override
  public int elements() {
    return 32;
  }

  @Override
  public int bytes() {
    return 20;
  }

  @Override
  public void decode(ByteBuffer source, float[] target, int start) {
    float d = HalfPrecision.toFloat(source.getShort());
    float m = HalfPrecision.toFloat(source.getShort());
    for (int j = 0; j < 16; j++) {
      int pair = source.get();
      target[start + j] = (pair & 15) * d + m;
      target[start + j + 16] = (pair >>> 4 & 15) * d + m;
    }
  }

  @Override
  public void encode(float[] numbers, int start, ByteBuffer target) {
    float m = Extremes.least(numbers, start, 32);
    float d = (Extremes.greatest(numbers, start, 32) - m) / 15;
    float inverse = d == 0 ? 0 : 1 / d;
    target.putShort(HalfPrecision.fromFloat(d)).putShort(HalfPrecision.fromFloat(m));
    for (int j = start; j < start + 16; j++) {
      int low = Math.min(15, (int) ((numbers[j] - m) * inverse + 0.5f));
      int high = Math.min(15, (int) ((numbers[j + 16] - m) * inverse + 0.5f));
      target.put((byte) (low | high << 4));
    }
  }
}
