package io.lorashear.checkpoint.gguf.block;

import io.lorashear.checkpoint.HalfPrecision;
import java.nio.ByteBuffer;

/**
 * Q8_0.
 *
 * <pre>
 *   f16 d │ i8 q[32]          x_j = q_j·d
 *
 *   written:
 *   d = max |x|/127          q_j = x_j/d, rounded to nearest, halves away from zero
 * </pre>
 */
final class Q80 implements BlockCodec {

  @Override
  public int elements() {
    return 32;
  }

  @Override
  public int bytes() {
    return 34;
  }

  @Override
  public void decode(ByteBuffer source, float[] target, int start) {
    float d = HalfPrecision.toFloat(source.getShort());
    for (int j = 0; j < 32; j++) {
      target[start + j] = source.get() * d;
    }
  }

  @Override
  public void encode(float[] numbers, int start, ByteBuffer target) {
    float d = Math.abs(Extremes.farthest(numbers, start, 32)) / 127;
    float inverse = d == 0 ? 0 : 1 / d;
    target.putShort(HalfPrecision.fromFloat(d));
    for (int j = start; j < start + 32; j++) {
      float q = numbers[j] * inverse;
      target.put((byte) (q < 0 ? q - 0.5 : q + 0.5)); // in binary64: the sum is exact
    }
  }
}
