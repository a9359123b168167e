package io.lorashear.spark.source;

import io.lorashear.spark.source.record.Compression;
import io.lorashear.spark.source.record.Delimited;
import io.lorashear.spark.source.record.Layout;
import io.lorashear.spark.source.record.LineChunks;
import io.lorashear.spark.source.record.ParquetRows;
import io.lorashear.spark.source.record.RawRecord;
import io.lorashear.spark.source.record.SplitRecords;
import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Iterator;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.Seekable;
import org.jspecify.annotations.Nullable;

/** The raw records of one slice, read lazily. */
final class SliceRecords implements Closeable {
  private final Slice slice;
  private final Configuration configuration;
  private @Nullable Iterator<RawRecord> records;
  private Closeable stream = () -> {};
  private @Nullable Seekable position;

  SliceRecords(Slice slice, Configuration configuration) {
    this.slice = slice;
    this.configuration = configuration;
  }

  /**
   * The next record, or null after the last; decompressors may throw any exception on damaged
   * bytes.
   */
  @Nullable RawRecord read() throws IOException {
    try {
      if (records == null) {
        records = open();
      }
      return records.hasNext() ? records.next() : null;
    } catch (UncheckedIOException e) {
      throw e.getCause();
    } catch (RuntimeException e) {
      throw new IOException(e.toString(), e);
    }
  }

  private Iterator<RawRecord> open() throws IOException {
    var file = slice.file();
    var path = new Path(file.path());
    var limit = file.options().recordBytes();
    if (file.layout() instanceof Layout.Rows layout) {
      var selection = file.format().selection(file.options(), layout.text());
      var rows = new ParquetRows(path, configuration, slice.start(), slice.end(), selection, limit);
      stream = rows;
      return rows;
    }
    var bytes = path.getFileSystem(configuration).open(path);
    stream = bytes;
    position = bytes;
    var cutter = file.format().cutter(file);
    if (!slice.whole() && cutter instanceof Delimited delimited) {
      var packed = file.compression() != Compression.NONE;
      var delimiter = delimited.delimiter();
      return new SplitRecords(bytes, packed, slice.start(), slice.end(), delimiter, limit);
    }
    if (!slice.whole() && cutter instanceof LineChunks lines) {
      bytes.seek(slice.start());
      return lines.from(slice.line(), bytes, slice.end() - slice.start(), limit);
    }
    var unpacked = file.compression().open(bytes, file.size(), file.options().windowBytes());
    stream = unpacked;
    return cutter.cut(file.plain(unpacked), limit);
  }

  /** Bytes of the slice that were read. */
  long consumed() {
    try {
      var at = position == null ? slice.start() : position.getPos();
      return Math.max(0, Math.min(slice.end(), at) - slice.start());
    } catch (IOException e) {
      return 0; // further reading will report the problem
    }
  }

  @Override
  public void close() throws IOException {
    stream.close();
  }
}
