package io.lorashear.checkpoint.gguf.block;

import io.lorashear.checkpoint.HalfPrecision;
import java.nio.ByteBuffer;

/**
 * Q8_0.
 *
 * <pre>
 *   f16 d │ i8 q[32]          x_j = q_j·d
 * </pre>
 */
final class Q80 implements BlockFormat {

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
}
