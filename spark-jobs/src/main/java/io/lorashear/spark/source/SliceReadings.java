package io.lorashear.spark.source;

import io.lorashear.spark.source.record.Compression;
import io.lorashear.spark.source.record.Delimited;
import io.lorashear.spark.source.record.ParquetRows;
import io.lorashear.spark.source.record.Pull;
import io.lorashear.spark.source.record.RawRecord;
import io.lorashear.spark.source.record.SplitRecords;
import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayDeque;
import java.util.Iterator;
import java.util.List;
import java.util.Queue;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.Seekable;
import org.jspecify.annotations.Nullable;

/** The readings of one slice, as they are asked for. Bytes that break off become a reading too. */
final class SliceReadings extends Pull<Reading> {
  private final Slice slice;
  private final Configuration configuration;
  private final Parser parser;
  private final long wanted;
  private @Nullable Iterator<RawRecord> records;
  private final Queue<Reading> waiting = new ArrayDeque<>();
  private Closeable stream = () -> {};
  private @Nullable Seekable position;
  private long given;
  private boolean ended;

  SliceReadings(Slice slice, Configuration configuration) {
    this.slice = slice;
    this.configuration = configuration;
    parser = slice.file().parser();
    wanted = slice.file().options().firstRecords();
  }

  @Override
  protected @Nullable Reading advance() {
    var reading = ended || given == wanted ? null : nextReading();
    given++;
    if (reading == null || reading instanceof Unreadable) {
      ended = true;
      close();
    }
    return reading;
  }

  private @Nullable Reading nextReading() {
    try {
      while (waiting.isEmpty()) {
        var record = nextRecord();
        if (record == null) {
          return null;
        }
        waiting.addAll(readings(record));
      }
      return waiting.remove();
    } catch (IOException e) {
      return InputProblems.broken(slice.file(), e);
    }
  }

  /** The next record as it lies; damaged bytes make some decompressors throw more than they say. */
  private @Nullable RawRecord nextRecord() throws IOException {
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

  private List<Reading> readings(RawRecord record) {
    var place = slice.file().place(record.position());
    return switch (record.state()) {
      case TOO_LONG -> List.of(Dropped.at(place, DropReason.TOO_LONG, record.bytes()));
      case NOT_A_FILE -> List.of(Dropped.at(place, DropReason.NOT_A_FILE, ""));
      case WHOLE, LAST -> parser.readings(slice.file(), record);
    };
  }

  private Iterator<RawRecord> open() throws IOException {
    var file = slice.file();
    var path = new Path(file.path());
    var limit = file.options().recordBytes();
    if (file.parquet()) {
      var selection = file.format().selection(file.options());
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
    var unpacked = file.compression().open(bytes, file.size());
    stream = unpacked;
    return cutter.cut(unpacked, limit);
  }

  /** Bytes of the slice that were read; all once it has ended. */
  long consumed() {
    var length = slice.end() - slice.start();
    try {
      var at = ended ? slice.end() : position == null ? slice.start() : position.getPos();
      return Math.max(0, Math.min(length, at - slice.start()));
    } catch (IOException e) {
      return 0; // reading on will tell what is wrong
    }
  }

  private void close() {
    try {
      stream.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
