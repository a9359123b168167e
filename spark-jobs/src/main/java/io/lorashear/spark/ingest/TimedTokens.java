package io.lorashear.spark.ingest;

import io.lorashear.spark.clean.TokenCounter;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.concurrent.atomic.LongAdder;

/** Counts tokens and measures the processor time for it, over all threads of this process. */
record TimedTokens(TokenCounter counter) implements TokenCounter {
  private static final long serialVersionUID = 1;
  private static final ThreadMXBean THREAD = ManagementFactory.getThreadMXBean();
  private static final LongAdder NANOSECONDS = new LongAdder();

  /** Total time of all threads of this process, in seconds. */
  static double seconds() {
    return NANOSECONDS.sum() / 1e9;
  }

  @Override
  public int count(String text) {
    var start = THREAD.getCurrentThreadCpuTime();
    var count = counter.count(text);
    NANOSECONDS.add(THREAD.getCurrentThreadCpuTime() - start);
    return count;
  }

  @Override
  public boolean exceeds(String text, int limit) {
    var start = THREAD.getCurrentThreadCpuTime();
    var exceeds = counter.exceeds(text, limit);
    NANOSECONDS.add(THREAD.getCurrentThreadCpuTime() - start);
    return exceeds;
  }
}
