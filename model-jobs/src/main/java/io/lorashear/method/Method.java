package io.lorashear.method;

/** The methods that can be asked for by name. */
public enum Method {
  LHSPG,
  SHEARED_LLAMA,
  DDP,
  TAYLOR,
  FISHER,
  MAGNITUDE,
  RANDOM;

  /** The method itself. */
  public PruningMethod method() {
    return switch (this) {
      case LHSPG -> new LhspgMethod();
      case SHEARED_LLAMA -> GateMethod.sheared();
      case DDP -> GateMethod.ddp();
      case TAYLOR -> OneShot.taylor();
      case FISHER -> OneShot.fisher();
      case MAGNITUDE -> OneShot.magnitude();
      case RANDOM -> OneShot.random();
    };
  }

  /** Whether masks learn, on the matrices that read the groups. */
  public boolean gates() {
    return this == SHEARED_LLAMA || this == DDP;
  }
}
