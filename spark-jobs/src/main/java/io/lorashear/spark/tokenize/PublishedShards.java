package io.lorashear.spark.tokenize;

import static org.apache.spark.sql.functions.array_remove;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.input_file_name;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.size;
import static org.apache.spark.sql.functions.sum;

import io.lorashear.corpus.Shard;
import io.lorashear.corpus.SourceCounts.SplitCounts;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/** Contents of the written files, counted from the files themselves. */
record PublishedShards(List<Shard> shards, Map<String, Long> lossTokens) {

  private record Counts(long rows, long tokens, long lossTokens) {}

  /**
   * @param sequences folder of the files
   * @param files names relative to the folder, in order
   * @param generation generation of all files
   */
  static PublishedShards read(
      SparkSession spark, Path sequences, Collection<String> files, int generation) {
    Map<String, Counts> counts = files.isEmpty() ? Map.of() : counts(spark, sequences);
    var shards = new ArrayList<Shard>();
    var lossTokens = new HashMap<String, Long>();
    for (String file : files) {
      var found = counts.get(file);
      if (found == null) {
        throw new IllegalStateException(file + " was written, but holds no rows");
      }
      shards.add(shard(file, found, generation));
      lossTokens.put(shards.get(shards.size() - 1).path(), found.lossTokens());
    }
    return new PublishedShards(List.copyOf(shards), lossTokens);
  }

  private static Map<String, Counts> counts(SparkSession spark, Path sequences) {
    var learnt = size(array_remove(col("loss_mask"), (byte) 0));
    var rows =
        spark
            .read()
            .parquet(sequences.toString())
            .groupBy(input_file_name())
            .agg(count(lit(1)), sum(col("tokens").cast("long")), sum(learnt))
            .collectAsList();
    var counts = new HashMap<String, Counts>();
    for (Row row : rows) {
      counts.put(
          lastThree(row.getString(0)), new Counts(row.getLong(1), row.getLong(2), row.getLong(3)));
    }
    return counts;
  }

  /** {@code source=…/split=…/part-….parquet} of an address. */
  private static String lastThree(String address) {
    var path = new Path(address);
    var split = path.getParent();
    return split.getParent().getName() + "/" + split.getName() + "/" + path.getName();
  }

  private static Shard shard(String file, Counts counts, int generation) {
    var parts = file.split("/", -1);
    return new Shard(
        "sequences/" + file,
        parts[0].substring("source=".length()),
        parts[1].substring("split=".length()),
        counts.rows(),
        counts.tokens(),
        generation);
  }

  /** Counts of one source, by split. */
  SortedMap<String, SplitCounts> splits(String source) {
    var splits = new TreeMap<String, SplitCounts>();
    for (Shard shard : shards) {
      if (shard.source().equals(source)) {
        long loss = lossTokens.getOrDefault(shard.path(), 0L);
        splits.merge(
            shard.split(),
            new SplitCounts(shard.rows(), shard.tokens(), loss),
            PublishedShards::plus);
      }
    }
    return splits;
  }

  private static SplitCounts plus(SplitCounts a, SplitCounts b) {
    return new SplitCounts(
        a.sequences() + b.sequences(), a.tokens() + b.tokens(), a.lossTokens() + b.lossTokens());
  }
}
