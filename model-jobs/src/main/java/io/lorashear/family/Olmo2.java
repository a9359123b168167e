package io.lorashear.family;

import io.lorashear.family.SelfAttention.Norm;
import io.lorashear.graph.ModelGraph;
import io.lorashear.graph.Value;

/**
 * OLMo 2 (arXiv 2501.00656): a norm after each block instead of before it, and norms over the whole
 * width of q and k.
 *
 * <pre>
 *   x ← embed(ids)
 *   x ← x + norm(attention(x)),   x ← x + norm(mlp(x))
 *   logits ← head(norm(x))
 * </pre>
 */
final class Olmo2 implements Family {
  private static final Fields FIELDS =
      Fields.rotary(false, 1e-5, 10_000).reads("attention_bias", false).reads("hidden_act", "silu");

  /** A layer's two blocks, each followed by a norm. */
  private record PostNorm(Block attention, Block mlp) implements Block {
    @Override
    public Value write(Layer at, Value x) {
      var h =
          at.addAttention(
              x,
              () -> {
                var a = attention.write(at, x); // (B, T, hidden)
                return at.rmsNorm(a, "post_attention_layernorm", 0); // (B, T, hidden)
              });
      return at.addMlp(
          h,
          () -> {
            var m = mlp.write(at, h); // (B, T, hidden)
            return at.rmsNorm(m, "post_feedforward_layernorm", 0); // (B, T, hidden)
          });
    }
  }

  @Override
  public Fields fields() {
    return FIELDS;
  }

  @Override
  public ModelGraph trace(ModelConfig config) {
    boolean biased = config.flag("attention_bias");
    var attention = SelfAttention.plain().biased(biased, biased).normed(Norm.WIDTH, 0);
    var mlp = new GatedMlp(config.activation("hidden_act"), false);
    var d = new Decoder(config);
    var x = d.layers(d.embed(), new PostNorm(attention, mlp)); // (B, T, hidden)
    return d.g().build(d.head(d.norm(x, 0))); // (B, T, vocabulary)
  }
}
