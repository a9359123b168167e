package io.lorashear.spark.resample;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.input_file_name;
import static org.apache.spark.sql.functions.udf;

import io.lorashear.corpus.DrawKey;
import io.lorashear.corpus.Sequence;
import io.lorashear.corpus.SequenceReader;
import io.lorashear.corpus.Shard;
import io.lorashear.corpus.SubsetManifest.Drawn;
import io.lorashear.spark.select.Pool;
import java.nio.file.Path;
import java.util.List;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.api.java.UDF1;
import org.apache.spark.sql.types.DataTypes;

/** The training rows of a corpus; ids alone are read, by Spark. */
final class CorpusPool implements Pool {

  private final SequenceReader corpus;
  private final Dataset<Row> rows;
  private final long seed;

  /** Verifies the training shards. */
  CorpusPool(SparkSession spark, Path folder, SequenceReader corpus, long seed) {
    this.corpus = corpus;
    this.seed = seed;
    var files = corpus.verified(Sequence.TRAIN).stream().map(file -> file.toUri().toString());
    this.rows =
        spark
            .read()
            .option("basePath", folder.resolve("sequences").toUri().toString())
            .parquet(files.toArray(String[]::new))
            .select(
                col("source"),
                col("sequence_id"),
                input_file_name().as("file"),
                col("_metadata.row_index").as("row"));
  }

  @Override
  public long size(String source) {
    return corpus.manifest().shards(source, Sequence.TRAIN).stream().mapToLong(Shard::rows).sum();
  }

  @Override
  public List<Candidate> next(String source, int pass, String after, long count) {
    long seedOfAll = seed;
    UDF1<String, String> key = id -> DrawKey.of(seedOfAll, pass, id);
    return rows
        .where(col("source").equalTo(source))
        .withColumn("key", udf(key, DataTypes.StringType).apply(col("sequence_id")))
        .where(col("key").gt(after))
        .orderBy("key", "sequence_id")
        .limit((int) Math.min(count, Integer.MAX_VALUE))
        .select("key", "sequence_id", "file", "row")
        .collectAsList()
        .stream()
        .map(CorpusPool::candidate)
        .toList();
  }

  private static Candidate candidate(Row row) {
    var file = row.getString(2);
    var shard = file.substring(file.lastIndexOf("sequences/source="));
    return new Candidate(row.getString(0), new Drawn(row.getString(1), shard, row.getLong(3)));
  }
}
