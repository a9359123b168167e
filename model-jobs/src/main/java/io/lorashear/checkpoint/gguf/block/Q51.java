package io.lorashear.checkpoint.gguf.block;

import io.lorashear.checkpoint.HalfPrecision;
import java.nio.ByteBuffer;

/**
 * Q5_1.
 *
 * <pre>
 *   f16 d │ f16 m │ u1 h[32] │ u4 q[32]          x_j = (q_j + 16·h_j)·d + m
 *   bits and halves lie as in Q5_0
 * </pre>
 */
final class Q51 implements BlockFormat {

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
}
