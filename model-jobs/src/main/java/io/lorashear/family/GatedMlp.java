package io.lorashear.family;

import io.lorashear.graph.Activation;
import io.lorashear.graph.Value;

/** {@code down(f(gate(x)) · up(x))}. */
record GatedMlp(Activation function, boolean biased) implements Block {

  @Override
  public Value write(Layer at, Value x) {
    var g = at.g();
    int channels = at.widths().channels();
    return g.scope(
        "mlp",
        () -> {
          var gate = at.linear(x, "mlp.gate_proj", biased, channels); // (B, T, channels)
          var up = at.linear(x, "mlp.up_proj", biased, channels); // (B, T, channels)
          var inner = g.multiply(g.activate(gate, function), up); // (B, T, channels)
          return at.linear(inner, "mlp.down_proj", biased, at.config().hiddenSize());
        });
  }
}
