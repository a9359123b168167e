package io.lorashear.checkpoint.gguf;

import java.nio.ByteBuffer;

/** How a quantised type keeps numbers: a fixed count of them in a block of fixed size. */
interface BlockFormat {

  /** Numbers in a block. */
  int elements();

  /** Bytes of a block. */
  int bytes();

  /** Reads the block at {@code source}'s position into {@code target} from {@code start} on. */
  void decode(ByteBuffer source, float[] target, int start);
}
