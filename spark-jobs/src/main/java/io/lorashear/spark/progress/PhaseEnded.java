package io.lorashear.spark.progress;

import org.apache.spark.scheduler.SparkListenerEvent;

/** Comes to listeners behind the last task of a phase: what follows may be no work of Spark's. */
record PhaseEnded(String name) implements SparkListenerEvent {
  @Override
  public boolean logEvent() {
    return false;
  }
}
