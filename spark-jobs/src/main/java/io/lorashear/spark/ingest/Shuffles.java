package io.lorashear.spark.ingest;

import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.octet_length;
import static org.apache.spark.sql.functions.sum;

import io.lorashear.spark.dedup.DuplicateSettings;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/**
 * Pieces that shuffles are cut into while documents are compared: many short documents have more
 * keys than long ones of as many bytes, and a piece must fit beside others into a small heap.
 *
 * <pre>
 *   pieces = max(as set, ⌈documents · bands / 250,000⌉, ⌈bytes / 16 MiB⌉)        at most 10,000
 * </pre>
 *
 * @param before what was set, and is again when this is closed
 */
record Shuffles(SparkSession spark, String before) implements AutoCloseable {
  private static final String SETTING = "spark.sql.shuffle.partitions";
  private static final long KEYS = 250_000;
  private static final long BYTES = 16 << 20;
  private static final long MOST = 10_000;

  /**
   * Cuts finer from now on, where that is needed.
   *
   * @param verdicts with columns reason (null: the document is compared) and text
   */
  static Shuffles over(Dataset<Row> verdicts, DuplicateSettings settings) {
    var spark = verdicts.sparkSession();
    var before = spark.conf().get(SETTING);
    var sizes = coalesce(sum(octet_length(col("text"))), lit(0L)).cast("long");
    var all = verdicts.filter(col("reason").isNull()).agg(count(lit(1)), sizes).first();
    double keys = (double) all.getLong(0) * (settings.near() ? settings.bands() : 1);
    double pieces = Math.ceil(Math.max(keys / KEYS, (double) all.getLong(1) / BYTES));
    if (pieces > Long.parseLong(before)) {
      spark.conf().set(SETTING, Math.min((long) pieces, MOST));
    }
    return new Shuffles(spark, before);
  }

  @Override
  public void close() {
    spark.conf().set(SETTING, before);
  }
}
