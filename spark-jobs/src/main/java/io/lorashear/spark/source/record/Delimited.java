package io.lorashear.spark.source.record;

import io.lorashear.spark.source.record.RawRecord.State;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.Charset;
import java.util.Arrays;
import java.util.Iterator;
import org.jspecify.annotations.Nullable;

/** Records that end with a delimiter; their position is the offset of their first byte. */
public final class Delimited implements Cutter {
  private static final long serialVersionUID = 1;
  private final byte[] delimiter;

  public Delimited(String delimiter, Charset charset) {
    this.delimiter = delimiter.getBytes(charset);
  }

  /** The bytes that end a record. */
  public byte[] delimiter() {
    return delimiter.clone();
  }

  @Override
  public Iterator<RawRecord> cut(InputStream content, int limit) {
    return new Records(content, limit);
  }

  private final class Records extends Pull<RawRecord> {
    private final Blocks content;
    private final int limit;
    private final int[] fallback = fallback(delimiter);
    private long offset;

    Records(InputStream content, int limit) {
      this.content = new Blocks(content);
      this.limit = limit;
    }

    @Override
    protected @Nullable RawRecord advance() throws IOException {
      var bytes = new ByteArrayOutputStream(512);
      var start = offset;
      var matched = 0;
      while (matched < delimiter.length && content.more()) {
        while (matched < delimiter.length && content.inside()) {
          matched = matched(matched, content.next());
        }
        offset += content.keep(bytes, start + limit + delimiter.length - offset);
      }
      if (matched == delimiter.length) {
        return record(start, offset - start - delimiter.length, bytes, State.WHOLE);
      }
      return offset == start ? null : record(start, offset - start, bytes, State.LAST);
    }

    /**
     * The length of the delimiter's prefix that the bytes up to {@code next} end with, by the
     * algorithm of Knuth, Morris and Pratt.
     */
    private int matched(int before, byte next) {
      var length = before;
      while (length > 0 && delimiter[length] != next) {
        length = fallback[length - 1];
      }
      return delimiter[length] == next ? length + 1 : 0;
    }

    private RawRecord record(long start, long length, ByteArrayOutputStream bytes, State state) {
      if (length > limit) {
        var beginning = Arrays.copyOf(bytes.toByteArray(), Math.min(limit, RawRecord.BEGINNING));
        return RawRecord.numbered(start, beginning, State.TOO_LONG);
      }
      return RawRecord.numbered(start, Arrays.copyOf(bytes.toByteArray(), (int) length), state);
    }
  }

  private static int[] fallback(byte[] pattern) {
    var lengths = new int[pattern.length];
    for (var i = 1; i < pattern.length; i++) {
      var length = lengths[i - 1];
      while (length > 0 && pattern[i] != pattern[length]) {
        length = lengths[length - 1];
      }
      lengths[i] = pattern[i] == pattern[length] ? length + 1 : 0;
    }
    return lengths;
  }
}
