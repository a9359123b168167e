package io.lorashear.spark.source;

import io.lorashear.spark.source.record.RawRecord;
import java.io.Serializable;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Parses the records of one format. */
interface Parser extends Serializable {
  /** Documents or drops; empty for bytes between two records. */
  List<Reading> readings(InputFile file, RawRecord record);

  /** A parser of a format whose records are documents. */
  interface OfDocuments extends Parser {
    /** One document or drop; null for bytes between two records. */
    @Nullable Reading parse(InputFile file, RawRecord record);

    @Override
    default List<Reading> readings(InputFile file, RawRecord record) {
      var reading = parse(file, record);
      return reading == null ? List.of() : List.of(reading);
    }
  }
}
