package io.lorashear.spark.ingest;

/** What happens to files that cannot be read to their end. */
public enum BadFiles {
  /** Nothing is published, and every such file is reported. */
  FAIL,
  /** The whole file is left out, and its records are counted as dropped. */
  SKIP
}
