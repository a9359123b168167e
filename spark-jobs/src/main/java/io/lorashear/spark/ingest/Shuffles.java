package io.lorashear.spark.ingest;

import io.lorashear.spark.dedup.DuplicateSettings;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.storage.StorageLevel;

/**
 * Number of partitions of shuffles while documents are compared: many short documents have more
 * keys than long ones of the same size, and several partitions must fit into a small heap together.
 *
 * <pre>
 *   share  = max(documents · bands / 250,000, bytes / 16 MiB)
 *   pieces = 1, and rows that are read in one partition   share &lt; 1/16
 *            min(as set, 2 · cores)                        share ≤ 1
 *            max(as set, ⌈share⌉), at most 10,000          else
 * </pre>
 *
 * Small inputs are not shuffled at all, because an additional Spark stage costs more than their
 * rows.
 *
 * @param before the earlier number, which is restored on closing
 * @param pieces number of partitions meanwhile
 */
record Shuffles(SparkSession spark, String before, long pieces) implements AutoCloseable {
  private static final String SETTING = "spark.sql.shuffle.partitions";
  private static final double KEYS = 250_000;
  private static final double BYTES = 16 << 20;
  private static final double LITTLE = 1.0 / 16;
  private static final long MOST = 10_000;

  /**
   * Sets the number of partitions that the input needs.
   *
   * @param staged the input, including earlier publications that are compared
   */
  static Shuffles of(SparkSession spark, Staged staged, DuplicateSettings settings) {
    var before = spark.conf().get(SETTING);
    var keys = (double) staged.documents() * (settings.near() ? settings.bands() : 1);
    var share = Math.max(keys / KEYS, staged.bytes() / BYTES);
    var pieces = pieces(share, Long.parseLong(before), spark.sparkContext().defaultParallelism());
    spark.conf().set(SETTING, pieces);
    return new Shuffles(spark, before, pieces);
  }

  static long pieces(double share, long set, long cores) {
    if (share < LITTLE) {
      return 1;
    }
    return share <= 1
        ? Math.min(set, 2 * cores)
        : Math.max(set, Math.min((long) Math.ceil(share), MOST));
  }

  /** Whether a single partition suffices. */
  boolean few() {
    return pieces == 1;
  }

  /** The rows, in a single partition if that suffices. */
  Dataset<Row> laid(Dataset<Row> rows) {
    return few() ? rows.coalesce(1) : rows;
  }

  /** The rows, kept on disk until they are released, unless computing them again is cheaper. */
  Dataset<Row> kept(Dataset<Row> rows) {
    return few() ? rows : rows.persist(StorageLevel.DISK_ONLY());
  }

  @Override
  public void close() {
    spark.conf().set(SETTING, before);
  }
}
