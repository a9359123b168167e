package io.lorashear.spark.engine;

import io.lorashear.corpus.CorpusManifest;
import io.lorashear.corpus.SourceCounts.SplitCounts;
import java.util.Map;
import java.util.TreeMap;
import org.apache.spark.sql.SparkSession;

/**
 * A session that goes through its plans step by step as long as this is open: Spark writes a
 * program for every plan, and to compile that takes longer than a few rows do.
 *
 * <pre>
 *   rows of 1 MiB or less   interpreted, in the order in which the plan was made
 *   rows of more            by compiled code, and cut anew as their sizes turn out
 * </pre>
 *
 * The rows are the same either way.
 *
 * @param before what was set, and is again when this is closed
 */
public record Interpreted(SparkSession spark, Map<String, String> before) implements AutoCloseable {
  private static final long MOST_BYTES = 1 << 20;

  private static final Map<String, String> SETTINGS =
      Map.of(
          "spark.sql.codegen.wholeStage", "false",
          "spark.sql.codegen.factoryMode", "NO_CODEGEN",
          "spark.sql.adaptive.enabled", "false");

  /**
   * Interprets from now on where so little is worked on. Tasks are told as well: an RDD of rows
   * that is asked for late no longer has its plan's settings.
   */
  public static Interpreted where(SparkSession spark, long bytes) {
    var before = new TreeMap<String, String>();
    if (bytes <= MOST_BYTES) {
      SETTINGS.forEach(
          (name, value) -> {
            before.put(name, spark.conf().get(name));
            spark.conf().set(name, value);
            spark.sparkContext().setLocalProperty(name, value);
          });
    }
    return new Interpreted(spark, before);
  }

  /** The same for a stage that reads a corpus. */
  public static Interpreted where(SparkSession spark, CorpusManifest corpus) {
    long rows =
        corpus.sources().stream()
            .flatMap(source -> source.splits().values().stream())
            .mapToLong(SplitCounts::sequences)
            .sum();
    return where(spark, rows * corpus.sequenceLength() * Integer.BYTES);
  }

  @Override
  public void close() {
    before.forEach(
        (name, value) -> {
          spark.conf().set(name, value);
          spark.sparkContext().setLocalProperty(name, null);
        });
  }
}
