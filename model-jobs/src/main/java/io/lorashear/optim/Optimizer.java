package io.lorashear.optim;

import ai.djl.ndarray.NDArray;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Map;

/**
 * Turns the gradients of its weights into a step. Besides the initial weights, a resumed run needs
 * only {@link #arrays()} and {@link #values()} to continue bit for bit; no other state is kept from
 * step to step.
 */
public interface Optimizer {

  /** The weights that need gradients, by name; live. */
  Map<String, NDArray> weights();

  /** Changes gradients before their norm is taken; most optimizers leave them as they are. */
  default void prepareGradients() {}

  /** One step along the gradients, which are left unchanged. */
  void step(double learningRate);

  /**
   * Arrays of the state by name; of the weights, what training has changed. They are float32 and
   * valid until the next call. A resumed run calls {@link #expect}, overwrites the content of
   * these, and calls {@link #restore}.
   */
  Map<String, NDArray> arrays();

  /**
   * Gives {@link #arrays()} the names and shapes of the state that {@code values} are from. If
   * these are the same at every step there is nothing to do.
   */
  default void expect(ObjectNode values) {}

  /** A short text on its progress, shown next to the loss; empty if there is nothing to say. */
  default String standing() {
    return "";
  }

  /** The same as numbers by name. */
  default Map<String, Double> measured() {
    return Map.of();
  }

  /** The rest of the state. */
  ObjectNode values();

  /** Restores the state that {@link #values()} and {@link #arrays()} returned. */
  void restore(ObjectNode values);
}
