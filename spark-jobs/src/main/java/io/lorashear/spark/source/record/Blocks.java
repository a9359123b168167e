package io.lorashear.spark.source.record;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;

/**
 * The bytes of a stream, for a loop over single bytes: they are read in blocks, because a call of
 * the stream for each byte would take longer than processing it.
 */
final class Blocks {
  private final InputStream content;
  private final byte[] block = new byte[1 << 16];
  private long left;
  private int at;
  private int kept;
  private int end;

  Blocks(InputStream content) {
    this(content, Long.MAX_VALUE);
  }

  /**
   * @param left maximum number of bytes of the stream that are read
   */
  Blocks(InputStream content, long left) {
    this.content = content;
    this.left = left;
  }

  /** Whether there is a next byte. */
  boolean more() throws IOException {
    if (at == end) {
      at = 0;
      kept = 0;
      end = left == 0 ? 0 : Math.max(0, content.read(block, 0, (int) Math.min(left, block.length)));
      left -= end;
    }
    return at < end;
  }

  /** Whether this block has a next byte. */
  boolean inside() {
    return at < end;
  }

  /** The next byte. */
  byte next() {
    return block[at++];
  }

  /**
   * Copies the bytes of the current block that were read since the last call.
   *
   * @param most maximum number of bytes to copy
   * @return number of bytes read since the last call
   */
  int keep(ByteArrayOutputStream to, long most) {
    var length = at - kept;
    to.write(block, kept, (int) Math.max(0, Math.min(most, length)));
    kept = at;
    return length;
  }
}
