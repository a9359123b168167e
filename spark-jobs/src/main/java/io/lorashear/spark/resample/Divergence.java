package io.lorashear.spark.resample;

import static org.apache.spark.sql.functions.broadcast;
import static org.apache.spark.sql.functions.col;

import io.lorashear.InputException;
import io.lorashear.corpus.Sequence;
import io.lorashear.corpus.SequenceReader;
import io.lorashear.corpus.SoftTargets;
import io.lorashear.corpus.TeacherReader;
import io.lorashear.spark.select.JensenShannon;
import io.lorashear.spark.select.PerplexityDeviation;
import io.lorashear.spark.store.HadoopStorage;
import java.nio.file.Path;
import java.util.List;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.spark.api.java.function.MapFunction;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/**
 * Mean divergence of the two models' predictions by source, from the likeliest tokens that both
 * loss reports keep; neither model runs again.
 *
 * <pre>
 *   dense's rows ⋈ pruned's rows ⋈ sources      by sequence_id
 *   Δ_i = Σ_rows of i Σ_t JSD / Σ_rows of i positions          added in the order of the ids
 * </pre>
 */
final class Divergence {
  private static final StructType MEASURED =
      new StructType()
          .add("source", DataTypes.StringType, false)
          .add("sequence_id", DataTypes.StringType, false)
          .add("positions", DataTypes.LongType, false)
          .add("divergence", DataTypes.DoubleType, false);

  private Divergence() {}

  /** The rule above. */
  static PerplexityDeviation bySource(
      SparkSession spark, ResampleSettings settings, SequenceReader corpus) {
    var dense = TeacherReader.open(settings.dense());
    var pruned = TeacherReader.open(settings.pruned());
    int denseTop = dense.manifest().top();
    int prunedTop = pruned.manifest().top();
    MapFunction<Row, Row> measure = row -> measured(row, denseTop, prunedTop);
    var scored = read(spark, pruned.verified());
    var rows =
        scored
            .join(broadcast(sources(spark, settings.corpus(), corpus, scored)), "sequence_id")
            .join(read(spark, dense.verified()).as("dense"), "sequence_id")
            .map(measure, Encoders.row(MEASURED))
            .orderBy("source", "sequence_id")
            .collectAsList();
    if (rows.size() != dense.manifest().rows() || rows.size() != pruned.manifest().rows()) {
      throw new InputException(
          "the predictions of %s are of %,d rows, those of %s of %,d, and %,d are in both: run"
              + " perplexity for both with the same settings",
          settings.dense(),
          dense.manifest().rows(),
          settings.pruned(),
          pruned.manifest().rows(),
          rows.size());
    }
    return new PerplexityDeviation(means(rows));
  }

  private static TreeMap<String, Double> means(List<Row> rows) {
    var sums = new TreeMap<String, Double>();
    var positions = new TreeMap<String, Long>();
    for (Row row : rows) {
      positions.merge(row.getString(0), row.getLong(2), Long::sum);
      sums.merge(row.getString(0), row.getDouble(3), Double::sum);
    }
    sums.replaceAll((source, sum) -> sum / Math.max(1, positions.getOrDefault(source, 0L)));
    return sums;
  }

  /** Source and id of the rows that have predictions. */
  private static Dataset<Row> sources(
      SparkSession spark, Path folder, SequenceReader corpus, Dataset<Row> scored) {
    var files =
        Stream.of(Sequence.TRAIN, Sequence.VALIDATION)
            .flatMap(split -> corpus.verified(split).stream())
            .map(file -> HadoopStorage.hadoop(file).toString())
            .toArray(String[]::new);
    return spark
        .read()
        .option("basePath", HadoopStorage.hadoop(folder.resolve("sequences")).toString())
        .parquet(files)
        .select("source", "sequence_id")
        .join(scored.select("sequence_id"), "sequence_id");
  }

  private static Dataset<Row> read(SparkSession spark, List<Path> files) {
    return spark
        .read()
        .parquet(
            files.stream()
                .map(file -> HadoopStorage.hadoop(file).toString())
                .toArray(String[]::new))
        .select(col("sequence_id"), col("ids"), col("log_probabilities"), col("tail"));
  }

  /** From sequence_id, the pruned model's three columns, source, the dense model's three. */
  private static Row measured(Row row, int denseTop, int prunedTop) {
    var pruned = targets(row, 1, prunedTop);
    var dense = targets(row, 5, denseTop);
    return RowFactory.create(
        row.getString(4),
        row.getString(0),
        (long) dense.positions(),
        JensenShannon.sum(dense, pruned));
  }

  private static SoftTargets targets(Row row, int from, int top) {
    return new SoftTargets(
        top,
        row.<Integer>getList(from).stream().mapToInt(Integer::intValue).toArray(),
        floats(row.getList(from + 1)),
        floats(row.getList(from + 2)));
  }

  private static float[] floats(List<Float> values) {
    var floats = new float[values.size()];
    for (int i = 0; i < floats.length; i++) {
      floats[i] = values.get(i);
    }
    return floats;
  }
}
