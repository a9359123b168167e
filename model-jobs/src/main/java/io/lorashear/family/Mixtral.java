package io.lorashear.family;

import io.lorashear.graph.ModelGraph;

/**
 * Mixtral 8x7B (arXiv 2401.04088): Mistral with several MLPs per layer, of which a router picks two
 * for every token.
 */
final class Mixtral implements Family {
  private static final Fields FIELDS =
      Fields.rotary(false, 1e-5, 1_000_000)
          .reads("hidden_act", "silu")
          .reads("num_experts_per_tok", 2)
          .reads("num_key_value_heads", 8)
          .reads("num_local_experts", 8)
          .reads("sliding_window")
          .repeats("sliding_window_size", "sliding_window");

  @Override
  public Fields fields() {
    return FIELDS;
  }

  @Override
  public ModelGraph trace(ModelConfig config) {
    var function = config.activation("hidden_act");
    return new Decoder(config)
        .plain(
            SelfAttention.plain(),
            new Experts("block_sparse_moe", "w1", "w3", "w2", function, true));
  }
}
