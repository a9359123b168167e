package io.lorashear.optim;

import ai.djl.ndarray.NDArray;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Map;

/**
 * Turns the gradients of its weights into a step. What a resumed run needs to continue bit for bit
 * beside the weights that it began with is in {@link #arrays()} and {@link #values()}; nothing else
 * is remembered from step to step.
 */
public interface Optimizer {

  /** The weights that gradients are wanted for, by name; live. */
  Map<String, NDArray> weights();

  /** Changes gradients before their norm is taken; most optimizers leave them as they are. */
  default void prepareGradients() {}

  /** One step along the gradients, which stay as they are. */
  void step(double learningRate);

  /**
   * Arrays of the state by name, of weights what training has changed; float32, valid until the
   * next call. A resumed run calls {@link #expect}, overwrites the content of these, and calls
   * {@link #restore}.
   */
  Map<String, NDArray> arrays();

  /**
   * Makes {@link #arrays()} those of the state that gave {@code values}; where their names are the
   * same at every step there is nothing to do.
   */
  default void expect(ObjectNode values) {}

  /** Where it stands beside the loss, for whoever waits; empty where there is nothing to tell. */
  default String standing() {
    return "";
  }

  /** The same as figures by name. */
  default Map<String, Double> measured() {
    return Map.of();
  }

  /** The rest of the state. */
  ObjectNode values();

  /** Takes back what {@link #values()} and {@link #arrays()} gave. */
  void restore(ObjectNode values);
}
