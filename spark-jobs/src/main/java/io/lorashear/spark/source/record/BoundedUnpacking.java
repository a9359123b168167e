package io.lorashear.spark.source.record;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;

/**
 * Unpacked bytes that end in an error if there are absurdly many: a few bytes of a decompression
 * bomb would keep a task busy for days. Text is compressed to a tenth, at most to a hundredth of
 * its size.
 */
final class BoundedUnpacking extends FilterInputStream {
  /** Maximum ratio of unpacked and packed size. */
  static final long MOST_TIMES = 2000;

  /** Unpacked size up to which the ratio is not checked, because unpacking is fast. */
  static final long FREE = 256L << 20;

  private final long most;
  private long left;

  /**
   * @param packed bytes before unpacking
   */
  BoundedUnpacking(InputStream unpacked, long packed) {
    this(unpacked, packed, FREE);
  }

  BoundedUnpacking(InputStream unpacked, long packed, long free) {
    super(unpacked);
    most =
        Math.max(free, packed > Long.MAX_VALUE / MOST_TIMES ? Long.MAX_VALUE : packed * MOST_TIMES);
    left = most;
  }

  @Override
  public int read() throws IOException {
    var next = super.read();
    if (next >= 0) {
      count(1);
    }
    return next;
  }

  @Override
  public int read(byte[] bytes, int offset, int length) throws IOException {
    var count = super.read(bytes, offset, length);
    if (count > 0) {
      count(count);
    }
    return count;
  }

  @Override
  public long skip(long count) throws IOException {
    var skipped = super.skip(count);
    count(skipped);
    return skipped;
  }

  private void count(long bytes) throws IOException {
    left -= bytes;
    if (left < 0) {
      throw new BombException(
          "it unpacks to more than %d bytes, %d times its size".formatted(most, MOST_TIMES));
    }
  }
}
