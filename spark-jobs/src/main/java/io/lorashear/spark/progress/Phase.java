package io.lorashear.spark.progress;

import io.lorashear.run.Stage;
import io.lorashear.stop.StopRequest;
import java.nio.file.Path;
import org.apache.spark.sql.SparkSession;

/**
 * A part of a stage, for progress reports. Jobs that begin while it is open belong to it: by its
 * name in Spark's interface and event log, and by its properties for {@link PhaseListener}.
 *
 * @param tally counts of its tasks
 */
public record Phase(SparkSession spark, Tally tally) implements AutoCloseable {
  static final String NAME = "lorashear.phase";
  static final String TOTAL = "lorashear.phase.total";
  static final String UNIT = "lorashear.phase.unit";
  static final String METRICS = "lorashear.phase.metrics";

  /** Until it is closed, phases that begin on this thread write their figures to metrics. */
  public interface Measured extends AutoCloseable {
    @Override
    void close();
  }

  /** Writes the figures to the metrics of the stage that writes {@code output}. */
  public static Measured measured(SparkSession spark, Stage.Output output) {
    var context = spark.sparkContext();
    var file = output.metrics().file().map(Path::toString).orElse(null);
    context.setLocalProperty(METRICS, file);
    return () -> context.setLocalProperty(METRICS, null);
  }

  /** Begins a phase of unknown size, whose tasks are counted. */
  public static Phase begin(SparkSession spark, String name) {
    return begin(spark, name, 0, "tasks");
  }

  /**
   * Begins a phase of known size.
   *
   * @param total final sum of {@link Tally#size}; 0 counts tasks instead
   * @param unit unit of the total, in the plural: bytes or characters
   */
  public static Phase begin(SparkSession spark, String name, long total, String unit) {
    StopRequest.check();
    var context = spark.sparkContext();
    context.setLocalProperty(NAME, name);
    context.setLocalProperty(TOTAL, String.valueOf(total));
    context.setLocalProperty(UNIT, unit);
    context.setJobDescription(name);
    var tally = new Tally();
    context.register(tally, name);
    return new Phase(spark, tally);
  }

  @Override
  public void close() {
    var context = spark.sparkContext();
    var name = context.getLocalProperty(NAME);
    if (name != null) {
      context.listenerBus().post(new PhaseEnded(name));
    }
    context.setLocalProperty(NAME, null);
    context.setLocalProperty(TOTAL, null);
    context.setLocalProperty(UNIT, null);
    context.setJobDescription(null);
  }
}
