package io.lorashear.spark.source.record;

import java.io.IOException;
import java.io.InputStream;
import java.io.Serializable;
import java.util.Iterator;

/** How the bytes of one format are divided into records. */
public interface Cutter extends Serializable {
  /**
   * The records of {@code content}, which is read as the iterator advances.
   *
   * @param limit maximum bytes of a record
   * @return an iterator that throws {@link java.io.UncheckedIOException} if the bytes end too early
   *     or are damaged
   */
  Iterator<RawRecord> cut(InputStream content, int limit) throws IOException;
}
