package io.lorashear.optim;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lorashear.compress.WidthPlan;

/** Trains LoRA's pairs, and takes removal groups out of the frozen weights on the way. */
public interface PairOptimizer extends Optimizer {

  /**
   * Ends the run: folds what A and B have learnt, and says what is zero.
   *
   * @throws IllegalStateException when steps are missing
   */
  WidthPlan finish();

  /** Figures of the run. */
  ObjectNode figures();
}
