package io.lorashear.spark.source.record;

import io.lorashear.spark.source.record.RawRecord.State;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.Iterator;
import org.jspecify.annotations.Nullable;

/**
 * Runs of {@code lines} lines of a file without any other structure; their position is the number
 * of their first line, from 1. A run that would be longer than allowed is truncated.
 */
public record LineChunks(int lines) implements Cutter {
  private static final long serialVersionUID = 1;

  @Override
  public Iterator<RawRecord> cut(InputStream content, int limit) {
    return new Chunks(new Blocks(content), limit, 1);
  }

  /**
   * The runs of a part of a file that begins with a run.
   *
   * @param line number of its first line
   * @param bytes bytes of the part
   */
  public Iterator<RawRecord> from(long line, InputStream content, long bytes, int limit) {
    return new Chunks(new Blocks(content, bytes), limit, line);
  }

  private final class Chunks extends Pull<RawRecord> {
    private final Blocks content;
    private final int limit;
    private long line;

    Chunks(Blocks content, int limit, long line) {
      this.content = content;
      this.limit = limit;
      this.line = line;
    }

    @Override
    protected @Nullable RawRecord advance() throws IOException {
      var bytes = new ByteArrayOutputStream(1 << 14);
      var first = line;
      var length = 0L;
      for (var ended = false; !ended && content.more(); ) {
        ended = lineEnds();
        length += content.keep(bytes, limit - length);
        line += ended ? 1 : 0;
        ended &= line - first == lines || length > limit;
      }
      if (length == 0) {
        return null;
      }
      return length <= limit
          ? RawRecord.numbered(first, bytes.toByteArray(), State.WHOLE)
          : RawRecord.numbered(first, beginning(bytes), State.TOO_LONG);
    }

    /** Skips the rest of a line in a block; returns whether the line ends there. */
    private boolean lineEnds() {
      while (content.inside()) {
        if (content.next() == '\n') {
          return true;
        }
      }
      return false;
    }

    private byte[] beginning(ByteArrayOutputStream bytes) {
      return Arrays.copyOf(bytes.toByteArray(), Math.min(bytes.size(), RawRecord.BEGINNING));
    }
  }
}
