package io.lorashear.spark.progress;

import io.lorashear.metrics.MetricsFile;
import io.lorashear.run.Progress;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.apache.spark.scheduler.AccumulableInfo;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerEvent;
import org.apache.spark.scheduler.SparkListenerExecutorMetricsUpdate;
import org.apache.spark.scheduler.SparkListenerJobStart;
import org.apache.spark.scheduler.SparkListenerTaskEnd;
import org.jspecify.annotations.Nullable;

/**
 * Reports the progress of a {@link Phase}: when one of its tasks ends, and at every heartbeat of
 * running tasks.
 */
public final class PhaseListener extends SparkListener implements AutoCloseable {
  private final Progress progress;
  private final PhaseMetrics counts;
  private final Set<Integer> stages = new HashSet<>();
  private final Map<Long, Map<String, Long>> running = new HashMap<>();
  private @Nullable PhaseProgress shown;
  private Tally finished = new Tally();
  private MetricsFile metrics = MetricsFile.none();

  /**
   * Reports to the user and to Spark's metrics.
   *
   * @param counts metrics of the phases
   */
  public PhaseListener(Progress progress, PhaseMetrics counts) {
    this.progress = progress;
    this.counts = counts;
  }

  @Override
  public synchronized void onJobStart(SparkListenerJobStart job) {
    var properties = job.properties();
    var name = properties == null ? null : properties.getProperty(Phase.NAME);
    if (name == null) {
      return;
    }
    if (shown == null || !shown.name().equals(name)) {
      close();
      shown =
          PhaseProgress.begin(measured(properties.getProperty(Phase.METRICS)), name, properties);
    }
    job.stageInfos().foreach(stage -> stages.add(stage.stageId()));
  }

  private Progress measured(@Nullable String file) {
    if (file == null) {
      return progress;
    }
    metrics = MetricsFile.joined(Path.of(file));
    return progress.measured(metrics);
  }

  @Override
  public synchronized void onTaskEnd(SparkListenerTaskEnd task) {
    if (shown == null || !stages.contains(task.stageId())) {
      return;
    }
    running.remove(task.taskInfo().taskId());
    if (task.taskInfo().successful()) {
      var counts = counts(task.taskInfo().accumulables());
      counts.forEach((name, amount) -> finished.add(name, amount));
      finished.add(PhaseProgress.TASKS, 1);
    }
    tell();
  }

  @Override
  public synchronized void onExecutorMetricsUpdate(SparkListenerExecutorMetricsUpdate update) {
    if (shown == null) {
      return;
    }
    update
        .accumUpdates()
        .foreach(
            task -> {
              if (stages.contains((int) task._2())) {
                running.put((long) task._1(), counts(task._4()));
              }
              return null;
            });
    tell();
  }

  @Override
  public synchronized void onOtherEvent(SparkListenerEvent event) {
    if (event instanceof PhaseEnded ended && shown != null && shown.name().equals(ended.name())) {
      close();
    }
  }

  private Map<String, Long> counts(scala.collection.Seq<AccumulableInfo> accumulables) {
    var counts = new Tally();
    accumulables.foreach(
        info -> {
          if (shown != null && info.name().contains(shown.name()) && info.update().isDefined()) {
            ((Map<?, ?>) info.update().get())
                .forEach((name, amount) -> counts.add((String) name, (Long) amount));
          }
          return null;
        });
    return counts.value();
  }

  private void tell() {
    var all = finished.copy();
    running.values().forEach(counts -> counts.forEach(all::add));
    if (shown != null) {
      shown.tell(all.value());
      counts.tell(shown.name(), all.value());
    }
  }

  /** Ends the progress that is being shown. */
  @Override
  public synchronized void close() {
    if (shown != null) {
      shown.work().close();
    }
    metrics.leave();
    shown = null;
    stages.clear();
    running.clear();
    finished = new Tally();
  }
}
