package io.lorashear.checkpoint.gguf.block;

import io.lorashear.checkpoint.HalfPrecision;
import java.nio.ByteBuffer;

/**
 * Q5_1.
 *
 * <pre>
 *   f16 d │ f16 m │ u1 h[32] │ u4 q[32]          x_j = (q_j + 16·h_j)·d + m
 *   bits and halves lie as in Q5_0
 *
 *   written:
 *   m = min x          d = (max x − m)/31          q_j + 16·h_j = min(31, ⌊(x_j − m)/d + 0.5⌋)
 * </pre>
 */
final class Q51 implements BlockCodec {

  @Override
  public int elements() {
    return 32;
  }

  @Override
  public int bytes() {
    return 24;
  }

  @Override
  public void decode(ByteBuffer source, float[] target, int start) {
    float d = HalfPrecision.toFloat(source.getShort());
    float m = HalfPrecision.toFloat(source.getShort());
    int h = source.getInt();
    for (int j = 0; j < 16; j++) {
      int pair = source.get();
      target[start + j] = ((pair & 15) + 16 * (h >>> j & 1)) * d + m;
      target[start + j + 16] = ((pair >>> 4 & 15) + 16 * (h >>> j + 16 & 1)) * d + m;
    }
  }

  @Override
  public void encode(float[] numbers, int start, ByteBuffer target) {
    float m = Extremes.least(numbers, start, 32);
    float d = (Extremes.greatest(numbers, start, 32) - m) / 31;
    float inverse = d == 0 ? 0 : 1 / d;
    var q = new int[32];
    for (int j = 0; j < 32; j++) {
      q[j] = Math.min(31, (int) ((numbers[start + j] - m) * inverse + 0.5f));
    }
    target.putShort(HalfPrecision.fromFloat(d)).putShort(HalfPrecision.fromFloat(m));
    Q50.putFiveBits(q, target);
  }
}
