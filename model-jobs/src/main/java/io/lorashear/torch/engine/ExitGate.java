package io.lorashear.torch.engine;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Supplier;

/**
 * Keeps native calls and the end of the process apart. A process that is asked to end takes
 * libtorch's global data down while other threads may still compute with it, and crashes.
 *
 * <pre>
 *   a call            passes, however many do at once
 *   the process ends  waits for the calls under way; who comes after that waits for ever
 * </pre>
 */
final class ExitGate {
  private static final long LONGEST_CALL_SECONDS = 60;
  private static final ReentrantReadWriteLock GATE = new ReentrantReadWriteLock();

  static {
    Runtime.getRuntime().addShutdownHook(new Thread(ExitGate::shut, "no more native calls"));
  }

  private ExitGate() {}

  /** Makes {@code call} while the process cannot end. */
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
