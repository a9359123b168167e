package io.lorashear.optim;

import ai.djl.ndarray.NDArray;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Map;

/**
 * Turns the gradients of its weights into a step. What a resumed run needs to go on bit for bit is
 * in {@link #arrays()} and {@link #values()}; nothing else is remembered from step to step.
 */
public interface Optimizer {

  /** The weights that gradients are wanted for, by name; live. */
  Map<String, NDArray> weights();

  /** Changes gradients before their norm is taken; most optimizers leave them as they are. */
  default void prepareGradients() {}

  /** One step along the gradients, which stay as they are. */
  void step(double learningRate);

  /**
   * Arrays of the state by name, weights included; live, float32, the same names at every step. A
   * resumed run overwrites their content before it calls {@link #restore}.
   */
  Map<String, NDArray> arrays();

  /** The rest of the state. */
  ObjectNode values();

  /** Takes back what {@link #values()} gave. */
  void restore(ObjectNode values);
}
