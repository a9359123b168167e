package io.lorashear.spark.dedup;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.udf;

import io.lorashear.spark.overlap.Shingles;
import java.util.List;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.api.java.UDF1;
import org.apache.spark.sql.api.java.UDF2;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.storage.StorageLevel;

/**
 * Texts that are nearly the same as another one, whatever source they come from.
 *
 * <pre>
 *   shingles → MinHash in bands → candidates → true likeness ≥ threshold → connected components
 * </pre>
 *
 * Of every component the text with the smallest id survives. The same for any number of partitions.
 *
 * @param survivors columns id and survivor: each text that another one stands for
 * @param crowded buckets in which not every text was compared with every other
 */
public record NearDuplicates(Dataset<Row> survivors, long crowded) implements AutoCloseable {
  /** Code under which documents are counted. */
  public static final String REASON = "near-duplicate";

  /** Code under which paragraphs are counted. */
  public static final String PARAGRAPH = "near-duplicate-paragraph";

  private static final StructType SURVIVORS =
      new StructType()
          .add("id", DataTypes.StringType, false)
          .add("survivor", DataTypes.StringType, false);

  /**
   * Compares all texts with each other.
   *
   * @param texts columns id, unique, and text; read twice
   */
  public static NearDuplicates among(Dataset<Row> texts, DuplicateSettings settings) {
    try (var candidates = Candidates.of(texts, settings)) {
      var pairs = candidates.pairs().persist(StorageLevel.MEMORY_AND_DISK());
      if (pairs.isEmpty()) {
        pairs.unpersist();
        return new NearDuplicates(
            texts.sparkSession().createDataFrame(List.of(), SURVIVORS), candidates.crowded());
      }
      var sets = sets(pairs, texts, settings.words()).persist(StorageLevel.MEMORY_AND_DISK());
      var survivors = ConnectedComponents.of(alike(pairs, sets, settings.likeness()));
      var near = new NearDuplicates(survivors, candidates.crowded());
      sets.unpersist();
      pairs.unpersist();
      return near;
    }
  }

  /** Columns id and set, of the texts that are in a pair. */
  private static Dataset<Row> sets(Dataset<Row> pairs, Dataset<Row> texts, int words) {
    var shingles =
        udf((UDF1<String, byte[]>) text -> Shingles.of(text, words).bytes(), DataTypes.BinaryType);
    var ids = pairs.select(col("a").as("id")).union(pairs.select(col("b").as("id")));
    return texts
        .join(ids.distinct(), "id")
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

  @Override
  public void close() {
    survivors.unpersist();
  }
}
