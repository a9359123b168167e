package io.lorashear.graph;

/** An elementwise function of one value. A zero channel stays zero only if f(0) = 0. */
public enum Activation {
  SILU(true),
  GELU(true),
  /** The tanh approximation of GELU. */
  GELU_TANH(true),
  RELU(true),
  TANH(true),
  SIGMOID(false);

  private final boolean keepsZero;

  Activation(boolean keepsZero) {
    this.keepsZero = keepsZero;
  }

  /** Whether f(0) = 0. */
  public boolean keepsZero() {
    return keepsZero;
  }
}
