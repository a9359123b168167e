package io.lorashear.spark.source.record;

import com.github.luben.zstd.ZstdInputStream;
import java.io.BufferedInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;

/**
 * Zstd data (RFC 8878) within a memory limit. A decoder keeps as many unpacked bytes as the frame's
 * window says, up to 2 GiB for files of {@code zstd --long=31}; it reserves them at once and fills
 * them gradually, so that a small file needs little memory whatever its window.
 */
final class Zstd {
  private static final int MAGIC = 0xfd2fb528;
  private static final int SKIPPABLE = 0x184d2a50; // and the next fifteen numbers
  private static final int LONGEST =
      31; // binary logarithm of the longest window that a decoder accepts
  private static final int HEADER = 1 << 12;

  /** Bytes of the frame header's dictionary id, by two bits of its descriptor. */
  private static final int[] DICTIONARY = {0, 1, 2, 4};

  private static final int[] CONTENT = {0, 2, 4, 8};

  private Zstd() {}

  /** Whether a file begins with a frame or a skippable frame. */
  static boolean begins(byte[] first) {
    return first.length >= 4
        && (number(first, 0, 4) == (MAGIC & 0xffffffffL) || skippable(first, 0));
  }

  private static boolean skippable(byte[] bytes, int at) {
    return (number(bytes, at, 4) & 0xfffffff0L) == SKIPPABLE;
  }

  /**
   * The unpacked bytes.
   *
   * @param most maximum bytes of the window in memory; if the first frame's window is longer, more
   *     unpacked bytes than that end in a {@link LongWindowException}
   */
  static InputStream open(BufferedInputStream packed, long most) throws IOException {
    packed.mark(HEADER);
    var window = window(packed.readNBytes(HEADER));
    packed.reset();
    var unpacked = new ZstdInputStream(packed);
    if (window <= most) {
      unpacked.setLongMax(Math.min(LONGEST, 64 - Long.numberOfLeadingZeros(most - 1)));
      return unpacked;
    }
    unpacked.setLongMax(LONGEST);
    return new Window(unpacked, window, most);
  }

  /** Bytes of the first frame's window; 0 if its header is missing or does not give it. */
  static long window(byte[] first) {
    var at = 0;
    while (at + 8 <= first.length && skippable(first, at)) {
      at += 8 + (int) Math.min(HEADER, number(first, at + 4, 4));
    }
    if (at + 6 > first.length || number(first, at, 4) != (MAGIC & 0xffffffffL)) {
      return 0;
    }
    var descriptor = first[at + 4] & 0xff;
    var single = (descriptor & 0x20) != 0;
    var size = single && descriptor >> 6 == 0 ? 1 : CONTENT[descriptor >> 6];
    var content = at + 5 + (single ? 0 : 1) + DICTIONARY[descriptor & 3];
    var known =
        size == 0 || content + size > first.length ? Long.MAX_VALUE : number(first, content, size);
    if (single) {
      return size == 0 ? 0 : Math.max(0, known);
    }
    var exponent = 10 + ((first[at + 5] & 0xff) >> 3);
    var window = (1L << exponent) + (1L << exponent - 3) * (first[at + 5] & 7);
    return known < 0 ? window : Math.min(window, known);
  }

  private static long number(byte[] bytes, int at, int length) {
    var number = 0L;
    for (var i = length - 1; i >= 0; i--) {
      number = number << 8 | bytes[at + i] & 0xff;
    }
    return number;
  }

  /** Throws an error before more of the window is filled than allowed. */
  private static final class Window extends FilterInputStream {
    private final long window;
    private long left;

    Window(InputStream unpacked, long window, long most) {
      super(unpacked);
      this.window = window;
      left = most;
    }

    @Override
    public int read() throws IOException {
      var one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
      var count = super.read(bytes, offset, length);
      left -= Math.max(0, count);
      if (left < 0) {
        throw new LongWindowException(window);
      }
      return count;
    }
  }
}
