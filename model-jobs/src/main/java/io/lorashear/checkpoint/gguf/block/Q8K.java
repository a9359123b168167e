package io.lorashear.checkpoint.gguf.block;

import java.nio.ByteBuffer;

/**
 * Q8_K.
 *
 * <pre>
 *   f32 d │ i8 q[256] │ i16 sums[16]          x_j = d·q_j, the sums are not needed
 * </pre>
 */
final class Q8K implements BlockFormat {

  @Override
  public int elements() {
    return 256;
  }

  @Override
  public int bytes() {
    return 292;
  }

  @Override
  public void decode(ByteBuffer source, float[] target, int start) {
    int block = source.position();
    float d = source.getFloat();
    for (int j = 0; j < 256; j++) {
      target[start + j] = d * source.get();
    }
    source.position(block + bytes());
  }
}
