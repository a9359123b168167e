package io.lorashear.spark.ingest;

/** What to do where a file cannot be read to its end. */
public enum BadFiles {
  /** Publish nothing and say what is wrong with every such file. */
  FAIL,
  /** Leave out all of the file, and count what it held as dropped. */
  SKIP
}
