package io.lorashear.spark.perplexity;

import static org.apache.spark.sql.functions.broadcast;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.floor;
import static org.apache.spark.sql.functions.row_number;
import static org.apache.spark.sql.functions.udf;

import io.lorashear.InputException;
import io.lorashear.corpus.DrawKey;
import io.lorashear.corpus.SubsetManifest;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.api.java.UDF1;
import org.apache.spark.sql.expressions.Window;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;

/**
 * Uniform draws from the rows of every source, or the rows of a subset, cut into batches in the
 * order of their ids, so that no figure depends on how Spark partitions them.
 */
final class DrawnRows {

  private static final StructType ID =
      new StructType().add("sequence_id", DataTypes.StringType, false);

  private static final StructType PLACES = ID.add("batch", DataTypes.LongType, false);

  private DrawnRows() {}

  /**
   * The drawn rows with a column {@code batch}.
   *
   * @param subset subset whose rows are taken; null for a uniform draw
   * @param together number of consecutive batches that share a partition, in order
   * @throws InputException if the subset draws rows that are missing
   */
  static Dataset<Row> of(
      Dataset<Row> rows,
      PerplexitySettings settings,
      @Nullable SubsetManifest subset,
      int together) {
    var drawn = subset == null ? drawn(rows, settings) : named(rows, subset);
    var places = places(drawn, settings.batchRows());
    var spark = rows.sparkSession();
    var table = broadcast(spark.createDataFrame(places, PLACES));
    long batches = places.isEmpty() ? 1 : places.get(places.size() - 1).getLong(1) + 1;
    long groups = (batches + together - 1) / together;
    int tasks = (int) Math.min(groups, 4L * spark.sparkContext().defaultParallelism());
    return rows.join(table, "sequence_id")
        .repartition(tasks, floor(col("batch").divide(together)))
        .sortWithinPartitions("batch", "sequence_id")
        .selectExpr(ScoredRow.COLUMNS);
  }

  /** Source and id of the rows of a subset, each once, in order. */
  private static List<Row> named(Dataset<Row> rows, SubsetManifest subset) {
    var ids = subset.drawn().stream().map(SubsetManifest.Drawn::sequence).distinct();
    var wanted = ids.map(id -> RowFactory.create(id)).toList();
    var table = broadcast(rows.sparkSession().createDataFrame(wanted, ID));
    var found = inOrder(rows.join(table, "sequence_id"));
    if (found.size() != wanted.size()) {
      throw new InputException(
          "the subset draws %,d sequences, but only %,d of them are in the corpus: draw it again"
              + " from this corpus",
          wanted.size(), found.size());
    }
    return found;
  }

  private static List<Row> inOrder(Dataset<Row> rows) {
    return rows.select("source", "sequence_id").orderBy("source", "sequence_id").collectAsList();
  }

  /** Source and id of the rows with the smallest keys of every source, in order. */
  private static List<Row> drawn(Dataset<Row> rows, PerplexitySettings settings) {
    long seed = settings.seed();
    UDF1<String, String> key = id -> DrawKey.of(seed, 0, id);
    var place =
        row_number().over(Window.partitionBy("source").orderBy(col("key"), col("sequence_id")));
    var sources = settings.sources();
    var eligible = sources.isEmpty() ? rows : rows.where(col("source").isin(sources.toArray()));
    return inOrder(
        eligible
            .select("source", "sequence_id")
            .withColumn("key", udf(key, DataTypes.StringType).apply(col("sequence_id")))
            .withColumn("place", place)
            .where(col("place").leq(settings.rows())));
  }

  private static List<Row> places(List<Row> drawn, int batchRows) {
    List<Row> places = new ArrayList<>(drawn.size());
    for (int i = 0; i < drawn.size(); i++) {
      places.add(RowFactory.create(drawn.get(i).getString(1), (long) i / batchRows));
    }
    return places;
  }
}
