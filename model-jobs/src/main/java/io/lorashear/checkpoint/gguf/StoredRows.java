package io.lorashear.checkpoint.gguf;

import io.lorashear.checkpoint.DataType;
import io.lorashear.checkpoint.MappedFile;
import io.lorashear.checkpoint.gguf.block.BlockFormat;
import io.lorashear.checkpoint.gguf.head.GgufHeader.Entry;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.jspecify.annotations.Nullable;

/** Rows of a stored tensor, as bytes or as numbers. */
final class StoredRows {
  private final MappedFile file;
  private final long start;
  private final DataType type;
  private final @Nullable BlockFormat blocks;
  private final int blockElements;
  private final int blockBytes;
  private final long columns;

  /** Rows of {@code columns} numbers, regardless of the extents. */
  StoredRows(MappedFile file, Entry entry, long columns) {
    this.file = file;
    this.start = entry.start();
    this.type = entry.type().readAs();
    this.blocks = entry.type().blocks();
    this.blockElements = entry.type().blockElements();
    this.blockBytes = entry.type().blockBytes();
    this.columns = columns;
  }

  long columns() {
    return columns;
  }

  /** Count of numbers that can only be read together. */
  int blockElements() {
    return blockElements;
  }

  /** Fills {@code target} with the stored bytes from {@code offset} on. */
  void bytes(long offset, ByteBuffer target) {
    file.read(start + offset, target);
  }

  /** Fills {@code target} with the stored bytes from column {@code from} of a row on. */
  void bytes(long row, long from, ByteBuffer target) {
    file.read(position(row, from), target);
  }

  /** Reads columns {@code from} to {@code from + count} (exclusive), both at block boundaries. */
  void numbers(long row, long from, int count, float[] target) {
    var stored = file.bytes(position(row, from), count / blockElements * blockBytes);
    if (blocks == null) {
      type.decode(stored, target, 0, count);
      return;
    }
    stored.order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < count; i += blockElements) {
      blocks.decode(stored, target, i);
    }
  }

  private long position(long row, long column) {
    return start + (row * columns + column) / blockElements * blockBytes;
  }
}
