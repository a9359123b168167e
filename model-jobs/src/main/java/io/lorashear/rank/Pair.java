package io.lorashear.rank;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.lorashear.lora.LoraBinding;
import java.util.List;
import java.util.function.Function;

/**
 * A pair in training: component j is row j of A and column j of B.
 *
 * @param a A (r, in), live
 * @param b B (out, r), live
 */
record Pair(LoraBinding binding, NDArray a, NDArray b) {

  static List<Pair> of(List<LoraBinding> bindings, Function<String, NDArray> parameter) {
    return bindings.stream()
        .map(at -> new Pair(at, parameter.apply(at.a()), parameter.apply(at.b())))
        .toList();
  }

  /** G_A (r, in), live. */
  NDArray gradientOfA(NDManager scope) {
    return gradient(scope, a);
  }

  /** G_B (out, r), live. */
  NDArray gradientOfB(NDManager scope) {
    return gradient(scope, b);
  }

  private static NDArray gradient(NDManager scope, NDArray factor) {
    var gradient = factor.getGradient();
    gradient.attach(scope);
    return gradient;
  }

  /** r, including removed components. */
  int rank() {
    return (int) a.getShape().get(0);
  }
}
