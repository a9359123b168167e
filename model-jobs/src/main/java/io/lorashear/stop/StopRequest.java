package io.lorashear.stop;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jline.utils.Signals;
import org.jspecify.annotations.Nullable;

/**
 * What SIGTERM and SIGINT do.
 *
 * <pre>
 *   first signal during work     work is cancelled, or ends where its state is whole: {@link #check}
 *   first signal at other times  the process exits
 *   second signal                the process ends at once
 * </pre>
 *
 * Without {@link #listen} a signal ends the process as Java does it.
 */
public final class StopRequest {
  private static final long BETWEEN_MILLIS = 20;

  private static final List<Work> WORK = new CopyOnWriteArrayList<>();
  private static final Object ONE_SIGNAL = new Object();
  private static volatile @Nullable StopSignal asked;
  private static volatile boolean exiting;
  private static volatile boolean listens;

  private StopRequest() {}

  /** Work in progress that ends soon after a request. */
  public interface Work {
    /** Cancels it; called repeatedly until the work is closed. */
    default void cancel() {}

    /** Whether cancelled parts are still writing files. */
    default boolean isBusy() {
      return false;
    }
  }

  /** Ends what {@link #during} has begun. */
  public interface Scope extends AutoCloseable {
    @Override
    void close();
  }

  /**
   * Listens to the signals from now on, except those that the process was started to ignore. Call
   * it again after a library may have changed what signals do.
   */
  public static synchronized void listen() {
    for (var signal : StopSignal.values()) {
      var before = Signals.register(signal.shortName(), () -> received(signal));
      if (!listens && isIgnored(before)) {
        Signals.unregister(signal.shortName(), before);
      }
    }
    listens = true;
  }

  /** The same, if this process listens. */
  public static void listenAgain() {
    if (listens) {
      listen();
    }
  }

  private static boolean isIgnored(@Nullable Object handler) {
    try {
      return handler == Class.forName("sun.misc.SignalHandler").getField("SIG_IGN").get(null);
    } catch (ReflectiveOperationException e) {
      return false; // a Java without these classes has no handlers either
    }
  }

  private static void received(StopSignal signal) {
    synchronized (ONE_SIGNAL) {
      if (asked != null || exiting) {
        System.err.println("a second signal: ends at once");
        Runtime.getRuntime().halt(signal.exitCode());
      }
      exiting = WORK.isEmpty();
      asked = exiting ? null : signal;
    }
    if (exiting) {
      System.exit(signal.exitCode());
    }
    System.err.printf(
        "%n%s: stops as soon as its state is saved; a second signal ends it at once%n", signal);
    while (!WORK.isEmpty()) {
      WORK.forEach(Work::cancel);
      pause();
    }
  }

  /** Begins work that looks at the request. */
  public static Scope during(Work work) {
    WORK.add(work);
    return () -> WORK.remove(work);
  }

  /** The signal, if one has asked to stop. */
  public static Optional<StopSignal> asked() {
    return Optional.ofNullable(asked);
  }

  /**
   * Does nothing unless a signal has asked to stop.
   *
   * @throws StoppedException if one has
   */
  public static void check() {
    asked()
        .ifPresent(
            signal -> {
              throw new StoppedException(signal);
            });
  }

  /** After a request, waits until cancelled parts write no more files; else returns at once. */
  public static void settle() {
    while (asked != null && WORK.stream().anyMatch(Work::isBusy)) {
      pause();
    }
  }

  private static void pause() {
    try {
      Thread.sleep(BETWEEN_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
