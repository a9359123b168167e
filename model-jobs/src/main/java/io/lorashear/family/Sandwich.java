package io.lorashear.family;

import io.lorashear.graph.Value;

/**
 * A layer with a norm before and after each of its two blocks, as in Gemma since its second
 * version.
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
