package io.lorashear.spark.dedup;

import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.first;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.max;
import static org.apache.spark.sql.functions.min;
import static org.apache.spark.sql.functions.row_number;
import static org.apache.spark.sql.functions.xxhash64;

import io.lorashear.spark.overlap.Shingles;
import java.util.Arrays;
import java.util.Iterator;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.expressions.Window;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.storage.StorageLevel;

/**
 * Texts that share a band of their signatures, in buckets.
 *
 * @param members columns key, id, rank (from 1, by id) and first (the smallest id of the bucket),
 *     of all buckets with at least two texts
 */
record Candidates(Dataset<Row> members, int bucket) implements AutoCloseable {
  private static final StructType KEYS =
      new StructType().add("key", DataTypes.LongType, false).add("id", DataTypes.StringType, false);

  /**
   * The buckets of some texts.
   *
   * @param texts columns id and text
   */
  static Candidates of(Dataset<Row> texts, DuplicateSettings settings) {
    var bands = settings.bands();
    var rowsOfBand = settings.rows();
    var words = settings.words();
    MapPartitionsFunction<Row, Row> keys =
        rows -> {
          var minHash = new MinHash(bands, rowsOfBand);
          return new Flattened<>(rows, row -> keys(row, minHash, words));
        };
    var bucket = Window.partitionBy("key");
    var members =
        texts
            .select("id", "text")
            .mapPartitions(keys, Encoders.row(KEYS))
            .withColumn("size", count(lit(1)).over(bucket))
            .filter(col("size").gt(1))
            .withColumn("rank", row_number().over(bucket.orderBy("id")))
            .withColumn("first", first("id").over(bucket.orderBy("id")))
            .drop("size")
            .persist(StorageLevel.MEMORY_AND_DISK());
    return new Candidates(members, settings.bucket());
  }

  private static Iterator<Row> keys(Row row, MinHash minHash, int words) {
    var id = row.getString(0);
    return Arrays.stream(minHash.keys(Shingles.of(row.getString(1), words)))
        .mapToObj(key -> RowFactory.create(key, id))
        .iterator();
  }

  /** Column id: every text that shares a bucket. */
  Dataset<Row> ids() {
    return members.select("id").distinct();
  }

  /** Columns a and b: every text with the smallest text that it shares a bucket with. */
  Dataset<Row> nearest() {
    return members
        .filter(col("rank").gt(1))
        .select(col("first"), col("id").as("b"))
        .distinct()
        .groupBy("b")
        .agg(min("first").as("a"))
        .select("a", "b");
  }

  /**
   * Columns key, rank, id and stands (the survivor that represents the text, or the text itself),
   * of the buckets whose texts are not all connected yet.
   *
   * @param survivors columns id and survivor
   */
  Dataset<Row> open(Dataset<Row> survivors) {
    var known = survivors.withColumnRenamed("id", "known");
    var standing =
        members
            .join(known, col("id").equalTo(col("known")), "left")
            .select(
                col("key"),
                col("rank"),
                col("id"),
                coalesce(col("survivor"), col("id")).as("stands"));
    var hash = xxhash64(col("stands"));
    var open =
        standing
            .groupBy("key")
            .agg(min(hash).as("least"), max(hash).as("most"))
            .filter(col("least").notEqual(col("most")))
            .select("key");
    return standing.join(open, "key");
  }

  /** Number of buckets in which not all pairs of texts are compared. */
  long crowded() {
    return members.filter(col("rank").equalTo(bucket + 1)).count();
  }

  @Override
  public void close() {
    members.unpersist();
  }
}
