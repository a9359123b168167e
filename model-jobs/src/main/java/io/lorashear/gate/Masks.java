package io.lorashear.gate;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.lorashear.optim.AdamSettings;
import io.lorashear.torch.engine.HostArrays;
import io.lorashear.torch.kernel.Arithmetic;
import java.util.List;

/**
 * The parameters of the groups of one axis, with Adam's two means (arXiv 1412.6980; decay as arXiv
 * 1711.05101).
 *
 * <pre>
 *   z ← z − η·δ·z
 *   a ← β₁a + (1 − β₁)g          b ← β₂b + (1 − β₂)g²
 *   z ← z − η · (a / (1 − β₁ⁿ)) / (√(b / (1 − β₂ⁿ)) + ε)
 * </pre>
 *
 * They are Java numbers, computed in double precision and kept in single precision, in which they
 * are saved.
 */
final class Masks {
  private final float[] parameters;
  private final float[] first;
  private final float[] second;
  private final NDArray saved; // (3, groups): the three above, as they were last saved

  /** Masks that start at {@code parameters}; their copy for a saved state is in {@code manager}. */
  Masks(float[] parameters, NDManager manager) {
    this.parameters = parameters.clone();
    this.first = new float[parameters.length];
    this.second = new float[parameters.length];
    this.saved = manager.zeros(new Shape(3, parameters.length));
  }

  /** z of every group; live. */
  float[] parameters() {
    return parameters;
  }

  /**
   * One step against {@code gradient}.
   *
   * @param n number of steps, this one included
   */
  void descend(double[] gradient, long n, double rate, AdamSettings adam, MaskRule rule) {
    double firstWeight = 1 - Math.pow(adam.beta1(), (double) n);
    double secondWeight = 1 - Math.pow(adam.beta2(), (double) n);
    for (int g = 0; g < parameters.length; g++) {
      double slope = gradient[g];
      double a = adam.beta1() * first[g] + (1 - adam.beta1()) * slope;
      double b = adam.beta2() * second[g] + (1 - adam.beta2()) * slope * slope;
      double step = a / firstWeight / (Math.sqrt(b / secondWeight) + adam.epsilon());
      first[g] = (float) a;
      second[g] = (float) b;
      double z = parameters[g] * (1 - rate * adam.decay()) - rate * step;
      parameters[g] = (float) rule.bounded(z);
    }
  }

  /** The array for a saved state, with the current values. */
  NDArray saved() {
    int n = parameters.length;
    var all = new float[3 * n];
    System.arraycopy(parameters, 0, all, 0, n);
    System.arraycopy(first, 0, all, n, n);
    System.arraycopy(second, 0, all, 2 * n, n);
    try (var scope = saved.getManager().newSubManager()) {
      var sent = HostArrays.send(scope, all, saved.getShape());
      Arithmetic.copy(List.of(saved), List.of(sent));
    }
    return saved;
  }

  /** Restores the values from {@link #saved}. */
  void restore() {
    var all = HostArrays.floats(saved);
    int n = parameters.length;
    System.arraycopy(all, 0, parameters, 0, n);
    System.arraycopy(all, n, first, 0, n);
    System.arraycopy(all, 2 * n, second, 0, n);
  }
}
