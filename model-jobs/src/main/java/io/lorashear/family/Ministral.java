package io.lorashear.family;

import io.lorashear.graph.ModelGraph;

/** Ministral 8B: Mistral with a sliding window in some layers only. */
final class Ministral implements Family {
  private static final Fields FIELDS =
      Fields.rotary(false, 1e-6, 10_000)
          .reads("num_key_value_heads", 8)
          .reads("hidden_act", "silu")
          .reads("layer_types")
          .reads("sliding_window", 4096)
          .repeats("sliding_window_size", "sliding_window");

  @Override
  public Fields fields() {
    return FIELDS;
  }

  @Override
  public ModelGraph trace(ModelConfig config) {
    return new Decoder(config)
        .plain(SelfAttention.plain(), new GatedMlp(config.activation("hidden_act"), false));
  }
}
