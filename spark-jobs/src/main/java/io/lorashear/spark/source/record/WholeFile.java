package io.lorashear.spark.source.record;

import io.lorashear.spark.source.record.RawRecord.State;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;

/** A file that is one record. */
public final class WholeFile implements Cutter {
  private static final long serialVersionUID = 1;

  @Override
  public Iterator<RawRecord> cut(InputStream content, int limit) throws IOException {
    return List.of(read("", content, limit)).iterator();
  }

  /** All of {@code content}; at most {@code limit} + 1 bytes are kept in memory. */
  static RawRecord read(String position, InputStream content, int limit) throws IOException {
    var bytes = content.readNBytes(limit);
    if (content.read() >= 0) {
      content.transferTo(java.io.OutputStream.nullOutputStream());
      var beginning = Arrays.copyOf(bytes, Math.min(bytes.length, RawRecord.BEGINNING));
      return new RawRecord(position, beginning, State.TOO_LONG);
    }
    return new RawRecord(position, bytes, State.WHOLE);
  }
}
