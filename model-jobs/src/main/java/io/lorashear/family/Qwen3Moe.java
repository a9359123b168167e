package io.lorashear.family;

import io.lorashear.family.SelfAttention.Norm;
import io.lorashear.graph.ModelGraph;

/**
 * Qwen3 with experts (arXiv 2505.09388): Qwen3's attention, and in every layer many small MLPs of
 * which a router picks eight. Models with some plain layers among them are not known.
 */
final class Qwen3Moe implements Family {
  private static final Fields FIELDS =
      Fields.rotary(false, 1e-6, 10_000)
          .reads("attention_bias", false)
          .reads("hidden_act", "silu")
          .reads("norm_topk_prob", false)
          .reads("num_experts_per_tok", 8)
          .reads("num_key_value_heads", 4)
          .reads("sliding_window", 4096)
          .reads("use_sliding_window", false)
          .calls("num_local_experts", "num_experts")
          .reads("num_local_experts", 128)
          .callsOnly("intermediate_size", "moe_intermediate_size")
          .reads("intermediate_size", 768)
          .ignores("max_window_layers"); // and intermediate_size, of plain layers

  @Override
  public Fields fields() {
    return FIELDS;
  }

  @Override
  public ModelGraph trace(ModelConfig config) {
    boolean biased = config.flag("attention_bias");
    boolean windows = config.flag("use_sliding_window");
    return new Decoder(config)
        .plain(
            SelfAttention.plain()
                .biased(biased, biased)
                .normed(Norm.HEAD, 0)
                .sliding(layer -> windows),
            new Experts(
                "mlp",
                "gate_proj",
                "up_proj",
                "down_proj",
                config.activation("hidden_act"),
                config.flag("norm_topk_prob")));
  }
}
