package io.lorashear.run;

/** Reports the files that a stage leaves behind if the program exits before the stage ends. */
final class Stopped implements AutoCloseable {
  private final Thread hook;

  private Stopped(Thread hook) {
    this.hook = hook;
  }

  /** Reports from now on, until {@link #close}. */
  static Stopped tells(LeftBehind left) {
    var hook =
        new Thread(
            () ->
                System.err.printf(
                    "%nstopped: %s has not written %s. %s%n",
                    left.stage(), left.target(), left.text()),
            "stopped");
    Runtime.getRuntime().addShutdownHook(hook);
    return new Stopped(hook);
  }

  @Override
  public void close() {
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      // the shutdown has already begun
    }
  }
}
