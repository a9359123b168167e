package io.lorashear.stop;

/** A signal that asks the process to stop. */
public enum StopSignal {
  /** From {@code kill}, a service manager or a cluster. */
  SIGTERM("TERM", 15),

  /** From Ctrl-C. */
  SIGINT("INT", 2);

  private static final int BY_SIGNAL = 128;

  private final String shortName;
  private final int number;

  StopSignal(String shortName, int number) {
    this.shortName = shortName;
    this.number = number;
  }

  /** Its name without SIG. */
  String shortName() {
    return shortName;
  }

  /** Exit code of a process that it has ended: 128 and its number. */
  public int exitCode() {
    return BY_SIGNAL + number;
  }
}
