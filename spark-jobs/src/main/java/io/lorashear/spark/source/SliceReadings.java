package io.lorashear.spark.source;

import io.lorashear.spark.source.record.Pull;
import io.lorashear.spark.source.record.RawRecord;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import org.apache.hadoop.conf.Configuration;
import org.jspecify.annotations.Nullable;

/** The readings of one slice, computed lazily. Truncated bytes become a reading too. */
final class SliceReadings extends Pull<Reading> {
  private final Slice slice;
  private final Parser parser;
  private final long wanted;
  private final SliceRecords records;
  private final Queue<Reading> waiting = new ArrayDeque<>();
  private long given;
  private boolean ended;

  SliceReadings(Slice slice, Configuration configuration) {
    this.slice = slice;
    records = new SliceRecords(slice, configuration);
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
        var record = records.read();
        if (record == null) {
          return null;
        }
        waiting.addAll(of(parser, slice.file(), record));
      }
      return waiting.remove();
    } catch (IOException e) {
      return InputProblems.broken(slice.file(), e);
    }
  }

  /** The readings of a complete record. */
  static List<Reading> of(Parser parser, InputFile file, RawRecord record) {
    var place = file.place(record.position());
    return switch (record.state()) {
      case TOO_LONG -> List.of(Dropped.at(place, DropReason.TOO_LONG, record.bytes()));
      case NOT_A_FILE -> List.of(Dropped.at(place, DropReason.NOT_A_FILE, ""));
      case WHOLE, LAST -> parser.readings(file, record);
    };
  }

  /** Bytes of the slice that were read; all of them at its end. */
  long consumed() {
    return ended ? slice.end() - slice.start() : records.consumed();
  }

  private void close() {
    try {
      records.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
