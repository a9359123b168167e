package io.lorashear.spark.job;

import java.util.Set;
import java.util.concurrent.ConcurrentSkipListSet;
import org.apache.spark.SparkException;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerExecutorRemoved;

/**
 * Why executors of this session were lost. An executor that dies takes along the shuffle files that
 * it wrote. If this happens often, Spark ends the job for the files that could not be fetched, and
 * does not say why the executors died: {@link #explained} adds it.
 */
final class LostExecutors extends SparkListener {
  private static final String FETCH_FAILED = "FetchFailedException";
  private static final int MOST = 8; // different reasons
  private static final Set<String> REASONS = new ConcurrentSkipListSet<>();

  /** Of a new session. */
  LostExecutors() {
    REASONS.clear();
  }

  @Override
  public void onExecutorRemoved(SparkListenerExecutorRemoved executor) {
    if (REASONS.size() < MOST) {
      REASONS.add(executor.reason().strip());
    }
  }

  /** The failure; if files could not be fetched, with the reasons for which executors were lost. */
  static Exception explained(Exception failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      var message = String.valueOf(cause.getMessage());
      if (cause instanceof SparkException && message.contains(FETCH_FAILED) && !REASONS.isEmpty()) {
        var begin = message.lines().findFirst().orElse("");
        var told =
            "%s; executors were lost before: %s".formatted(begin, String.join("; ", REASONS));
        var explained = new SparkException(told); // not with a cause: the innermost one is shown
        explained.addSuppressed(failure);
        return explained;
      }
    }
    return failure;
  }
}
