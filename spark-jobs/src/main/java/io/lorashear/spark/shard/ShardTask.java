package io.lorashear.spark.shard;

import io.lorashear.spark.shard.ShardWriter.Unfinished;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import org.apache.spark.sql.catalyst.InternalRow;
import org.jspecify.annotations.Nullable;

/** Writes the files of one partition one after the other, lazily. */
final class ShardTask implements Iterator<WrittenShard> {
  private final Iterator<InternalRow> rows;
  private final List<String> columns;
  private final ShardWriter writer;
  private @Nullable InternalRow ahead;

  /** The file of a row: its partition columns and its number. */
  private record Place(List<String> values, int number) {}

  ShardTask(Iterator<InternalRow> rows, List<String> columns, ShardWriter writer) {
    this.rows = rows;
    this.columns = columns;
    this.writer = writer;
    ahead = read();
  }

  private @Nullable InternalRow read() {
    return rows.hasNext() ? rows.next() : null;
  }

  @Override
  public boolean hasNext() {
    return ahead != null;
  }

  @Override
  public WrittenShard next() {
    var first = ahead;
    if (first == null) {
      throw new NoSuchElementException();
    }
    try {
      return shard(place(first));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private WrittenShard shard(Place place) throws IOException {
    var name = ShardFolder.name(columns, place.values(), place.number());
    var count = 0L;
    var note = "";
    Unfinished file = null;
    try {
      for (var row = ahead; row != null && place(row).equals(place); ahead = row = read()) {
        if (!row.isNullAt(columns.size() + 1)) {
          file = file == null ? writer.begin() : file;
          file.add(row.getStruct(columns.size() + 1, writer.schema().length()));
          count++;
        }
        note = row.isNullAt(columns.size() + 2) ? note : row.getString(columns.size() + 2);
      }
      writer.remember(name, note);
      if (file != null) {
        file.finish(name);
      }
      return new WrittenShard(name, count, note);
    } finally {
      if (file != null) {
        file.close();
      }
    }
  }

  private Place place(InternalRow row) {
    var values = new ArrayList<String>(columns.size());
    for (var i = 0; i < columns.size(); i++) {
      values.add(row.getString(i));
    }
    return new Place(values, row.getInt(columns.size()));
  }
}
