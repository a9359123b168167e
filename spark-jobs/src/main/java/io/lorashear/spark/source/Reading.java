package io.lorashear.spark.source;

import java.io.Serializable;

/** What one record of an input became. */
public sealed interface Reading extends Serializable permits Document, Dropped, Unreadable {
  /** Name of the source the record belongs to. */
  String source();

  /** The file, relative to the folder all files of the source share. */
  String file();
}
