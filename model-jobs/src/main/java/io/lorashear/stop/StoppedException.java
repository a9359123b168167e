package io.lorashear.stop;

/**
 * Work ended because a signal asked for it. The message says what was not finished and how to go
 * on; commands print it alone and exit with the code of {@link StopSignal#exitCode}.
 */
public final class StoppedException extends RuntimeException {
  private static final long serialVersionUID = 1;

  /** Work that has nothing to add. */
  StoppedException(StopSignal signal) {
    super("stopped by " + signal + "; the same command goes on");
  }

  /**
   * A stage that was stopped.
   *
   * @param how which work was not finished, and how to go on
   * @param cause what ended it: a {@link StoppedException}, or the failure of a cancelled job
   */
  public StoppedException(StopSignal signal, String how, Throwable cause) {
    super("stopped by " + signal + ": " + how, cause);
  }
}
