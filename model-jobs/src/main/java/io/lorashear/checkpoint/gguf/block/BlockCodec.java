package io.lorashear.checkpoint.gguf.block;

import java.nio.ByteBuffer;

/** A block layout that can also be written. */
public interface BlockCodec extends BlockFormat {

  /**
   * Writes a block of {@code numbers} from {@code start} on at {@code target}'s position. The same
   * numbers give the same bytes on every machine.
   *
   * @param numbers finite, none above {@link GgmlType#largest} in magnitude
   * @param target little-endian; its position moves to the end of the block
   */
  void encode(float[] numbers, int start, ByteBuffer target);
}
