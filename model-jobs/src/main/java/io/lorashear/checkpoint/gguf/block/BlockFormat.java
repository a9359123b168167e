package io.lorashear.checkpoint.gguf.block;

import java.nio.ByteBuffer;

/** How a quantised type stores numbers: a fixed count of them in a block of fixed size. */
public interface BlockFormat {

  /** Numbers in a block. */
  int elements();

  /** Bytes of a block. */
  int bytes();

  /**
   * Reads the block at {@code source}'s position into {@code target} from {@code start} on.
   *
   * @param source little-endian; its position moves to the end of the block
   */
  void decode(ByteBuffer source, float[] target, int start);
}
