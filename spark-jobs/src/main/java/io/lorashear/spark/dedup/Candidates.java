package io.lorashear.spark.dedup;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.row_number;

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
 * Pairs of texts that share a band of their signatures. In a bucket of many, every text is paired
 * with the first {@code bucket} ones, in order of their ids: a crowd costs no square of its size,
 * and what is alike still hangs together through those.
 *
 * @param members columns key, id, rank (from 1, by id), of all buckets with two texts or more
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

  /** Columns a and b, a before b, each pair once. */
  Dataset<Row> pairs() {
    var heads = members.filter(col("rank").leq(bucket)).as("head");
    var same = col("head.key").equalTo(col("member.key"));
    return heads
        .join(members.as("member"), same.and(col("head.rank").lt(col("member.rank"))))
        .select(col("head.id").as("a"), col("member.id").as("b"))
        .distinct();
  }

  /** Buckets in which not every text was paired with every other. */
  long crowded() {
    return members.filter(col("rank").equalTo(bucket + 1)).count();
  }

  @Override
  public void close() {
    members.unpersist();
  }
}
