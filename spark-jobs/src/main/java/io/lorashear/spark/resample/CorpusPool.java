package io.lorashear.spark.resample;

import static org.apache.spark.sql.functions.broadcast;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.collect_set;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.expr;
import static org.apache.spark.sql.functions.input_file_name;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.sum;
import static org.apache.spark.sql.functions.udf;

import io.lorashear.corpus.DocumentBuckets;
import io.lorashear.corpus.DrawKey;
import io.lorashear.corpus.Sequence;
import io.lorashear.corpus.SequenceReader;
import io.lorashear.corpus.SubsetManifest.Drawn;
import io.lorashear.spark.select.Pool;
import io.lorashear.spark.store.HadoopStorage;
import java.nio.file.Path;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.api.java.UDF1;
import org.apache.spark.sql.api.java.UDF2;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.storage.StorageLevel;

/**
 * The training rows of a corpus in their groups; only ids of rows are read, no tokens.
 *
 * <pre>
 *   by source   group = source
 *   by document group = that of the document that most of the row's tokens are from (the first of
 *               equals): its bucket, or its source; a row whose document has none cannot be drawn
 * </pre>
 */
final class CorpusPool implements Pool, AutoCloseable {

  /** Size of a group. */
  record Size(String source, long rows, long tokens, SortedSet<Integer> generations) {}

  private static final String LARGEST_DOCUMENT =
      """
      array_sort(transform(sequence(0, size(document_ids) - 1), i -> struct(
        element_at(document_starts, i + 1)
          - coalesce(try_element_at(document_starts, i + 2), tokens) as negative_length,
        i as place,
        element_at(document_ids, i + 1) as document)))[0].document
      """;

  private static final StructType MEMBER =
      new StructType()
          .add("source", DataTypes.StringType, false)
          .add("document", DataTypes.StringType, false)
          .add("group", DataTypes.StringType, false);

  private final Dataset<Row> rows;
  private final long seed;
  private final SortedMap<String, Size> sizes;

  private CorpusPool(Dataset<Row> rows, List<String> sources, long seed) {
    this.rows =
        rows.where(col("source").isin(sources.toArray()))
            .select("source", "group", "sequence_id", "file", "row", "tokens", "generation")
            .persist(StorageLevel.MEMORY_AND_DISK());
    this.seed = seed;
    this.sizes = sizes(this.rows);
  }

  /**
   * A pool with one group for every source.
   *
   * @param sources sources that may be drawn
   */
  static CorpusPool bySource(
      SparkSession spark, Path folder, SequenceReader corpus, List<String> sources, long seed) {
    return new CorpusPool(
        rows(spark, folder, corpus).withColumn("group", col("source")), sources, seed);
  }

  /** A pool with the groups of these documents. */
  static CorpusPool byDocument(
      SparkSession spark,
      Path folder,
      SequenceReader corpus,
      List<String> sources,
      long seed,
      DocumentBuckets buckets) {
    var members =
        buckets.members().stream()
            .map(each -> RowFactory.create(each.source(), each.document(), each.group()))
            .toList();
    var groups = broadcast(spark.createDataFrame(members, MEMBER));
    var named = rows(spark, folder, corpus).withColumn("document", expr(LARGEST_DOCUMENT));
    var joined = named.join(groups, new String[] {"source", "document"});
    return new CorpusPool(joined, sources, seed);
  }

  /** The training rows, after verifying their shards. */
  private static Dataset<Row> rows(SparkSession spark, Path folder, SequenceReader corpus) {
    var files =
        corpus.verified(Sequence.TRAIN).stream().map(file -> HadoopStorage.hadoop(file).toString());
    var generations = new HashMap<String, Integer>();
    corpus.manifest().shards().forEach(each -> generations.put(each.path(), each.generation()));
    UDF1<String, Integer> generation = file -> generations.get(shard(file));
    return spark
        .read()
        .option("basePath", HadoopStorage.hadoop(folder.resolve("sequences")).toString())
        .parquet(files.toArray(String[]::new))
        .select(
            col("source"),
            col("sequence_id"),
            col("tokens"),
            col("document_ids"),
            col("document_starts"),
            input_file_name().as("file"),
            udf(generation, DataTypes.IntegerType).apply(input_file_name()).as("generation"),
            col("_metadata.row_index").as("row"));
  }

  private static SortedMap<String, Size> sizes(Dataset<Row> rows) {
    var sizes = new TreeMap<String, Size>();
    rows.groupBy("source", "group")
        .agg(count(lit(1)), sum("tokens"), collect_set("generation"))
        .collectAsList()
        .forEach(row -> sizes.put(row.getString(1), size(row)));
    return Collections.unmodifiableSortedMap(sizes);
  }

  private static Size size(Row row) {
    SortedSet<Integer> generations = new TreeSet<>(row.<Integer>getList(4));
    return new Size(row.getString(0), row.getLong(2), row.getLong(3), generations);
  }

  /** Groups that have rows, by name. */
  SortedMap<String, Size> sizes() {
    return sizes;
  }

  @Override
  public long size(String group) {
    var size = sizes.get(group);
    return size == null ? 0 : size.rows();
  }

  @Override
  public SortedSet<Integer> generations(String group) {
    var size = sizes.get(group);
    return size == null ? new TreeSet<>() : size.generations();
  }

  @Override
  public List<Candidate> next(
      String group, int pass, SortedMap<Integer, String> after, long count) {
    long seedOfAll = seed;
    UDF1<String, String> key = id -> DrawKey.of(seedOfAll, pass, id);
    var reached = new HashMap<>(after);
    UDF2<String, Integer, Boolean> left =
        (found, generation) -> {
          var last = reached.get(generation);
          return last != null && found.compareTo(last) > 0;
        };
    return rows
        .where(col("group").equalTo(group))
        .withColumn("key", udf(key, DataTypes.StringType).apply(col("sequence_id")))
        .where(udf(left, DataTypes.BooleanType).apply(col("key"), col("generation")))
        .orderBy("key", "sequence_id")
        .limit((int) Math.min(count, Integer.MAX_VALUE))
        .select("key", "sequence_id", "file", "row", "group")
        .collectAsList()
        .stream()
        .map(CorpusPool::candidate)
        .toList();
  }

  private static Candidate candidate(Row row) {
    var shard = shard(row.getString(2));
    var drawn = new Drawn(row.getString(1), shard, row.getLong(3), row.getString(4));
    return new Candidate(row.getString(0), drawn);
  }

  /** The path of a file, relative to its corpus. */
  private static String shard(String file) {
    return file.substring(file.lastIndexOf("sequences/source="));
  }

  @Override
  public void close() {
    rows.unpersist();
  }
}
