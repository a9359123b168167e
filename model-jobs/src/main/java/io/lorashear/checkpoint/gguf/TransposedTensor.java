package io.lorashear.checkpoint.gguf;

import io.lorashear.checkpoint.DataType;
import io.lorashear.checkpoint.MappedFile;
import io.lorashear.checkpoint.gguf.architecture.Part;
import java.nio.ByteBuffer;

/**
 * A matrix whose rows are stored columns. It is read in bands of rows: only the blocks of every
 * stored row that overlap the band.
 */
final class TransposedTensor implements TensorBytes {
  private static final int BAND = 1 << 18;

  private final StoredRows rows;
  private final DataType type;
  private final long columns;

  TransposedTensor(MappedFile file, Part part) {
    this.rows = new StoredRows(file, part.entry(), part.entry().columns());
    this.type = part.type();
    this.columns = part.extents()[1];
  }

  @Override
  public void read(long offset, ByteBuffer target) {
    int size = type.bytes();
    while (target.hasRemaining()) {
      long first = offset / size;
      long end = (offset + target.remaining() + size - 1) / size;
      int count = (int) Math.min(BAND, end - first);
      var band = ByteBuffer.allocate(count * size);
      type.encode(band(first, count), 0, count, band);
      int start = (int) (offset % size);
      int length = Math.min(band.capacity() - start, target.remaining());
      target.put(band.slice(start, length));
      offset += length;
    }
  }

  /** The {@code count} numbers from {@code first} on. */
  private float[] band(long first, int count) {
    long top = first / columns;
    long bottom = (first + count - 1) / columns;
    int block = rows.blockElements();
    long from = top / block * block;
    int width = (int) ((bottom / block + 1) * block - from);
    boolean oneRow = top == bottom;
    long left = oneRow ? first % columns : 0;
    long right = oneRow ? left + count : columns;
    var strip = new float[width];
    var numbers = new float[count];
    for (long column = left; column < right; column++) {
      rows.numbers(column, from, width, strip);
      for (long row = top; row <= bottom; row++) {
        long at = row * columns + column - first;
        if (at >= 0 && at < count) {
          numbers[(int) at] = strip[(int) (row - from)];
        }
      }
    }
    return numbers;
  }
}
