package io.lorashear.spark.source;

import java.util.ArrayList;
import java.util.Iterator;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.api.java.function.FlatMapFunction;
import org.apache.spark.util.SerializableConfiguration;

/**
 * Reads the files of some sources into documents, and into a reason for every record without one.
 */
public final class Sources {
  /** More tasks than this only cost their bookkeeping. */
  private static final int MOST_TASKS = 10_000;

  private Sources() {}

  /**
   * Every record of {@code inputs}, once. What is read does not depend on {@code limits} beyond
   * what is too long, nor on the number of tasks.
   */
  public static JavaRDD<Reading> read(JavaSparkContext spark, Inputs inputs, LimitSettings limits) {
    var slices = new ArrayList<Slice>();
    inputs.files().forEach(file -> slices.addAll(Slice.of(file, limits.splitBytes())));
    var tasks = Math.max(1, Math.min(slices.size(), MOST_TASKS));
    var configuration = new SerializableConfiguration(spark.hadoopConfiguration());
    var readings =
        spark
            .parallelize(slices, tasks)
            .flatMap(
                (FlatMapFunction<Slice, Reading>)
                    slice -> new SliceReadings(slice, configuration.value()));
    var known = new ArrayList<Reading>(inputs.problems());
    known.addAll(inputs.dropped());
    return known.isEmpty() ? readings : readings.union(spark.parallelize(known, 1));
  }

  /** The readings of one slice, without Spark. */
  static Iterator<Reading> read(Slice slice, SerializableConfiguration configuration) {
    return new SliceReadings(slice, configuration.value());
  }
}
