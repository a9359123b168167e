package io.lorashear.family;

import io.lorashear.graph.ModelGraph;

/**
 * Llama 1, 2 and 3 (arXiv 2302.13971, 2307.09288, 2407.21783), with the scaled rotary frequencies
 * of Llama 3.1 and optional biases.
 *
 * <pre>
 *   x ← embed(ids)
 *   x ← x + o(attention(rotary(q(n)), rotary(k(n)), v(n)))    n = norm(x)
 *   x ← x + down(silu(gate(n)) · up(n))                       n = norm(x)
 *   logits ← head(norm(x))
 * </pre>
 */
final class Llama implements Family {
  private static final Fields FIELDS =
      Fields.rotary(false, 1e-6, 10_000)
          .reads("attention_bias", false)
          .reads("hidden_act", "silu")
          .reads("mlp_bias", false);

  @Override
  public Fields fields() {
    return FIELDS;
  }

  @Override
  public ModelGraph trace(ModelConfig config) {
    boolean biased = config.flag("attention_bias");
    return new Decoder(config)
        .plain(
            SelfAttention.plain().biased(biased, biased),
            new GatedMlp(config.activation("hidden_act"), config.flag("mlp_bias")));
  }
}
