package io.lorashear.method;

/** The methods that can be asked for by name. */
public enum Method {
  LHSPG,
  TAYLOR,
  FISHER,
  MAGNITUDE,
  RANDOM;

  /** The method itself. */
  public PruningMethod method() {
    return switch (this) {
      case LHSPG -> new LhspgMethod();
      case TAYLOR -> OneShot.taylor();
      case FISHER -> OneShot.fisher();
      case MAGNITUDE -> OneShot.magnitude();
      case RANDOM -> OneShot.random();
    };
  }
}
