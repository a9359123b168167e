package io.lorashear.spark.shard;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.Comparator;
import org.apache.parquet.format.ColumnMetaData;
import org.apache.parquet.format.FileMetaData;
import org.apache.parquet.format.PageEncodingStats;
import org.apache.parquet.format.Util;

/**
 * Makes a Parquet file deterministic. Its footer lists the encodings of each column; Parquet's
 * writer keeps them in a hash set of enum constants, whose order differs from one JVM to another.
 *
 * <pre>
 *   file = pages | footer | length of the footer (4 bytes, little-endian) | PAR1
 * </pre>
 */
final class ParquetFooter {
  private static final int TAIL = 8;

  private ParquetFooter() {}

  /** Writes {@code from} to {@code out}, pages untouched, encodings in order of their numbers. */
  static void copySorted(Path from, OutputStream out) throws IOException {
    try (var in = FileChannel.open(from)) {
      var tail = bytes(in, in.size() - TAIL, TAIL);
      var footer = new byte[tail.getInt(0)];
      long pages = in.size() - TAIL - footer.length;
      bytes(in, pages, footer.length).get(footer);
      var sorted = sorted(footer);
      copy(in, pages, out);
      out.write(sorted);
      tail.putInt(0, sorted.length);
      Channels.newChannel(out).write(tail);
    }
  }

  private static void copy(FileChannel in, long end, OutputStream out) throws IOException {
    var target = Channels.newChannel(out);
    for (long place = 0; place < end; ) {
      place += in.transferTo(place, end - place, target);
    }
  }

  private static ByteBuffer bytes(FileChannel in, long place, int count) throws IOException {
    var bytes = ByteBuffer.allocate(count).order(ByteOrder.LITTLE_ENDIAN);
    while (bytes.hasRemaining() && in.read(bytes, place + bytes.position()) >= 0) {
      // as much as there is
    }
    return bytes.flip();
  }

  /** The footer with every list of encodings sorted. */
  static byte[] sorted(byte[] footer) throws IOException {
    FileMetaData metadata = Util.readFileMetaData(new ByteArrayInputStream(footer));
    for (var group : metadata.getRow_groups()) {
      group.getColumns().forEach(column -> sort(column.getMeta_data()));
    }
    var bytes = new ByteArrayOutputStream(footer.length);
    Util.writeFileMetaData(metadata, bytes);
    return bytes.toByteArray();
  }

  private static void sort(ColumnMetaData column) {
    column.getEncodings().sort(Comparator.naturalOrder());
    if (column.isSetEncoding_stats()) {
      column
          .getEncoding_stats()
          .sort(
              Comparator.comparing((PageEncodingStats stats) -> stats.getPage_type())
                  .thenComparing(stats -> stats.getEncoding()));
    }
  }
}
