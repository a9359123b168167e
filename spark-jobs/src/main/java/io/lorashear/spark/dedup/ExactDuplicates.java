package io.lorashear.spark.dedup;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.concat;
import static org.apache.spark.sql.functions.first;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.row_number;
import static org.apache.spark.sql.functions.when;

import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.expressions.Window;

/**
 * Marks exact duplicates across all sources. The document with the smallest id among equal hashes
 * stays.
 */
public final class ExactDuplicates {
  /** Code under which duplicates are counted. */
  public static final String REASON = "exact-duplicate";

  /** Prefix of a duplicate's detail; the id of the remaining document follows. */
  public static final String SAME_AS = "the same as ";

  private ExactDuplicates() {}

  /**
   * The rows with {@code reason} and {@code detail} set if another row has the same {@code hash}.
   * Rows that already have a reason are unchanged and are not compared.
   *
   * @param rows with columns id, hash, reason (null: kept) and detail
   */
  public static Dataset<Row> mark(Dataset<Row> rows) {
    var kept = rows.filter(col("reason").isNull());
    var dropped = rows.filter(col("reason").isNotNull());
    var same = Window.partitionBy("hash").orderBy("id");
    var repeats = col("__place").gt(1);
    return kept.withColumn("__place", row_number().over(same))
        .withColumn("__survivor", first(col("id")).over(same))
        .withColumn("reason", when(repeats, lit(REASON)))
        .withColumn("detail", when(repeats, concat(lit(SAME_AS), col("__survivor"))))
        .drop("__place", "__survivor")
        .unionByName(dropped);
  }
}
