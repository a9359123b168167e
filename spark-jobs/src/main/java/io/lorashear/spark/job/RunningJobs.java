package io.lorashear.spark.job;

import io.lorashear.stop.StopRequest;
import java.util.Arrays;
import org.apache.spark.SparkContext;

/** The jobs of a session, which end when a signal asks to stop. */
record RunningJobs(SparkContext context) implements StopRequest.Work {
  @Override
  public void cancel() {
    if (!context.isStopped()) {
      context.cancelAllJobs();
    }
  }

  @Override
  public boolean isBusy() {
    if (context.isStopped()) {
      return false;
    }
    var tracker = context.statusTracker();
    return tracker.getActiveJobIds().length > 0
        || Arrays.stream(tracker.getExecutorInfos())
            .anyMatch(executor -> executor.numRunningTasks() > 0);
  }
}
