package io.lorashear.checkpoint.gguf;

import io.lorashear.checkpoint.DataType;
import io.lorashear.checkpoint.MappedFile;
import io.lorashear.checkpoint.gguf.architecture.Part;
import io.lorashear.checkpoint.gguf.architecture.RowOrder;
import java.nio.ByteBuffer;

/** A tensor whose rows are stored rows, read in segments so that a row may be of any length. */
final class TensorRows implements TensorBytes {
  private static final int SEGMENT = 1 << 16;

  private final StoredRows rows;
  private final Part part;
  private final DataType type;
  private final boolean copied;

  TensorRows(MappedFile file, Part part) {
    var extents = part.extents();
    boolean vector = extents.length < 2 && part.order() != RowOrder.AS_STORED;
    this.rows = new StoredRows(file, part.entry(), vector ? 1 : part.entry().columns());
    this.part = part;
    this.type = part.type();
    this.copied = part.entry().type().blocks() == null && part.added() == 0;
  }

  @Override
  public void read(long offset, ByteBuffer target) {
    int size = type.bytes();
    if (copied && part.order() == RowOrder.AS_STORED) {
      rows.bytes(part.first() * rows.columns() * size + offset, target);
      return;
    }
    int longest = (int) Math.min(SEGMENT, rows.columns());
    var numbers = new float[copied ? 0 : longest];
    var segment = ByteBuffer.allocate(longest * size);
    while (target.hasRemaining()) {
      long element = offset / size;
      long column = element % rows.columns();
      long from = column - column % SEGMENT;
      int count = (int) Math.min(SEGMENT, rows.columns() - from);
      fill(segment.clear().limit(count * size), element / rows.columns(), from, numbers);
      int start = (int) ((column - from) * size + offset % size);
      int length = Math.min(segment.limit() - start, target.remaining());
      target.put(segment.slice(start, length));
      offset += length;
    }
  }

  private void fill(ByteBuffer segment, long row, long from, float[] numbers) {
    long stored = part.first() + part.order().stored(row);
    if (copied) {
      rows.bytes(stored, from, segment);
      return;
    }
    int count = segment.remaining() / type.bytes();
    rows.numbers(stored, from, count, numbers);
    for (int i = 0; part.added() != 0 && i < count; i++) {
      numbers[i] += part.added();
    }
    type.encode(numbers, 0, count, segment);
  }
}
