package io.lorashear.run;

/** Tells what a stage has left when the program is stopped by a signal before its end. */
final class Stopped implements AutoCloseable {
  private final Thread hook;

  private Stopped(Thread hook) {
    this.hook = hook;
  }

  /** From now on; {@link #close} ends it. */
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
      // it runs already
    }
  }
}
