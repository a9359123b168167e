package io.lorashear.spark.tokenize;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.min;
import static org.apache.spark.sql.functions.sum;

import io.lorashear.InputException;
import io.lorashear.corpus.Sequence;
import io.lorashear.corpus.Shard;
import io.lorashear.spark.shard.ShardFolder;
import java.io.Serializable;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import org.apache.spark.api.java.function.FilterFunction;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/**
 * Assigns every passage to a split and a shard, by its content and the size of its source.
 *
 * <pre>
 *   validation  if point(text) ≤ max(share, smallest point of the source)   so that every source has some
 *   shards      = ⌈characters of the split / characters per shard⌉
 *   shard       = number of existing shards + hash(document id) mod shards
 * </pre>
 *
 * For a source that already has validation rows, the bound is only the share.
 *
 * @param taken shard numbers that the earlier corpus uses, by split and source
 */
record ShardPlan(
    TreeMap<String, SourceSize> sources,
    double validationShare,
    long shardCharacters,
    TreeMap<String, Integer> taken)
    implements Serializable {

  /** Columns whose values name the folders of the shards. */
  static final List<String> FOLDERS = List.of("source", "split");

  record SourceSize(long passages, long characters, double smallestPoint) implements Serializable {}

  private static final StructType SIZE =
      new StructType()
          .add("source", DataTypes.StringType, false)
          .add("characters", DataTypes.LongType, false)
          .add("point", DataTypes.DoubleType, false);

  /**
   * The plan for the passages of some documents.
   *
   * @param before shards of the corpus that this one grows from
   * @throws InputException if there is no document, or if a source is too small to be split
   */
  static ShardPlan of(Dataset<Row> documents, TokenizeSettings settings, List<Shard> before) {
    var sizes =
        Passage.flatMap(
                documents, settings.passageCharacters(), ShardPlan::size, Encoders.row(SIZE))
            .groupBy(col("source"))
            .agg(count(lit(1)), sum(col("characters")), min(col("point")))
            .collectAsList();
    var sources = new TreeMap<String, SourceSize>();
    for (Row row : sizes) {
      sources.put(
          row.getString(0), new SourceSize(row.getLong(1), row.getLong(2), row.getDouble(3)));
    }
    var taken = new TreeMap<String, Integer>();
    before.forEach(
        shard -> taken.merge(folder(shard.split(), shard.source()), number(shard) + 1, Math::max));
    double share = settings.validation().share();
    return new ShardPlan(sources, share, settings.shardCharacters(), taken).checked(settings);
  }

  private static Iterator<Row> size(Passage passage) {
    var row = RowFactory.create(passage.source(), passage.characters(), passage.point());
    return List.of(row).iterator();
  }

  private static String folder(String split, String source) {
    return split + "/" + source;
  }

  private static int number(Shard shard) {
    return Integer.parseInt(shard.path().replaceFirst(".*part-(\\d+)\\.parquet$", "$1"));
  }

  private ShardPlan checked(TokenizeSettings settings) {
    if (sources.isEmpty()) {
      throw new InputException(
          "%s has no document: ingest sources that are not empty", settings.documents());
    }
    sources.forEach(
        (name, size) -> {
          if (size.passages() < 2 && !measured(name)) {
            throw new InputException(
                "source %s has a single passage, but one is needed to train on and one to measure"
                    + " on: add text, or lower passageCharacters (now %d)",
                name, settings.passageCharacters());
          }
        });
    return this;
  }

  /** Number of characters of all sources. */
  long characters() {
    return sources.values().stream().mapToLong(SourceSize::characters).sum();
  }

  /** The passages whose shards are not among {@code finished}. */
  Dataset<Row> without(Dataset<Row> passages, Set<String> finished) {
    if (finished.isEmpty()) {
      return passages;
    }
    var done = Set.copyOf(finished);
    FilterFunction<Row> left = row -> !done.contains(file(Passage.of(row)));
    return passages.filter(left);
  }

  /** The file that a passage is written to. */
  private String file(Passage passage) {
    var folder = List.of(passage.source(), split(passage));
    return ShardFolder.name(FOLDERS, folder, shard(passage));
  }

  String split(Passage passage) {
    return passage.point() <= threshold(passage.source()) ? Sequence.VALIDATION : Sequence.TRAIN;
  }

  int shard(Passage passage) {
    long shards = shards(passage.source(), split(passage));
    int first = taken.getOrDefault(folder(split(passage), passage.source()), 0);
    return first + (int) (passage.order() % shards);
  }

  private long shards(String source, String split) {
    double threshold = threshold(source);
    double share = split.equals(Sequence.TRAIN) ? 1 - threshold : threshold;
    double characters = size(source).characters() * share;
    return Math.max(1, (long) Math.ceil(characters / shardCharacters));
  }

  /** Number of shards of all sources and splits. */
  long shards() {
    return sources.keySet().stream()
        .mapToLong(name -> shards(name, Sequence.TRAIN) + shards(name, Sequence.VALIDATION))
        .sum();
  }

  private double threshold(String source) {
    return measured(source)
        ? validationShare
        : Math.max(validationShare, size(source).smallestPoint());
  }

  /** Whether the earlier corpus has validation rows of {@code source}. */
  boolean measured(String source) {
    return taken.containsKey(folder(Sequence.VALIDATION, source));
  }

  private SourceSize size(String source) {
    var size = sources.get(source);
    if (size == null) {
      throw new IllegalStateException("source " + source + " appeared between two readings");
    }
    return size;
  }
}
