package io.lorashear.spark.engine;

import io.lorashear.corpus.CorpusManifest;
import io.lorashear.corpus.SourceCounts.SplitCounts;
import java.util.Map;
import java.util.TreeMap;
import org.apache.spark.sql.SparkSession;

/**
 * Turns off code generation in a session as long as this is open: compiling the program that Spark
 * generates for every plan takes longer than processing a few rows.
 *
 * <pre>
 *   rows of 1 MiB or less   interpreted, in the order in which the plan was made
 *   rows of more            by compiled code, and repartitioned by their actual sizes
 * </pre>
 *
 * The results are the same.
 *
 * @param before earlier settings, which are restored on closing
 */
public record Interpreted(SparkSession spark, Map<String, String> before) implements AutoCloseable {
  private static final long MOST_BYTES = 1 << 20;

  private static final Map<String, String> SETTINGS =
      Map.of(
          "spark.sql.codegen.wholeStage", "false",
          "spark.sql.codegen.factoryMode", "NO_CODEGEN",
          "spark.sql.adaptive.enabled", "false");

  /**
   * Interprets plans if the input is small. Tasks get the settings as well, because an RDD of rows
   * that is computed late no longer has its plan's settings.
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

  /** Interprets plans of a stage that reads a small corpus. */
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
