package io.lorashear.spark.source.record;

import io.lorashear.spark.source.record.RawRecord.State;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.Iterator;
import org.jspecify.annotations.Nullable;

/**
 * Runs of {@code lines} lines of a file without any other structure; their position is the number
 * of their first line, from 1. A run is cut short where it would be longer than allowed.
 */
public record LineChunks(int lines) implements Cutter {
  private static final long serialVersionUID = 1;

  @Override
  public Iterator<RawRecord> cut(InputStream content, int limit) {
    return new Chunks(new BufferedInputStream(content, 1 << 16), limit);
  }

  private final class Chunks extends Pull<RawRecord> {
    private final InputStream content;
    private final int limit;
    private long line = 1;

    Chunks(InputStream content, int limit) {
      this.content = content;
      this.limit = limit;
    }

    @Override
    protected @Nullable RawRecord advance() throws IOException {
      var bytes = new ByteArrayOutputStream(1 << 14);
      var first = line;
      var length = 0L;
      for (var b = content.read(); b >= 0; b = content.read()) {
        if (length++ < limit) {
          bytes.write(b);
        }
        if (b == '\n' && (++line - first == lines || length > limit)) {
          break;
        }
      }
      if (length == 0) {
        return null;
      }
      return length <= limit
          ? RawRecord.numbered(first, bytes.toByteArray(), State.WHOLE)
          : RawRecord.numbered(first, beginning(bytes), State.TOO_LONG);
    }

    private byte[] beginning(ByteArrayOutputStream bytes) {
      return Arrays.copyOf(bytes.toByteArray(), Math.min(bytes.size(), RawRecord.BEGINNING));
    }
  }
}
