package io.lorashear.spark.perplexity;

import io.lorashear.InputException;
import io.lorashear.device.ModelRuns;
import io.lorashear.device.Running;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.util.AccumulatorV2;

/**
 * Devices and number types of the executors' models: every kind once, whatever the number of tasks.
 */
final class ExecutorRuns extends AccumulatorV2<Running, Set<Running>> {
  private static final long serialVersionUID = 1;

  private final LinkedHashSet<Running> kinds = new LinkedHashSet<>();

  static ExecutorRuns of(SparkSession spark) {
    var runs = new ExecutorRuns();
    spark.sparkContext().register(runs);
    return runs;
  }

  /**
   * Reports and records them as if the models had run here.
   *
   * @throws InputException if executors computed in different number types, so that their figures
   *     cannot be combined
   */
  void settle() {
    var kinds = value();
    if (kinds.stream().map(Running::numbers).distinct().count() > 1) {
      throw new InputException(
          "executors computed in different numbers: %s; give one precision, or one device, for all",
          kinds.stream().map(Running::text).sorted().collect(Collectors.joining("; ")));
    }
    kinds.stream().sorted(Comparator.comparing(Running::text)).forEach(ModelRuns::begin);
  }

  @Override
  public synchronized boolean isZero() {
    return kinds.isEmpty();
  }

  @Override
  public synchronized ExecutorRuns copy() {
    var same = new ExecutorRuns();
    same.kinds.addAll(kinds);
    return same;
  }

  @Override
  public synchronized void reset() {
    kinds.clear();
  }

  @Override
  public synchronized void add(Running running) {
    kinds.add(running);
  }

  @Override
  public synchronized void merge(AccumulatorV2<Running, Set<Running>> other) {
    kinds.addAll(other.value());
  }

  @Override
  public synchronized Set<Running> value() {
    return Set.copyOf(kinds);
  }
}
