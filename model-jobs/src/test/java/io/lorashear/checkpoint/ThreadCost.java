package io.lorashear.checkpoint;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.time.Duration;

/** What the current thread has used; others beside it do not count. */
public final class ThreadCost {
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  private ThreadCost() {}

  /** Bytes since the thread began; what is freed stays counted. */
  public static long allocated() {
    return THREADS.getThreadAllocatedBytes(Thread.currentThread().getId());
  }

  /** Time on a processor, however long it waited for one. */
  public static Duration time() {
    return Duration.ofNanos(THREADS.getCurrentThreadCpuTime());
  }
}
