package io.lorashear.family;

import io.lorashear.family.SelfAttention.Norm;
import io.lorashear.graph.ModelGraph;

/**
 * Qwen3 (arXiv 2505.09388), dense: Llama with a norm on every head of q and k. The head dimension
 * need not be hidden size / heads.
 */
final class Qwen3 implements Family {
  private static final Fields FIELDS =
      Qwen2.windowed(Fields.rotary(false, 1e-6, 10_000))
          .reads("head_dim", 128)
          .reads("attention_bias", false);

  @Override
  public Fields fields() {
    return FIELDS;
  }

  @Override
  public ModelGraph trace(ModelConfig config) {
    boolean biased = config.flag("attention_bias");
    return new Decoder(config)
        .plain(
            SelfAttention.plain()
                .biased(biased, biased)
                .normed(Norm.HEAD, 0)
                .sliding(Qwen2.windows(config)),
            new GatedMlp(config.activation("hidden_act"), false));
  }
}
