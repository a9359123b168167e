package io.lorashear.checkpoint.gguf.block;

import io.lorashear.checkpoint.HalfPrecision;
import java.nio.ByteBuffer;

/**
 * Q4_0.
 *
 * <pre>
 *   f16 d │ u4 q[32]          x_j = (q_j − 8)·d
 *   byte j holds q_j in its low half and q_{j+16} in its high half
 * </pre>
 */
final class Q40 implements BlockFormat {

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
}
