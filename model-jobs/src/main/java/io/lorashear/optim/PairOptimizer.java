package io.lorashear.optim;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lorashear.compress.WidthPlan;

/** Trains LoRA pairs and meanwhile zeroes removal groups in the frozen weights. */
public interface PairOptimizer extends Optimizer {

  /**
   * Ends the run: folds A and B into the weights and returns the groups that are zero.
   *
   * @throws IllegalStateException when steps are still to be done
   */
  WidthPlan finish();

  /** Figures of the run. */
  ObjectNode figures();
}
