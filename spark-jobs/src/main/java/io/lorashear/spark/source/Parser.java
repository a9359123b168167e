package io.lorashear.spark.source;

import io.lorashear.spark.source.record.RawRecord;
import java.io.Serializable;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What the bytes of one record of a format say. */
interface Parser extends Serializable {
  /** Documents, and why there are none; nothing for bytes between two records. */
  List<Reading> readings(InputFile file, RawRecord record);

  /** A parser of a format whose records are documents. */
  interface OfDocuments extends Parser {
    /** A document, or why there is none; null for bytes between two records. */
    @Nullable Reading parse(InputFile file, RawRecord record);

    @Override
    default List<Reading> readings(InputFile file, RawRecord record) {
      var reading = parse(file, record);
      return reading == null ? List.of() : List.of(reading);
    }
  }
}
