package io.lorashear.spark.source.record;

import java.io.Serializable;

/** How the records of a file are arranged. */
public sealed interface Layout extends Serializable {
  /** The usual layout of the format: JSON in lines, the pages of a dump, a text. */
  Layout USUAL = new Usual();

  /** The usual layout of the format. */
  record Usual() implements Layout {}

  /**
   * JSON values over any number of lines: the elements of arrays, or objects one after another.
   *
   * @param list field of the outermost objects whose elements are the records; empty: there is none
   */
  record JsonValues(String list) implements Layout {}

  /**
   * Rows of a Parquet file.
   *
   * @param text whether the column that is read is text; otherwise rows become JSON objects
   */
  record Rows(boolean text) implements Layout {}
}
