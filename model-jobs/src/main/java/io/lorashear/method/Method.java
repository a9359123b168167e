package io.lorashear.method;

import java.util.function.Supplier;

/** The pruning methods, by their names in settings. */
public enum Method {
  LHSPG(LhspgMethod::new),
  LORA_PRUNE(LoraPruneMethod::new),
  SHEARED_LLAMA(GateMethod::sheared),
  DDP(GateMethod::ddp),
  TAYLOR(Taylor::new),
  FISHER(Fisher::new),
  MAGNITUDE(Magnitude::new),
  RANDOM(Chance::new),
  DEPTH(Depth::new),
  LLM_PRUNER(LlmPruner::new),
  WANDA_SP(WandaSp::new),
  FLAP(Flap::new),
  OBS(Obs::new);

  private final Supplier<PruningMethod> method;

  Method(Supplier<PruningMethod> method) {
    this.method = method;
  }

  /** The method itself. */
  public PruningMethod method() {
    return method.get();
  }

  /** Whether the method trains masks on the matrices that read the groups. */
  public boolean gates() {
    return this == SHEARED_LLAMA || this == DDP;
  }
}
