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
 * </pre>
 */
final class Q50 implements BlockFormat {

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
}
