package io.lorashear.torch.engine;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Supplier;

/**
 * Keeps the process from exiting during native calls. On exit, libtorch's global data is destroyed
 * while other threads may still be computing with it, which would crash the process.
 *
 * <pre>
 *   a call            passes; any number may run at once
 *   the process ends  waits for the calls in progress; later calls block for ever
 * </pre>
 */
final class ExitGate {
  private static final long LONGEST_CALL_SECONDS = 60;
  private static final ReentrantReadWriteLock GATE = new ReentrantReadWriteLock();

  static {
    Runtime.getRuntime().addShutdownHook(new Thread(ExitGate::shut, "no more native calls"));
  }

  private ExitGate() {}

  /** Runs {@code call}; the process cannot exit meanwhile. */
  static <T> T pass(Supplier<T> call) {
    GATE.readLock().lock();
    try {
      return call.get();
    } finally {
      GATE.readLock().unlock();
    }
  }

  private static void shut() {
    try {
      if (!GATE.writeLock().tryLock(LONGEST_CALL_SECONDS, TimeUnit.SECONDS)) {
        System.err.println("a native call does not end; the process ends without it");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
