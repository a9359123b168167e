package io.lorashear.spark.source;

import java.io.Serializable;

/** Result of reading one record of an input. */
public sealed interface Reading extends Serializable permits Document, Dropped, Unreadable {
  /** Name of the record's source. */
  String source();

  /** The file, relative to the folder all files of the source share. */
  String file();
}
