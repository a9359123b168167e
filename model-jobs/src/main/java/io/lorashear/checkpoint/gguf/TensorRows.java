package io.lorashear.checkpoint.gguf;

import io.lorashear.checkpoint.MappedFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.jspecify.annotations.Nullable;

/** Bytes of one GGUF tensor in Hugging Face's row order and number type. */
final class TensorRows {
  private final MappedFile file;
  private final GgufHeader.Entry entry;
  private final RowOrder order;
  private final @Nullable BlockFormat blocks;
  private final int columns;
  private final int storedRowBytes;
  private final int rowBytes;

  TensorRows(MappedFile file, GgufHeader.Entry entry, RowOrder order) {
    this.file = file;
    this.entry = entry;
    this.order = order;
    this.blocks = entry.type().blocks();
    boolean vector = entry.extents().length < 2 && order != RowOrder.AS_STORED;
    this.columns = vector ? 1 : Math.toIntExact(entry.columns());
    this.rowBytes = Math.multiplyExact(columns, entry.type().readAs().bytes());
    this.storedRowBytes = columns / entry.type().blockElements() * entry.type().blockBytes();
  }

  /** Fills {@code target}; {@code offset} counts in the bytes that are handed out. */
  void read(long offset, ByteBuffer target) {
    if (blocks == null && order == RowOrder.AS_STORED) {
      file.read(entry.start() + offset, target);
      return;
    }
    var numbers = new float[blocks == null ? 0 : columns];
    var row = ByteBuffer.allocate(rowBytes).order(ByteOrder.LITTLE_ENDIAN);
    while (target.hasRemaining()) {
      int inRow = (int) (offset % rowBytes);
      int count = Math.min(rowBytes - inRow, target.remaining());
      fill(row.clear(), order.stored(offset / rowBytes), numbers);
      target.put(row.slice(inRow, count));
      offset += count;
    }
  }

  private void fill(ByteBuffer row, long storedRow, float[] numbers) {
    long start = entry.start() + storedRow * storedRowBytes;
    if (blocks == null) {
      file.read(start, row);
      return;
    }
    var stored = file.bytes(start, storedRowBytes).order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < columns; i += blocks.elements()) {
      blocks.decode(stored, numbers, i);
    }
    row.asFloatBuffer().put(numbers);
  }
}
