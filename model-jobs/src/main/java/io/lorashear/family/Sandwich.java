package io.lorashear.family;

import io.lorashear.graph.Value;

/**
 * A layer whose two blocks stand between two norms each, as Gemma's have since the second.
 *
 * <pre>
 *   x ← x + norm(attention(norm(x))),   x ← x + norm(mlp(norm(x)))        norm: (1 + w) · x/rms(x)
 * </pre>
 */
record Sandwich(Block attention, Block mlp) implements Block {

  @Override
  public Value write(Layer at, Value x) {
    var h =
        at.addAttention(
            x,
            () -> {
              var a = attention.write(at, at.rmsNorm(x, "input_layernorm", 1)); // (B, T, hidden)
              return at.rmsNorm(a, "post_attention_layernorm", 1); // (B, T, hidden)
            });
    return at.addMlp(
        h,
        () -> {
          var m = mlp.write(at, at.rmsNorm(h, "pre_feedforward_layernorm", 1)); // (B, T, hidden)
          return at.rmsNorm(m, "post_feedforward_layernorm", 1); // (B, T, hidden)
        });
  }
}
