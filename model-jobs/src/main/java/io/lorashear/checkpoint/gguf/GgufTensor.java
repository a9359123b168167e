package io.lorashear.checkpoint.gguf;

import io.lorashear.checkpoint.TensorSource;
import io.lorashear.checkpoint.gguf.block.GgmlType;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * A tensor to be written.
 *
 * @param name GGUF name, 1 to 63 bytes, the maximum in ggml
 * @param type a type that can be written, and whose block size divides the row length
 * @param extents 1 to 4 extents, slowest dimension first as in Hugging Face; the last is the row
 *     length
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
public record GgufTensor(String name, GgmlType type, long[] extents, Rows rows) {
  private static final int LONGEST_NAME = 63;
  private static final int MOST_DIMENSIONS = 4;

  /** The source of rows. Reading is thread-safe. */
  public interface Rows {

    /** Fills {@code target} with {@code count} rows, from row {@code first} on. */
    void read(long first, int count, float[] target);

    /** The unchanged rows of a floating tensor. */
    static Rows of(TensorSource source, String name) {
      var info = source.tensor(name);
      return (first, count, target) -> {
        long columns = info.elements() == 0 ? 0 : columns(info.shape());
        int numbers = Math.toIntExact(count * columns);
        var bytes = ByteBuffer.allocate(Math.multiplyExact(numbers, info.type().bytes()));
        source.read(name, first * columns * info.type().bytes(), bytes);
        info.type().decode(bytes.flip(), target, 0, numbers);
      };
    }
  }

  public GgufTensor {
    int length = name.getBytes(StandardCharsets.UTF_8).length;
    if (length < 1 || length > LONGEST_NAME) {
      throw new IllegalArgumentException("'" + name + "' has " + length + " bytes");
    }
    if (extents.length < 1 || extents.length > MOST_DIMENSIONS) {
      throw new IllegalArgumentException(name + " has " + extents.length + " dimensions");
    }
    extents = extents.clone();
    for (long extent : extents) {
      if (extent < 1) {
        throw new IllegalArgumentException(name + " has the extent " + extent);
      }
    }
    if (!type.isWritten() || columns(extents) % type.blockElements() != 0) {
      throw new IllegalArgumentException(
          name + " has rows of " + columns(extents) + ", which are not written as " + type);
    }
  }

  /** A tensor of {@code source} under another name and in another type. */
  public static GgufTensor of(String name, GgmlType type, TensorSource source, String from) {
    return new GgufTensor(name, type, source.tensor(from).shape(), Rows.of(source, from));
  }

  private static long columns(long[] extents) {
    return extents.length == 0 ? 1 : extents[extents.length - 1];
  }

  /** Numbers in a row. */
  int columns() {
    return Math.toIntExact(columns(extents));
  }

  /** Number of rows. */
  long count() {
    long count = 1;
    for (int i = 0; i < extents.length - 1; i++) {
      count = Math.multiplyExact(count, extents[i]);
    }
    return count;
  }

  /** Bytes of {@code rows} rows. */
  long bytes(long rows) {
    return Math.multiplyExact(rows, (long) columns() / type.blockElements() * type.blockBytes());
  }
}
