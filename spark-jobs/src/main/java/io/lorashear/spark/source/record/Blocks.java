package io.lorashear.spark.source.record;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;

/**
 * The bytes of a stream, for a loop that looks at each of them: they are taken out of a block, as a
 * call of the stream for each would take longer than all that is done with it.
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
   * @param left bytes of the stream that are looked at, at most
   */
  Blocks(InputStream content, long left) {
    this.content = content;
    this.left = left;
  }

  /** Whether there is a byte that was not looked at. */
  boolean more() throws IOException {
    if (at == end) {
      at = 0;
      kept = 0;
      end = left == 0 ? 0 : Math.max(0, content.read(block, 0, (int) Math.min(left, block.length)));
      left -= end;
    }
    return at < end;
  }

  /** Whether this block has one. */
  boolean inside() {
    return at < end;
  }

  /** The next byte. */
  byte next() {
    return block[at++];
  }

  /**
   * Copies what was looked at since the last time, of the present block.
   *
   * @param most bytes that are wanted of it
   * @return how many bytes it has
   */
  int keep(ByteArrayOutputStream to, long most) {
    var length = at - kept;
    to.write(block, kept, (int) Math.max(0, Math.min(most, length)));
    kept = at;
    return length;
  }
}
