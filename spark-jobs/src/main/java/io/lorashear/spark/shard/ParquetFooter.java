package io.lorashear.spark.shard;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Comparator;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.io.IOUtils;
import org.apache.parquet.format.ColumnMetaData;
import org.apache.parquet.format.FileMetaData;
import org.apache.parquet.format.PageEncodingStats;
import org.apache.parquet.format.Util;

/**
 * Takes chance out of a Parquet file. Its footer lists the encodings of each column; Parquet's
 * writer keeps them in a hash set of enum constants, whose order is another one in another JVM.
 *
 * <pre>
 *   file = pages | footer | length of the footer (4 bytes, little-endian) | PAR1
 * </pre>
 */
final class ParquetFooter {
  private static final int TAIL = 8;

  private ParquetFooter() {}

  /** Writes {@code from} to {@code to}, pages untouched, encodings in order of their numbers. */
  static void copySorted(FileSystem fileSystem, Path from, Path to) throws IOException {
    try (var in = fileSystem.open(from);
        var out = fileSystem.create(to, true)) {
      long end = fileSystem.getFileStatus(from).getLen();
      var tail = new byte[TAIL];
      in.readFully(end - TAIL, tail);
      var footer = new byte[ByteBuffer.wrap(tail).order(ByteOrder.LITTLE_ENDIAN).getInt()];
      long pages = end - TAIL - footer.length;
      in.readFully(pages, footer);
      var sorted = sorted(footer);
      in.seek(0);
      IOUtils.copyBytes(in, out, pages, false);
      out.write(sorted);
      var length = ByteBuffer.allocate(Integer.BYTES).order(ByteOrder.LITTLE_ENDIAN);
      out.write(length.putInt(sorted.length).array());
      out.write(tail, Integer.BYTES, TAIL - Integer.BYTES);
    }
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
