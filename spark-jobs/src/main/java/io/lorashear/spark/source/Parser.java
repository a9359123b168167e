package io.lorashear.spark.source;

import io.lorashear.spark.source.record.RawRecord;
import java.io.Serializable;
import org.jspecify.annotations.Nullable;

/** What the bytes of one record of a format say. */
interface Parser extends Serializable {
  /**
   * A document, or why there is none; null where the bytes hold no record, such as a blank line.
   */
  @Nullable Reading parse(InputFile file, RawRecord record);
}
