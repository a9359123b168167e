package io.lorashear.family;

import io.lorashear.graph.Value;

/**
 * A layer with a norm before each of its two blocks.
 *
 * <pre>
 *   x ← x + attention(norm(x))
 *   x ← x + mlp(norm(x))
 * </pre>
 *
 * @param offset added to the norms' stored weights
 */
record PreNorm(Block attention, Block mlp, double offset) implements Block {

  @Override
  public Value write(Layer at, Value x) {
    var h =
        at.addAttention(
            x,
            () -> {
              var n = at.rmsNorm(x, "input_layernorm", offset); // (B, T, hidden)
              return attention.write(at, n); // (B, T, hidden)
            });
    return at.addMlp(
        h,
        () -> {
          var m = at.rmsNorm(h, "post_attention_layernorm", offset); // (B, T, hidden)
          return mlp.write(at, m); // (B, T, hidden)
        });
  }
}
