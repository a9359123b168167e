package io.lorashear.spark.source.record;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;

/**
 * A stream that keeps the bytes read from it, so that they can be requested by position when a
 * buffered reader knows where a value begins and ends. Of a value longer than the limit it keeps
 * the beginning, and the latest piece for the values after it.
 */
final class KeptBytes extends FilterInputStream {
  private static final int PIECE = 1 << 16;

  private final int limit;
  private byte[] bytes = new byte[PIECE];
  private int length;
  private long first; // position of bytes[0]
  private long begin;
  private byte[] beginning = {};
  private boolean beyond;

  KeptBytes(InputStream content, int limit) {
    super(content);
    this.limit = limit;
  }

  @Override
  public int read() throws IOException {
    var one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
  }

  @Override
  public int read(byte[] to, int offset, int most) throws IOException {
    int read = super.read(to, offset, Math.min(most, PIECE));
    if (read > 0) {
      keep(to, offset, read);
    }
    return read;
  }

  private void keep(byte[] from, int offset, int count) {
    if (length > limit) {
      if (!beyond) {
        beginning = Arrays.copyOf(bytes, limit + 1);
        beyond = true;
      }
      first += length;
      length = 0;
    }
    if (length + count > bytes.length) {
      bytes = Arrays.copyOf(bytes, Math.max(2 * bytes.length, length + count));
    }
    System.arraycopy(from, offset, bytes, length, count);
    length += count;
  }

  /** Discards the bytes before {@code place}. */
  void forget(long place) {
    int gone = (int) (place - first);
    System.arraycopy(bytes, gone, bytes, 0, length - gone);
    length -= gone;
    first = place;
    begin = place;
    beyond = false;
  }

  /** The kept bytes up to {@code end}: all, or one byte more than the limit. */
  byte[] until(long end) {
    return beyond ? beginning : Arrays.copyOf(bytes, (int) Math.min(end - begin, limit + 1L));
  }
}
