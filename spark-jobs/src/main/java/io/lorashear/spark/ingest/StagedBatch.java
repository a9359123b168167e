package io.lorashear.spark.ingest;

import io.lorashear.spark.clean.Cleaning;
import io.lorashear.spark.progress.Tally;
import io.lorashear.spark.source.Batch;
import java.nio.charset.StandardCharsets;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.TreeSet;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.catalyst.CatalystTypeConverters;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.util.SerializableConfiguration;
import org.jspecify.annotations.Nullable;
import scala.Function1;

/** The verdicts on one batch as rows with their places, followed by a row with the note on them. */
final class StagedBatch implements Iterator<InternalRow> {
  private static final int SOURCE = Verdicts.SCHEMA.fieldIndex("source");
  private static final int FILE = Verdicts.SCHEMA.fieldIndex("file");
  private static final int TEXT = Verdicts.SCHEMA.fieldIndex("text");
  private static final int REASON = Verdicts.SCHEMA.fieldIndex("reason");
  private static final int EXCERPT = Verdicts.SCHEMA.fieldIndex("excerpt");

  private final Function1<Object, Object> internal =
      CatalystTypeConverters.createToCatalystConverter(Verdicts.PLACED);
  private final int number;
  private final Batch.Readings readings;
  private final Cleaning cleaning;
  private final Tally tally;
  private final TreeSet<Staged.Broken> broken = new TreeSet<>();
  private long documents;
  private long bytes;
  private long told;
  private boolean noted;

  StagedBatch(
      Batch batch, SerializableConfiguration configuration, Cleaning cleaning, Tally tally) {
    number = batch.number();
    readings = batch.readings(configuration);
    this.cleaning = cleaning;
    this.tally = tally;
  }

  @Override
  public boolean hasNext() {
    return !noted;
  }

  @Override
  public InternalRow next() {
    if (noted) {
      throw new NoSuchElementException();
    }
    var more = readings.hasNext();
    tally.size(readings.consumed() - told);
    told = readings.consumed();
    if (!more) {
      noted = true;
      return placed(null, new Staged(documents, bytes, broken).note());
    }
    var row = Verdicts.row(readings.next(), cleaning);
    tally.record(0);
    count(row);
    return placed(row, null);
  }

  private InternalRow placed(@Nullable Row row, @Nullable String note) {
    return (InternalRow) internal.apply(RowFactory.create(number, row, note));
  }

  private void count(Row row) {
    if (row.isNullAt(REASON)) {
      documents++;
      bytes += row.getString(TEXT).getBytes(StandardCharsets.UTF_8).length;
      return;
    }
    tally.dropped(row.getString(REASON), 1);
    if (row.getString(REASON).equals(Verdicts.UNREADABLE)) {
      broken.add(
          new Staged.Broken(row.getString(SOURCE), row.getString(FILE), row.getString(EXCERPT)));
    }
  }
}
