package io.lorashear.spark.dedup;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.udf;

import io.lorashear.spark.overlap.Shingles;
import java.util.Map;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.api.java.UDF1;
import org.apache.spark.sql.api.java.UDF2;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.storage.StorageLevel;

/**
 * Texts that are nearly equal to another one, in any source.
 *
 * <pre>
 *   shingles → MinHash in bands → buckets
 *     → each text with the smallest of its buckets: likeness ≥ threshold → connected components
 *     → in buckets with more than one of these, texts of different components → components
 * </pre>
 *
 * The text with the smallest id of every component survives. The result is the same for any number
 * of partitions.
 *
 * @param survivors columns id and survivor: each duplicate with the text that survives
 * @param crowded number of buckets in which not all pairs of texts were compared
 */
public record NearDuplicates(Dataset<Row> survivors, long crowded) implements AutoCloseable {
  /** Code under which documents are counted. */
  public static final String REASON = "near-duplicate";

  /** Code under which paragraphs are counted. */
  public static final String PARAGRAPH = "near-duplicate-paragraph";

  /**
   * Compares all texts with each other.
   *
   * @param texts columns id, unique, and text; read twice
   */
  public static NearDuplicates among(Dataset<Row> texts, DuplicateSettings settings) {
    try (var candidates = Candidates.of(texts, settings)) {
      var nearest = candidates.nearest().persist(StorageLevel.MEMORY_AND_DISK());
      if (nearest.isEmpty()) {
        nearest.unpersist();
        var none = Components.survivors(texts.sparkSession(), Map.of());
        return new NearDuplicates(none, candidates.crowded());
      }
      var sets = sets(candidates, texts, settings.words()).persist(StorageLevel.MEMORY_AND_DISK());
      var first = ConnectedComponents.of(alike(nearest, sets, settings.likeness()));
      var survivors = closed(candidates, first, sets, settings);
      var near = new NearDuplicates(survivors, candidates.crowded());
      sets.unpersist();
      nearest.unpersist();
      return near;
    }
  }

  /** Columns id and set, of the texts that share a bucket. */
  private static Dataset<Row> sets(Candidates candidates, Dataset<Row> texts, int words) {
    var shingles =
        udf((UDF1<String, byte[]>) text -> Shingles.of(text, words).bytes(), DataTypes.BinaryType);
    return texts
        .join(candidates.ids(), "id")
        .select(col("id"), shingles.apply(col("text")).as("set"));
  }

  private static Dataset<Row> alike(Dataset<Row> pairs, Dataset<Row> sets, double likeness) {
    var jaccard = udf((UDF2<byte[], byte[], Double>) Shingles::jaccard, DataTypes.DoubleType);
    return pairs
        .join(sets.select(col("id").as("a"), col("set").as("left")), "a")
        .join(sets.select(col("id").as("b"), col("set").as("right")), "b")
        .filter(jaccard.apply(col("left"), col("right")).geq(likeness))
        .select("a", "b");
  }

  /** The survivors, after comparing the buckets in which not all texts are connected yet. */
  private static Dataset<Row> closed(
      Candidates candidates, Dataset<Row> first, Dataset<Row> sets, DuplicateSettings settings) {
    var likeness = settings.likeness();
    var heads = settings.bucket();
    MapPartitionsFunction<Row, Row> compared =
        rows -> {
          var bucket = new OpenBucket(likeness, heads);
          return new Flattened<>(rows, bucket::next);
        };
    var pairs =
        candidates
            .open(first)
            .join(sets, "id")
            .select("key", "rank", "id", "stands", "set")
            .repartition(col("key"))
            .sortWithinPartitions("key", "rank")
            .mapPartitions(compared, Encoders.row(OpenBucket.PAIRS))
            .persist(StorageLevel.MEMORY_AND_DISK());
    if (pairs.isEmpty()) {
      pairs.unpersist();
      return first;
    }
    var unmeasured = pairs.filter(col("alike").isNull()).select("a", "b").distinct();
    var edges =
        first
            .select(col("id").as("a"), col("survivor").as("b"))
            .union(pairs.filter(col("alike")).select("a", "b"))
            .union(alike(unmeasured, sets, likeness));
    var survivors = ConnectedComponents.of(edges);
    pairs.unpersist();
    first.unpersist();
    return survivors;
  }

  @Override
  public void close() {
    survivors.unpersist();
  }
}
