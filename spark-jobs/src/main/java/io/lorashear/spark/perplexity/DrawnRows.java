package io.lorashear.spark.perplexity;

import static org.apache.spark.sql.functions.broadcast;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.row_number;
import static org.apache.spark.sql.functions.udf;

import io.lorashear.corpus.DrawKey;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.api.java.UDF1;
import org.apache.spark.sql.expressions.Window;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/**
 * Uniform draws from the rows of every source, cut into batches in the order of their ids, so that
 * no figure depends on how Spark partitions them.
 */
final class DrawnRows {

  private static final StructType PLACES =
      new StructType()
          .add("sequence_id", DataTypes.StringType, false)
          .add("batch", DataTypes.LongType, false);

  private DrawnRows() {}

  /** The drawn rows with a column {@code batch}; whole batches share a partition, in order. */
  static Dataset<Row> of(Dataset<Row> rows, PerplexitySettings settings) {
    var places = places(drawn(rows, settings), settings.batchRows());
    var spark = rows.sparkSession();
    var table = broadcast(spark.createDataFrame(places, PLACES));
    long batches = places.isEmpty() ? 1 : places.get(places.size() - 1).getLong(1) + 1;
    int tasks = (int) Math.min(batches, 4L * spark.sparkContext().defaultParallelism());
    return rows.join(table, "sequence_id")
        .repartition(tasks, col("batch"))
        .sortWithinPartitions("batch", "sequence_id")
        .selectExpr(ScoredRow.COLUMNS);
  }

  /** Source and id of the rows with the smallest keys of every source, in order. */
  private static List<Row> drawn(Dataset<Row> rows, PerplexitySettings settings) {
    long seed = settings.seed();
    UDF1<String, String> key = id -> DrawKey.of(seed, 0, id);
    var place =
        row_number().over(Window.partitionBy("source").orderBy(col("key"), col("sequence_id")));
    return rows.select("source", "sequence_id")
        .withColumn("key", udf(key, DataTypes.StringType).apply(col("sequence_id")))
        .withColumn("place", place)
        .where(col("place").leq(settings.rows()))
        .select("source", "sequence_id")
        .orderBy("source", "sequence_id")
        .collectAsList();
  }

  private static List<Row> places(List<Row> drawn, int batchRows) {
    List<Row> places = new ArrayList<>(drawn.size());
    for (int i = 0; i < drawn.size(); i++) {
      places.add(RowFactory.create(drawn.get(i).getString(1), (long) i / batchRows));
    }
    return places;
  }
}
