package io.lorashear.spark.progress;

import org.apache.spark.scheduler.SparkListenerEvent;

/**
 * Event that listeners receive after the last task of a phase, because the work that follows need
 * not run on Spark.
 */
record PhaseEnded(String name) implements SparkListenerEvent {
  @Override
  public boolean logEvent() {
    return false;
  }
}
